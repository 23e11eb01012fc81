//! SIGTERM, where the program has asked for that: what is waiting is delivered before the process ends.

use std::sync::Arc;
use std::time::Duration;

use crate::error::InitError;
use crate::process::Pipeline;

/// Delivers what waits in `pipeline` before SIGTERM ends the process, for at most `timeout`.
///
/// # Errors
///
/// If the signal cannot be waited for.
pub(crate) fn flush_before(pipeline: &Arc<Pipeline>, timeout: Duration) -> Result<(), InitError> {
    #[cfg(unix)]
    unix::flush_before(pipeline, timeout).map_err(InitError::Signal)?;
    // There is no such signal.
    #[cfg(not(unix))]
    let _ = (pipeline, timeout);
    Ok(())
}

/// Has SIGTERM end this process at once: it is the child of a `fork`, which has no thread that would hear of it.
pub(crate) fn end_without_flush() {
    #[cfg(unix)]
    unix::end_without_flush();
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::mem;
    use std::process;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
    use std::thread;
    use std::time::{Duration, Instant};

    use signal_hook::consts::SIGTERM;
    use signal_hook::flag;
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use crate::guard;
    use crate::process::Pipeline;

    struct Waiting {
        /// The process whose thread it is: a child of `fork` has none.
        process: Option<u32>,
        pipelines: Vec<(Weak<Pipeline>, Duration)>,
    }

    /// Of one thread for the process.
    static WAITING: Mutex<Waiting> = Mutex::new(Waiting {
        process: None,
        pipelines: Vec::new(),
    });

    /// A signal has come: the next one ends the process at once.
    static HAS_COME: OnceLock<Arc<AtomicBool>> = OnceLock::new();

    pub(super) fn flush_before(pipeline: &Arc<Pipeline>, timeout: Duration) -> io::Result<()> {
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        let this_process = Some(process::id());
        if waiting.process != this_process {
            start()?;
            waiting.process = this_process;
        }
        let pipeline = Arc::downgrade(pipeline);
        let is_other =
            |(known, _): &(Weak<Pipeline>, _)| known.strong_count() > 0 && !known.ptr_eq(&pipeline);
        waiting.pipelines.retain(is_other);
        waiting.pipelines.push((pipeline, timeout));
        Ok(())
    }

    fn start() -> io::Result<()> {
        let has_come = HAS_COME.get_or_init(Arc::default);
        // It is asked before the thread hears of the first.
        flag::register_conditional_default(SIGTERM, has_come.clone())?;
        let started = wait(has_come.clone());
        if started.is_err() {
            // Nobody would hear of one.
            has_come.store(true, Ordering::SeqCst);
        }
        started
    }

    pub(super) fn end_without_flush() {
        if let Some(has_come) = HAS_COME.get() {
            has_come.store(true, Ordering::SeqCst);
        }
    }

    fn wait(has_come: Arc<AtomicBool>) -> io::Result<()> {
        let mut signals = Signals::new([SIGTERM])?;
        let thread = thread::Builder::new().name("instructor-sigterm".to_owned());
        thread.spawn(move || {
            for _ in signals.forever() {
                has_come.store(true, Ordering::SeqCst);
                flush();
                // Nothing can be done about a signal that does not end the process.
                let _ = emulate_default_handler(SIGTERM);
            }
        })?;
        Ok(())
    }

    fn flush() {
        let begin = Instant::now();
        let mut waiting = WAITING.lock().unwrap_or_else(PoisonError::into_inner);
        let pipelines = mem::take(&mut waiting.pipelines);
        drop(waiting);
        for (pipeline, timeout) in pipelines {
            if let Some(pipeline) = pipeline.upgrade() {
                guard::finish(&pipeline, timeout.saturating_sub(begin.elapsed()));
            }
        }
    }
}
