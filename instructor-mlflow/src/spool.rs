//! A durable queue of opaque records, in files. `docs/spool.md` says what they look like, and what is promised.
//!
//! ```text
//! append ── books (memory) ── thread ── writer ── segment       SIGKILL takes nothing that is there
//!                                          │
//! exporter ── take ── reader ──────────────┘
//!    └─────── acknowledge ── books ── thread ── `acknowledged`, and finished segments go
//! ```
//!
//! `books` knows of every record and does no input or output; `thread` does it all for a spool of this process, so that no caller waits
//! for a disk longer than it wants to; `adoption` gives the same reader over the directory of a process that has ended.

mod acknowledged;
mod adoption;
mod append;
mod books;
mod definition;
mod directory;
mod disk;
mod entry;
mod error;
mod fields;
mod options;
mod quarantine;
mod reader;
mod segment;
mod shared;
mod statistics;
#[cfg(test)]
mod tests;
mod thread;
mod view;
mod writer;

use std::path::Path;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

pub(crate) use adoption::{Adopted, Adoption, Refused, adopt};
pub(crate) use definition::Definition;
pub(crate) use disk::{Disk, OsDisk};
pub(crate) use error::{
    AcknowledgeError, AppendError, FlushError, OpenError, StateTooLong, TakeError, Unusable,
};
pub(crate) use options::{Durability, Options, WhenFull};
pub(crate) use quarantine::Quarantine;
pub(crate) use reader::{Limits, Position, Taken};
pub(crate) use segment::MAX_LABEL_BYTES;
pub(crate) use statistics::Statistics;
pub(crate) use view::{View, views};

use reader::Reader;
use shared::{Shared, State};
use thread::WriterThread;

/// The longest state: 16 MiB.
pub(crate) const MAX_STATE_BYTES: usize = 16 * 1024 * 1024;

/// How long a spool that is dropped waits for its thread.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

/// Where a record is that was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    /// With the operating system: it survives the end of the process.
    Disk,
    /// In this process, which writes it as soon as the disk takes it.
    Memory,
}

/// The records of this process for one destination.
#[derive(Debug)]
pub(crate) struct Spool {
    shared: Arc<Shared>,
    reader: Mutex<Reader>,
    #[cfg(test)]
    quarantine: Quarantine,
    process: u32,
}

impl Spool {
    /// Begins a directory of its own below `root`, which is created if it is missing. A disk that refuses that is no error: the records
    /// wait in memory then, and it is tried again.
    ///
    /// # Errors
    ///
    /// If the label is too long, or no thread can be started.
    pub(crate) fn open(
        disk: Arc<dyn Disk>,
        root: &Path,
        options: Options,
    ) -> Result<Self, OpenError> {
        let durability = options.durability;
        let spool = Self::without_thread(disk, root, options)?;
        if durability != Durability::Off {
            let thread = WriterThread::new(spool.shared.clone());
            Builder::new()
                .name("instructor-spool".to_owned())
                .spawn(move || thread.run())
                .map_err(OpenError::Thread)?;
        }
        Ok(spool)
    }

    fn without_thread(
        disk: Arc<dyn Disk>,
        root: &Path,
        options: Options,
    ) -> Result<Self, OpenError> {
        let length = options.label.len();
        if length > MAX_LABEL_BYTES {
            let most = MAX_LABEL_BYTES;
            return Err(OpenError::LabelTooLong { length, most });
        }
        let quarantine = Quarantine::new(disk.clone(), root);
        Ok(Spool {
            reader: Mutex::new(Reader::new(disk.clone(), quarantine.clone())),
            shared: Arc::new(Shared::new(disk, root.to_owned(), options)),
            #[cfg(test)]
            quarantine,
            process: process::id(),
        })
    }

    /// Whether this process has opened it, and not one that it is a child of.
    pub(crate) fn is_of_this_process(&self) -> bool {
        process::id() == self.process
    }

    /// As if this were the child of a `fork`, which needs `unsafe`.
    #[cfg(test)]
    pub(crate) fn fork(&mut self) {
        self.process = process::id() + 1;
    }

    /// Before any lock is touched: a child of `fork` may find it held by a thread that it does not have.
    fn check_process(&self) -> Result<(), Unusable> {
        if !self.is_of_this_process() {
            return Err(Unusable::OtherProcess {
                opened_by: self.process,
            });
        }
        Ok(())
    }

    fn wait<'a>(
        &'a self,
        state: std::sync::MutexGuard<'a, State>,
        most: Duration,
    ) -> std::sync::MutexGuard<'a, State> {
        let waited = self.shared.progress.wait_timeout(state, most);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The next records, oldest first, those in memory too; none if all are taken. They are given again only to the next process, unless
    /// they are acknowledged.
    ///
    /// # Errors
    ///
    /// If a segment cannot be read. It is tried again from time to time, and passed over at last: then its records wait.
    pub(crate) fn take(&self, limits: Limits) -> Result<Vec<Taken>, TakeError> {
        self.check_process()?;
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.take(&*self.shared, limits).map_err(TakeError::Read)
    }

    /// When records can be taken again, if a segment could not be read.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.check_process().ok()?;
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.retry_at()
    }

    /// How many records can be taken, at most: some of those that were appended may be settled or dropped.
    pub(crate) fn untaken(&self) -> u64 {
        if self.check_process().is_err() {
            return 0;
        }
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.retry_at().is_some() {
            return 0;
        }
        self.shared
            .state()
            .books
            .next()
            .saturating_sub(reader.next())
    }

    /// How many records were appended that are or were kept.
    pub(crate) fn next(&self) -> u64 {
        match self.check_process() {
            Ok(()) => self.shared.state().books.next(),
            Err(_) => 0,
        }
    }

    /// Whether nothing is left of the first `records` that were kept.
    pub(crate) fn is_settled_before(&self, records: u64) -> bool {
        self.check_process().is_err() || self.shared.state().books.is_settled_before(records)
    }

    /// Begins again with the oldest record that is not acknowledged.
    ///
    /// # Errors
    ///
    /// If this is another process.
    #[cfg(test)]
    pub(crate) fn rewind(&self) -> Result<(), Unusable> {
        self.check_process()?;
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.rewind();
        Ok(())
    }

    /// Enters that records are done with, in any order: they were taken, or `rejected`, which means that nobody takes them. Keeps `state`
    /// with that: an adopter gets both as they were written down last, which happens after 100 records, after a second, and by `flush`.
    /// `None` leaves the state as it is.
    ///
    /// # Errors
    ///
    /// If the state is too long: then nothing is entered.
    pub(crate) fn settle(
        &self,
        taken: &[Position],
        rejected: &[Position],
        state: Option<&[u8]>,
    ) -> Result<(), AcknowledgeError> {
        self.check_process()?;
        StateTooLong::check(state)?;
        let mut shared = self.shared.state();
        let before = (shared.books.save_due(), shared.books.bytes_in_memory());
        shared.books.settle(taken, rejected, state, Instant::now());
        if shared.books.save_due() != before.0 {
            self.shared.wake(&mut shared);
        }
        // What was delivered from memory makes room there, and who has just appended it need not wait for the disk any more.
        if shared.books.bytes_in_memory() != before.1 {
            self.shared.progress.notify_all();
        }
        Ok(())
    }

    /// The same of records that were taken.
    #[cfg(test)]
    pub(crate) fn acknowledge(
        &self,
        positions: &[Position],
        state: Option<&[u8]>,
    ) -> Result<(), AcknowledgeError> {
        self.settle(positions, &[], state)
    }

    /// Waits until all that was appended is on disk, and what was acknowledged is written down; with `Durability::Power`, both durably.
    ///
    /// # Errors
    ///
    /// If the disk does not take it, or not in time. Nothing is lost by that.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        self.check_process()?;
        if self.shared.options.durability == Durability::Off {
            return Ok(());
        }
        let begin = Instant::now();
        let mut state = self.shared.state();
        state.flushes_wanted += 1;
        let wanted = state.flushes_wanted;
        self.shared.work.notify_one();
        while state.flushes_done < wanted {
            if state.is_closing {
                return Err(Unusable::Closed.into());
            }
            if state.flushes_failed >= wanted
                && let Some(trouble) = &state.books.trouble
            {
                return Err(FlushError::Trouble(trouble.clone()));
            }
            let left = timeout.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Err(FlushError::TimedOut);
            }
            state = self.wait(state, left);
        }
        Ok(())
    }

    /// Takes no more records if none waits; whether that is so. [`Spool::close`] is to follow.
    pub(crate) fn refuse_if_empty(&self) -> bool {
        if self.check_process().is_err() {
            return false;
        }
        let mut state = self.shared.state();
        let is_empty = state.books.statistics(Instant::now()).waiting() == 0;
        state.is_closing |= is_empty;
        is_empty
    }

    /// Ends the thread, which writes what it has before; `false` if that takes longer than `timeout`. The directory is removed if
    /// nothing is left in it. Records that are taken after that are those that were not acknowledged.
    pub(crate) fn close(&self, timeout: Duration) -> bool {
        if self.check_process().is_err() {
            return true;
        }
        let begin = Instant::now();
        let mut state = self.shared.state();
        state.is_closing = true;
        self.shared.work.notify_one();
        self.shared.progress.notify_all();
        while !state.has_ended && self.shared.options.durability != Durability::Off {
            let left = timeout.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return false;
            }
            state = self.wait(state, left);
        }
        true
    }

    /// Where bytes go that no server takes.
    #[cfg(test)]
    pub(crate) fn quarantine(&self) -> &Quarantine {
        &self.quarantine
    }

    /// What became of all records.
    ///
    /// # Errors
    ///
    /// If this is another process.
    pub(crate) fn statistics(&self) -> Result<Statistics, Unusable> {
        self.check_process()?;
        Ok(self.shared.state().books.statistics(Instant::now()))
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.close(LAST_PATIENCE);
    }
}
