//! The built-in sink: records wait in files, and a thread delivers them.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
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

/// Sends frames to an MLflow server, from a thread of its own.
#[derive(Debug)]
pub(crate) struct Exporter {
    queue: Arc<Queue>,
    notices: Notices,
    processors: Arc<Processors>,
    settings: Mutex<Settings>,
    destination: RwLock<Arc<Destination>>,
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
        let destination = settings.clone().resolve(environment)?;
        let queue = Arc::new(Queue::new(storage));
        let destination = Arc::new(destination);
        queue.note_place(destination.clone());
        let processors = Arc::new(Processors::new(processors, notices.clone()));
        let courier = Courier::new(
            queue.clone(),
            notices.clone(),
            processors.clone(),
            quarantine,
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
        Ok(Exporter {
            queue,
            notices,
            processors,
            settings: Mutex::new(settings),
            destination: RwLock::new(destination),
        })
    }

    /// Where and how many may wait.
    pub(crate) fn storage(&self) -> &Storage {
        self.queue.storage()
    }

    /// Removes the files in which nothing waits.
    pub(crate) fn tidy(&self) {
        self.queue.tidy();
    }

    /// Where the frames of calls that finish now go to.
    pub(crate) fn destination(&self) -> Arc<Destination> {
        self.destination
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sends the frames of calls that finish from now on to another place.
    pub(crate) fn redirect(&self, settings: Settings) -> Result<(), InitError> {
        let mut current = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = settings.or(current.clone());
        let destination = settings.clone().resolve(environment)?;
        *current = settings;
        let destination = Arc::new(destination);
        self.queue.note_place(destination.clone());
        *self
            .destination
            .write()
            .unwrap_or_else(PoisonError::into_inner) = destination;
        Ok(())
    }
}

impl Sink for Exporter {
    fn accept(&self, frame: Frame) {
        let destination = self.destination();
        let record = Record::of(&frame, &destination).encoded();
        match self.queue.push(&destination, &record) {
            Ok(_) => {}
            Err(Lost::Full) => self
                .notices
                .say(&Notice::Full(self.queue.storage().clone())),
            Err(Lost::TooLong { length, most }) => {
                self.notices.say(&Notice::TooLong { length, most });
            }
            Err(Lost::Closed) => {}
        }
    }

    fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        self.queue.flush(timeout)
    }

    fn statistics(&self) -> Statistics {
        Statistics {
            withheld: self.processors.withheld(),
            ..self.queue.statistics()
        }
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        self.queue.close();
    }
}
