//! What waits between the callers and the exporter's thread: a store for each destination, and the books of all.

mod books;
mod closing;
mod due;
mod flush;
mod room;
mod search;

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Destination;
use crate::open_roots::ClosedRoots;
use crate::parcel::{Packet, Parcel, Ticket};
use crate::record::Record;
use crate::sink::Statistics;
use crate::spool::{AppendError, Disk, Kept, Limits, OsDisk};
use crate::storage::Storage;
use crate::store::Store;

use books::Books;

pub(crate) use due::Due;
pub(crate) use search::Search;

/// How long the exporter waits for company for a first record: one request may hold many traces.
const LINGER: Duration = Duration::from_millis(100);

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Sent,
    /// The server refused it, or a part of it.
    Quarantined,
}

/// Why a record was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    /// There was no room.
    Full,
    /// It has more bytes than a record may have, even without its texts.
    TooLong { length: usize, most: usize },
    /// Tracing has ended.
    Closed,
}

/// What the exporter gets to do.
#[derive(Debug)]
pub(crate) struct Drawn {
    /// All for one destination; none if something else is due.
    pub(crate) packets: Vec<Packet>,
    /// Somebody waits in a flush.
    pub(crate) is_hurried: bool,
}

pub(crate) struct Queue {
    storage: Storage,
    disk: Arc<dyn Disk>,
    /// Where this process sends to.
    places: Mutex<Vec<Arc<Destination>>>,
    books: Mutex<Books>,
    closed_roots: Mutex<ClosedRoots>,
    /// The exporter waits here.
    work: Condvar,
    /// Flushes wait here, and calls for room if they are to.
    progress: Condvar,
}

/// Without the records: they hold what users asked.
impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("storage", &self.storage)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl Queue {
    pub(crate) fn new(storage: Storage) -> Self {
        Queue {
            books: Mutex::new(Books::new(storage.directory.is_none())),
            disk: Arc::new(OsDisk),
            places: Mutex::default(),
            closed_roots: Mutex::default(),
            storage,
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // The books are consistent whenever the lock is free: nothing between two changes can panic.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn storage(&self) -> &Storage {
        &self.storage
    }

    /// Puts a record in, shortened if it is too long. Waits for the disk for a tenth of a second at most, and for
    /// the exporter only where callers are to wait for room.
    ///
    /// # Errors
    ///
    /// If it is dropped.
    pub(crate) fn push(
        &self,
        destination: &Arc<Destination>,
        mut record: Record<'_>,
    ) -> Result<Kept, Lost> {
        let mut encoded = record.encoded();
        let mut is_shortened = false;
        let begin = Instant::now();
        loop {
            let store = self.store(destination, begin)?;
            let appended = self.append(&store, &encoded, begin);
            if self.storage.most_records.is_some() {
                self.books().entering -= 1;
                // Others may have counted it twice.
                self.progress.notify_all();
            }
            let refused = match appended {
                Ok(kept) => {
                    if record.root().is_some() {
                        self.close_root(record.trace_id, &store);
                    }
                    if self.books().is_idle {
                        self.work.notify_one();
                    }
                    return Ok(kept);
                }
                // It was tidied away meanwhile, or this is the child of a `fork`: the next one is another.
                Err(AppendError::Unusable(_)) => continue,
                Err(AppendError::MemoryFull) => return Err(Lost::Full),
                Err(AppendError::Full) if self.storage.wait_for_room.is_none() => {
                    return Err(Lost::Full);
                }
                Err(AppendError::Full) => Lost::Full,
                Err(AppendError::TooLong { most, .. }) if !is_shortened => {
                    is_shortened = true;
                    record.shorten(encoded.bytes.len(), most);
                    encoded = record.encoded();
                    continue;
                }
                Err(AppendError::TooLong { length, most }) => Lost::TooLong { length, most },
            };
            // These the store has not counted.
            self.books().turned_away += 1;
            return Err(refused);
        }
    }

    /// Waits for records of a destination that is `wanted`, and takes up to `most` of one; `None` once the queue is
    /// closed. None are taken when `due` has come, or when a flush waits for nothing but what is held.
    pub(crate) fn take(
        &self,
        most: Limits,
        due: Due,
        wanted: impl Fn(&Destination) -> bool,
    ) -> Option<Drawn> {
        let mut books = self.books();
        loop {
            // Before it is looked for something to take, or one that falls due in between would be missed.
            let retries = books.stores.iter().filter_map(|store| store.retry_at());
            let retry = retries.min();
            if books.closed || books.choose(&wanted).is_some() {
                break;
            }
            let is_hurried = books.hurried > 0;
            let is_wanted = is_hurried && books.held > 0;
            if is_wanted || due.has_come(is_hurried) {
                return Some(Drawn {
                    packets: Vec::new(),
                    is_hurried,
                });
            }
            let due = if is_hurried { due.hurried } else { due.at };
            let due = retry.into_iter().chain(due).min();
            books.is_idle = true;
            books = match due.map(|due| due.saturating_duration_since(Instant::now())) {
                Some(left) => {
                    let waited = self.work.wait_timeout(books, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .work
                    .wait(books)
                    .unwrap_or_else(PoisonError::into_inner),
            };
            books.is_idle = false;
        }
        let deadline = Instant::now() + LINGER;
        while books.hurried == 0 && !books.closed {
            let untaken: u64 = books.stores.iter().map(|store| store.untaken()).sum();
            let left = deadline.saturating_duration_since(Instant::now());
            if untaken >= most.records as u64 || left.is_zero() {
                break;
            }
            (books, _) = self
                .work
                .wait_timeout(books, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if books.closed {
            return None;
        }
        let is_hurried = books.hurried > 0;
        let store = books.choose(wanted).cloned();
        books.turn = books.turn.wrapping_add(1);
        drop(books);
        Some(Drawn {
            packets: store.map(|store| draw(&store, most)).unwrap_or_default(),
            is_hurried,
        })
    }

    /// Takes up to `most` of what waits now for a destination that is `wanted`.
    pub(crate) fn take_waiting(
        &self,
        most: Limits,
        wanted: impl Fn(&Destination) -> bool,
    ) -> Vec<Packet> {
        let store = self.books().choose(wanted).cloned();
        store.map(|store| draw(&store, most)).unwrap_or_default()
    }

    /// What completes the traces of processes that have ended.
    pub(crate) fn completions(&self) -> Vec<Parcel> {
        let stores = self.books().stores.clone();
        let (mut parcels, mut has_changed) = (Vec::new(), false);
        {
            let own = self.closed_roots();
            for store in &stores {
                let (completing, changed) = store.completions(&own);
                parcels.extend(completing);
                has_changed |= changed;
            }
        }
        if has_changed {
            // Nothing else may follow that would write it down, and let go of a store with nothing in it.
            self.submit();
        }
        parcels
    }

    /// Enters what became of one of those taken. [`submit`](Queue::submit) makes it known.
    pub(crate) fn settle(&self, ticket: &Ticket, record: Option<&Record<'_>>, settled: Settled) {
        let is_root = |record: &Record<'_>| record.root().is_some();
        // A trace whose root waits needs nobody to complete it. The set is held, so that no root comes in between.
        let closed = self.closed_roots();
        let record = record.filter(|one| is_root(one) || !closed.contains(one.trace_id));
        ticket.store.settle(ticket.position, record, settled);
    }

    /// Writes down what was settled since.
    pub(crate) fn submit(&self) {
        let stores = self.books().stores.clone();
        stores.iter().for_each(|store| store.submit());
        // The disk may take its time for this, which calls must not wait for.
        let over: Vec<_> = stores.into_iter().filter(|store| store.finish()).collect();
        self.books().retire(&over);
        self.progress.notify_all();
    }

    /// Enters that so many of those taken wait for the rest of their traces.
    pub(crate) fn hold(&self, parcels: usize) {
        self.books().held += parcels;
    }

    /// Enters that so many of those held go on.
    pub(crate) fn resume(&self, parcels: usize) {
        let mut books = self.books();
        books.held = books.held.saturating_sub(parcels);
    }

    /// Why the disk takes no records, if it does not.
    pub(crate) fn trouble(&self) -> Option<String> {
        let books = self.books();
        let mut troubles = books.stores.iter().map(|store| store.statistics().trouble);
        troubles.find_map(|trouble| Some(trouble?.to_string()))
    }

    pub(crate) fn statistics(&self) -> Statistics {
        self.books().statistics()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.books().closed
    }
}

fn draw(store: &Arc<Store>, most: Limits) -> Vec<Packet> {
    // What cannot be read now is passed over; the next process finds it.
    store.take(most).unwrap_or_default()
}

#[cfg(test)]
mod tests;
