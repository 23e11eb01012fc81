//! A bounded queue in memory between the callers and the exporter's thread, with its books.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Destination;
use crate::parcel::{Packet, weight};
use crate::record::Encoded;
use crate::sink::{FlushError, Statistics};

/// How long the exporter waits for company for a first frame: one request may hold many traces.
const LINGER: Duration = Duration::from_millis(100);

/// How many bytes of frames travel in one request; a single larger frame travels alone.
const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// How long a flush goes on trying while the server cannot be reached. The first try of an outage may take longer, by
/// which it becomes known.
const UNREACHABLE_GRACE: Duration = Duration::from_secs(2);

/// The longest pause between two tries while somebody waits in a flush.
const HURRIED_PAUSE: Duration = Duration::from_millis(250);

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Capacity {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Capacity {
            frames: 1000,
            bytes: 64 * 1024 * 1024,
        }
    }
}

/// What became of a packet that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Sent,
    Failed,
}

pub(crate) struct Queue {
    capacity: Capacity,
    books: Mutex<Books>,
    /// The exporter waits here.
    work: Condvar,
    /// Flushes wait here.
    progress: Condvar,
}

#[derive(Default)]
struct Books {
    waiting: VecDeque<Packet>,
    /// Bytes of the waiting and the taken.
    bytes: usize,
    taken: usize,
    /// Taken, and waiting for the rest of their trace.
    held: usize,
    emitted: u64,
    sent: u64,
    dropped: u64,
    failed: u64,
    /// Flushes that wait.
    hurried: usize,
    /// Why the last try met no server.
    unreachable: Option<String>,
    closed: bool,
}

/// Without the frames: they hold what users asked.
impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("capacity", &self.capacity)
            .field("statistics", &self.statistics())
            .finish_non_exhaustive()
    }
}

impl Books {
    fn queued(&self) -> usize {
        self.waiting.len() + self.taken + self.held
    }

    fn statistics(&self) -> Statistics {
        Statistics {
            emitted: self.emitted,
            sent: self.sent,
            queued: self.queued() as u64,
            dropped: self.dropped,
            failed: self.failed,
            ..Statistics::default()
        }
    }

    /// Whether every parcel up to `number` is settled. Parcels are settled in their order.
    fn is_settled(&self, number: u64) -> bool {
        self.taken == 0
            && self.held == 0
            && self
                .waiting
                .front()
                .is_none_or(|packet| packet.number() > number)
    }
}

impl Queue {
    pub(crate) fn new(capacity: Capacity) -> Self {
        Queue {
            capacity,
            books: Mutex::default(),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // The books are consistent whenever the lock is free: nothing between two changes can panic.
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.capacity
    }

    /// Puts a record in; `false` if the queue is full and the record was dropped. Never waits for the exporter.
    pub(crate) fn push(&self, destination: Arc<Destination>, record: Encoded) -> bool {
        let weight = weight(&record);
        let mut books = self.books();
        books.emitted += 1;
        let full = books.queued() >= self.capacity.frames
            || books.bytes.saturating_add(weight) > self.capacity.bytes;
        if full || books.closed {
            books.dropped += 1;
            return false;
        }
        let was_empty = books.waiting.is_empty();
        let number = books.emitted;
        books.bytes += weight;
        books
            .waiting
            .push_back(Packet::new(destination, record, number));
        drop(books);
        if was_empty {
            self.work.notify_one();
        }
        true
    }

    /// Waits for work and takes up to `most` packets for one destination; `None` once the queue is closed. None are taken
    /// when `due` has come, or when a flush waits for what is held.
    pub(crate) fn take(&self, most: usize, due: Option<Instant>) -> Option<Vec<Packet>> {
        let mut books = self.books();
        while books.waiting.is_empty() && !books.closed {
            let left = due.map(|due| due.saturating_duration_since(Instant::now()));
            if left.is_some_and(|left| left.is_zero()) || (books.hurried > 0 && books.held > 0) {
                return Some(Vec::new());
            }
            books = match left {
                Some(left) => {
                    let waited = self.work.wait_timeout(books, left);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .work
                    .wait(books)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
        let deadline = Instant::now() + LINGER;
        while books.waiting.len() < most && books.hurried == 0 && !books.closed {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
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
        let destination = books.waiting.front()?.destination.clone();
        let mut bytes = 0;
        let same = books
            .waiting
            .iter()
            .take(most)
            .take_while(|packet| {
                let is_first = bytes == 0;
                bytes += packet.weight();
                let fits = is_first || bytes <= MAX_BATCH_BYTES;
                fits && Arc::ptr_eq(&packet.destination, &destination)
            })
            .count();
        books.taken = same;
        Some(books.waiting.drain(..same).collect())
    }

    /// Enters what became of one of those taken, which had this `weight`.
    pub(crate) fn settle(&self, weight: usize, settled: Settled) {
        let mut books = self.books();
        books.taken = books.taken.saturating_sub(1);
        books.bytes = books.bytes.saturating_sub(weight);
        match settled {
            Settled::Sent => {
                books.sent += 1;
                books.unreachable = None;
            }
            Settled::Failed => books.failed += 1,
        }
        drop(books);
        self.progress.notify_all();
    }

    /// Enters that so many of those taken wait for the rest of their traces.
    pub(crate) fn hold(&self, parcels: usize) {
        let mut books = self.books();
        books.taken = books.taken.saturating_sub(parcels);
        books.held += parcels;
    }

    /// Enters that so many of those held go on.
    pub(crate) fn resume(&self, parcels: usize) {
        let mut books = self.books();
        books.held = books.held.saturating_sub(parcels);
        books.taken += parcels;
    }

    /// Whether somebody waits in a flush, and for nothing but what is held.
    pub(crate) fn wants_held(&self) -> bool {
        let books = self.books();
        books.hurried > 0 && books.waiting.is_empty()
    }

    /// Enters that no server could be reached.
    pub(crate) fn note_unreachable(&self, reason: String) {
        self.books().unreachable = Some(reason);
        self.progress.notify_all();
    }

    /// Enters that the server answers: from now on it is worth waiting for.
    pub(crate) fn note_reachable(&self) {
        self.books().unreachable = None;
    }

    /// Waits between two tries; shorter if somebody waits in a flush, not at all if the queue is closed.
    pub(crate) fn pause(&self, pause: Duration) {
        let begin = Instant::now();
        let mut books = self.books();
        while !books.closed {
            let pause = if books.hurried > 0 {
                pause.min(HURRIED_PAUSE)
            } else {
                pause
            };
            let left = pause.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return;
            }
            (books, _) = self
                .work
                .wait_timeout(books, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until every parcel put in before is settled, `timeout` is over, or the server proves to be unreachable.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        let begin = Instant::now();
        let mut books = self.books();
        let last = books.emitted;
        books.hurried += 1;
        self.work.notify_one();
        let settled = loop {
            if books.is_settled(last) {
                break true;
            }
            let patience = match books.unreachable {
                Some(_) => timeout.min(UNREACHABLE_GRACE),
                None => timeout,
            };
            let left = patience.saturating_sub(begin.elapsed());
            if left.is_zero() {
                break false;
            }
            (books, _) = self
                .progress
                .wait_timeout(books, left)
                .unwrap_or_else(PoisonError::into_inner);
        };
        books.hurried -= 1;
        if settled {
            return Ok(());
        }
        let reason = books.unreachable.clone();
        Err(FlushError::new(books.statistics(), reason))
    }

    pub(crate) fn statistics(&self) -> Statistics {
        self.books().statistics()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.books().closed
    }

    /// Ends the exporter's thread after its current request.
    pub(crate) fn close(&self) {
        self.books().closed = true;
        self.work.notify_all();
        self.progress.notify_all();
    }
}
