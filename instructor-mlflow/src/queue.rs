//! A bounded queue in memory between the callers and the exporter's thread, with its books.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Destination;
use crate::sink::{FlushError, Statistics};
use crate::span::Frame;

/// How long the exporter waits for company for a first frame: one request may hold many traces.
const LINGER: Duration = Duration::from_millis(100);

/// How many bytes of frames travel in one request; a single larger frame travels alone.
const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// How long a flush goes on trying while the server takes nothing. The first try of an outage may take longer, by which
/// it becomes known.
const STALLED_GRACE: Duration = Duration::from_secs(2);

/// How long a flush goes on after it has learned that, if that was late: long enough for one more try.
const STALLED_AGAIN: Duration = Duration::from_millis(600);

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

/// A frame and where it goes.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) destination: Arc<Destination>,
    pub(crate) frame: Frame,
    weight: usize,
    number: u64,
    accepted: Instant,
}

impl Parcel {
    /// About how many bytes it holds.
    pub(crate) fn weight(&self) -> usize {
        self.weight
    }
}

/// What became of a parcel that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    Sent,
    /// The server refused it, or a part of it.
    Quarantined,
}

/// When the exporter has something to do even if nothing new comes: in general, and while somebody waits in a flush.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Due {
    pub(crate) at: Option<Instant>,
    pub(crate) hurried: Option<Instant>,
}

impl Due {
    /// The earlier of both.
    pub(crate) fn or_earlier(self, other: Due) -> Due {
        let earlier = |one: Option<Instant>, two| one.into_iter().chain(two).min();
        Due {
            at: earlier(self.at, other.at),
            hurried: earlier(self.hurried, other.hurried),
        }
    }

    /// Whether it has come.
    pub(crate) fn has_come(self, is_hurried: bool) -> bool {
        let due = if is_hurried { self.hurried } else { self.at };
        due.is_some_and(|due| due <= Instant::now())
    }
}

/// What the exporter gets to do.
#[derive(Debug)]
pub(crate) struct Taken {
    /// All for one destination; none if something else is due.
    pub(crate) parcels: Vec<Parcel>,
    /// Somebody waits in a flush.
    pub(crate) is_hurried: bool,
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
    waiting: VecDeque<Parcel>,
    /// When those were accepted that were taken and are not settled, by their numbers.
    taken: BTreeMap<u64, Instant>,
    /// Bytes of the waiting and the taken.
    bytes: usize,
    /// Of the taken: those that wait for the rest of their trace.
    held: usize,
    emitted: u64,
    sent: u64,
    dropped: u64,
    quarantined: u64,
    /// Flushes that wait.
    hurried: usize,
    /// Why the last try got nothing to the server.
    stalled: Option<String>,
    /// The exporter has nothing to do.
    is_idle: bool,
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
    fn spooled(&self) -> usize {
        self.waiting.len() + self.taken.len()
    }

    fn statistics(&self) -> Statistics {
        // Parcels are taken in their order, but for those whose server is away.
        let taken = self.taken.first_key_value();
        let waiting = self.waiting.front();
        let oldest = match (taken, waiting) {
            (Some((number, accepted)), Some(parcel)) if *number < parcel.number => Some(*accepted),
            (_, Some(parcel)) => Some(parcel.accepted),
            (taken, None) => taken.map(|(_, accepted)| *accepted),
        };
        Statistics {
            emitted: self.emitted,
            sent: self.sent,
            spooled: self.spooled() as u64,
            dropped: self.dropped,
            quarantined: self.quarantined,
            bytes: self.bytes as u64,
            oldest: oldest.map(|accepted| accepted.elapsed()),
            ..Statistics::default()
        }
    }

    /// Whether every parcel up to `number` is settled.
    fn is_settled(&self, number: u64) -> bool {
        let first_taken = self.taken.first_key_value().map(|(number, _)| *number);
        let first_waiting = self.waiting.front().map(|parcel| parcel.number);
        [first_taken, first_waiting]
            .into_iter()
            .flatten()
            .all(|first| first > number)
    }

    /// Takes the first run of parcels whose destination is wanted.
    fn draw(&mut self, most: usize, wanted: impl Fn(&Destination) -> bool) -> Vec<Parcel> {
        let mut waiting = self.waiting.iter();
        let Some(first) = waiting.position(|parcel| wanted(&parcel.destination)) else {
            return Vec::new();
        };
        let mut bytes = 0;
        let mut destination = None;
        let run = self
            .waiting
            .iter()
            .skip(first)
            .take(most)
            .take_while(|parcel| {
                bytes += parcel.weight;
                let destination = *destination.get_or_insert(&parcel.destination);
                let fits = bytes == parcel.weight || bytes <= MAX_BATCH_BYTES;
                fits && Arc::ptr_eq(&parcel.destination, destination)
            })
            .count();
        let drawn: Vec<Parcel> = self.waiting.drain(first..first + run).collect();
        let taken = drawn.iter().map(|parcel| (parcel.number, parcel.accepted));
        self.taken.extend(taken);
        drawn
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

    /// Puts a frame in; `false` if the queue is full and the frame was dropped. Never waits for the exporter.
    pub(crate) fn push(&self, destination: Arc<Destination>, frame: Frame) -> bool {
        let weight = frame.weight();
        let mut books = self.books();
        books.emitted += 1;
        let full = books.spooled() >= self.capacity.frames
            || books.bytes.saturating_add(weight) > self.capacity.bytes;
        if full || books.closed {
            books.dropped += 1;
            return false;
        }
        let number = books.emitted;
        books.bytes += weight;
        books.waiting.push_back(Parcel {
            destination,
            frame,
            weight,
            number,
            accepted: Instant::now(),
        });
        let is_idle = books.is_idle;
        drop(books);
        if is_idle {
            self.work.notify_one();
        }
        true
    }

    /// Waits for parcels of a destination that is `wanted`, and takes up to `most` of one; `None` once the queue is
    /// closed. None are taken when `due` has come, or when a flush waits for nothing but what is held.
    pub(crate) fn take(
        &self,
        most: usize,
        due: Due,
        wanted: impl Fn(&Destination) -> bool,
    ) -> Option<Taken> {
        let mut books = self.books();
        while !books.closed
            && !books
                .waiting
                .iter()
                .any(|parcel| wanted(&parcel.destination))
        {
            let is_hurried = books.hurried > 0;
            let is_wanted = is_hurried && books.held > 0;
            if is_wanted || due.has_come(is_hurried) {
                let parcels = Vec::new();
                return Some(Taken {
                    parcels,
                    is_hurried,
                });
            }
            let due = if is_hurried { due.hurried } else { due.at };
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
        let parcels = books.draw(most, wanted);
        let is_hurried = books.hurried > 0;
        Some(Taken {
            parcels,
            is_hurried,
        })
    }

    /// Takes up to `most` of what waits now for a destination that is `wanted`.
    pub(crate) fn take_waiting(
        &self,
        most: usize,
        wanted: impl Fn(&Destination) -> bool,
    ) -> Vec<Parcel> {
        self.books().draw(most, wanted)
    }

    /// Enters what became of one parcel of those taken.
    pub(crate) fn settle(&self, parcel: &Parcel, settled: Settled) {
        let mut books = self.books();
        books.taken.remove(&parcel.number);
        books.bytes = books.bytes.saturating_sub(parcel.weight);
        match settled {
            Settled::Sent => books.sent += 1,
            Settled::Quarantined => books.quarantined += 1,
        }
        drop(books);
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

    /// Enters that what is not settled can go nowhere now, and why.
    pub(crate) fn note_stalled(&self, reason: String) {
        self.books().stalled = Some(reason);
        self.progress.notify_all();
    }

    /// Enters that something moves: from now on it is worth waiting for.
    pub(crate) fn note_moving(&self) {
        self.books().stalled = None;
    }

    /// Waits until every parcel put in before is settled, `timeout` is over, or it proves that the server takes nothing.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        let begin = Instant::now();
        let mut books = self.books();
        let last = books.emitted;
        books.hurried += 1;
        self.work.notify_one();
        let mut stalled_after = None;
        let settled = loop {
            if books.is_settled(last) {
                break true;
            }
            let patience = match books.stalled {
                Some(_) => {
                    let after = *stalled_after.get_or_insert_with(|| begin.elapsed());
                    timeout.min(STALLED_GRACE.max(after + STALLED_AGAIN))
                }
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
        let reason = books.stalled.clone();
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
