//! The built-in sink: records wait in files, and a thread delivers them.

use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, TryLockError};
use std::thread;
use std::time::Duration;

use crate::config::{Destination, Settings, environment};
use crate::delivery::Courier;
use crate::error::InitError;
use crate::notice::{Notice, Notices};
use crate::processor::{Processor, Processors};
use crate::quarantine::Quarantine;
use crate::queue::{Lost, Queue};
use crate::record::Record;
use crate::sink::{FlushError, Sink, Statistics};
use crate::source::defined_source;
use crate::span::Frame;
use crate::storage::Storage;
use crate::termination;

/// Sends frames to an MLflow server, from a thread of its own.
#[derive(Debug)]
pub(crate) struct Exporter {
    running: Running,
    process: u32,
    /// The one of a child that `fork` made of this process. The child has none of its threads, and may have any of its locks in the
    /// hands of one that is not there: nothing of `running` is touched that can be locked.
    child: OnceLock<Box<Exporter>>,
    /// Records of a child that could not start one.
    lost: AtomicU64,
}

/// What works in one process.
#[derive(Debug)]
struct Running {
    queue: Arc<Queue>,
    notices: Notices,
    processors: Arc<Processors>,
    quarantine: Quarantine,
    target: RwLock<Target>,
    /// What tracing was turned on with.
    first: Target,
}

/// Where frames go to.
#[derive(Debug, Clone)]
struct Target {
    settings: Settings,
    destination: Arc<Destination>,
}

impl Running {
    /// Starts the thread, which waits for the first frame.
    fn start(
        target: Target,
        storage: Storage,
        processors: Processors,
        notices: Notices,
        quarantine: Quarantine,
    ) -> Result<Self, InitError> {
        let queue = Arc::new(Queue::new(storage));
        queue.note_place(target.destination.clone());
        let processors = Arc::new(processors);
        let courier = Courier::new(
            queue.clone(),
            notices.clone(),
            processors.clone(),
            quarantine.clone(),
        )
        .map_err(InitError::Thread)?;
        thread::Builder::new()
            .name("instructor-mlflow".into())
            .spawn(|| {
                // So that no call waits for it.
                defined_source();
                courier.run();
            })
            .map_err(InitError::Thread)?;
        Ok(Running {
            queue,
            notices,
            processors,
            quarantine,
            first: target.clone(),
            target: RwLock::new(target),
        })
    }

    /// The same in a child of this process.
    fn again(&self) -> Result<Self, InitError> {
        let notices = self.notices.of_another_process();
        let processors = self.processors.with_notices(notices.clone());
        let storage = self.queue.storage().clone();
        Running::start(
            self.known_target(),
            storage,
            processors,
            notices,
            self.quarantine.clone(),
        )
    }

    /// The target, for a child, in which nobody may be there to unlock it.
    fn known_target(&self) -> Target {
        match self.target.try_read() {
            Ok(target) => target.clone(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().clone(),
            Err(TryLockError::WouldBlock) => self.first.clone(),
        }
    }

    fn target(&self) -> Target {
        let target = self.target.read();
        target.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Exporter {
    /// Starts the thread, which waits for the first frame.
    pub(crate) fn start(
        settings: Settings,
        storage: Storage,
        processors: Vec<Processor>,
        notices: Notices,
        quarantine: Quarantine,
    ) -> Result<Self, InitError> {
        let destination = Arc::new(settings.clone().resolve(environment)?);
        let target = Target {
            settings,
            destination,
        };
        let processors = Processors::new(processors, notices.clone());
        let running = Running::start(target, storage, processors, notices, quarantine)?;
        Ok(Exporter::of_this_process(running))
    }

    fn of_this_process(running: Running) -> Self {
        Exporter {
            running,
            process: process::id(),
            child: OnceLock::new(),
            lost: AtomicU64::new(0),
        }
    }

    /// What works in this process; `None` in a child that has recorded nothing.
    fn known(&self) -> Option<&Running> {
        match self.is_of_this_process() {
            true => Some(&self.running),
            false => self.child.get()?.known(),
        }
    }

    /// The same, started if it is not there.
    fn running(&self) -> Result<&Running, InitError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        if let Some(child) = self.child.get() {
            return child.running();
        }
        termination::end_without_flush();
        // Of two that start one at the same time, one is dropped, which ends it.
        let child = Box::new(Exporter::of_this_process(self.running.again()?));
        self.child.get_or_init(|| child).running()
    }

    fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }

    /// Where and how many may wait.
    pub(crate) fn storage(&self) -> &Storage {
        self.running.queue.storage()
    }

    /// Removes the files in which nothing waits.
    pub(crate) fn tidy(&self) {
        if let Some(running) = self.known() {
            running.queue.tidy();
        }
    }

    /// Where the frames of calls that finish now go to.
    pub(crate) fn destination(&self) -> Arc<Destination> {
        let target = match self.known() {
            Some(running) => running.target(),
            None => self.running.known_target(),
        };
        target.destination
    }

    /// Sends the frames of calls that finish from now on to another place.
    pub(crate) fn redirect(&self, settings: Settings) -> Result<(), InitError> {
        let running = self.running()?;
        let settings = settings.or(running.target().settings);
        let destination = Arc::new(settings.clone().resolve(environment)?);
        running.queue.note_place(destination.clone());
        let mut target = running
            .target
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *target = Target {
            settings,
            destination,
        };
        Ok(())
    }
}

impl Sink for Exporter {
    fn accept(&self, frame: Frame) {
        let Ok(running) = self.running() else {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let destination = running.target().destination;
        let record = Record::of(&frame, &destination);
        let record = record.prepare(&destination, &running.processors);
        match running.queue.push(&destination, record) {
            Ok(_) | Err(Lost::Closed) => {}
            Err(Lost::Full) => running.notices.say(&Notice::Full(self.storage().clone())),
            Err(Lost::TooLong { length, most }) => {
                running.notices.say(&Notice::TooLong { length, most });
            }
        }
    }

    fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        self.known()
            .map_or(Ok(()), |running| running.queue.flush(timeout))
    }

    fn statistics(&self) -> Statistics {
        let known = self.known().map(|running| Statistics {
            withheld: running.processors.withheld(),
            ..running.queue.statistics()
        });
        let mut statistics = known.unwrap_or_default();
        let lost = self.lost.load(Ordering::Relaxed);
        statistics.emitted += lost;
        statistics.dropped += lost;
        statistics
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if self.is_of_this_process() {
            self.running.queue.close();
        }
    }
}
