//! The built-in sink: records wait in files, and a thread delivers them.

use std::process;
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
        let target = match self.target.try_read() {
            Ok(target) => target.clone(),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().clone(),
            Err(TryLockError::WouldBlock) => self.first.clone(),
        };
        let notices = self.notices.of_another_process();
        let processors = self.processors.with_notices(notices.clone());
        let storage = self.queue.storage().clone();
        Running::start(
            target,
            storage,
            processors,
            notices,
            self.quarantine.clone(),
        )
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
        }
    }

    fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }

    /// What works in this process, which is started if it is a new one.
    fn running(&self) -> &Running {
        if self.is_of_this_process() {
            return &self.running;
        }
        if let Some(child) = self.child.get() {
            return child.running();
        }
        termination::end_without_flush();
        match self.running.again() {
            Ok(running) => {
                let child = || Box::new(Exporter::of_this_process(running));
                self.child.get_or_init(child).running()
            }
            // Without a thread what is written down waits for the next process.
            Err(_) => &self.running,
        }
    }

    /// Where and how many may wait.
    pub(crate) fn storage(&self) -> &Storage {
        self.running.queue.storage()
    }

    /// Removes the files in which nothing waits.
    pub(crate) fn tidy(&self) {
        self.running().queue.tidy();
    }

    /// Where the frames of calls that finish now go to.
    pub(crate) fn destination(&self) -> Arc<Destination> {
        self.running().target().destination
    }

    /// Sends the frames of calls that finish from now on to another place.
    pub(crate) fn redirect(&self, settings: Settings) -> Result<(), InitError> {
        let running = self.running();
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
        let running = self.running();
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
        self.running().queue.flush(timeout)
    }

    fn statistics(&self) -> Statistics {
        let running = self.running();
        Statistics {
            withheld: running.processors.withheld(),
            ..running.queue.statistics()
        }
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        if self.is_of_this_process() {
            self.running.queue.close();
        }
    }
}
