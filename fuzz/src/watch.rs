//! Ends the program if an input takes too long, which the engine for stable Rust would wait for forever.

use std::fmt::Debug;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How long an input may take. One takes microseconds; the rest is for a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Watches over the inputs of a target.
pub struct Watch<T> {
    current: Arc<Mutex<Option<(Instant, T)>>>,
}

impl<T: Debug + Send + 'static> Watch<T> {
    /// Starts to watch, until this value is dropped.
    pub fn start() -> Self {
        let current = Arc::new(Mutex::new(None));
        let watched = Arc::downgrade(&current);
        thread::spawn(move || {
            while let Some(current) = watched.upgrade() {
                end_if_late(&current);
                drop(current);
                thread::sleep(PATIENCE / 10);
            }
        });
        Watch { current }
    }

    /// Does the work that `input` is for.
    pub fn over<R>(&self, input: T, work: impl FnOnce() -> R) -> R {
        *lock(&self.current) = Some((Instant::now(), input));
        let _end = End(&self.current);
        work()
    }
}

/// Takes the input away when the work is done, or has panicked.
struct End<'a, T>(&'a Mutex<Option<T>>);

impl<T> Drop for End<'_, T> {
    fn drop(&mut self) {
        *lock(self.0) = None;
    }
}

fn end_if_late<T: Debug>(current: &Mutex<Option<(Instant, T)>>) {
    if let Some((start, input)) = &*lock(current)
        && start.elapsed() > PATIENCE
    {
        eprintln!("more than {PATIENCE:?} for {input:?}");
        process::exit(1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
