//! What waits between the callers and the exporter's thread: a store for each destination, and the books of all.

use std::fmt;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::{Destination, environment};
use crate::parcel::{Packet, Parcel, Ticket};
use crate::record::{Encoded, Record};
use crate::sink::{FlushError, Statistics};
use crate::spool::{
    Adoption, AppendError, Disk, Durability, Kept, Limits, OsDisk, Refused, Spool, adopt,
};
use crate::storage::{Adopting, Storage};
use crate::store::Store;

/// How long the exporter waits for company for a first record: one request may hold many traces.
const LINGER: Duration = Duration::from_millis(100);

/// How many bytes of records travel in one request; a single larger record travels alone.
const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// How long a flush goes on trying while the server takes nothing. The first try of an outage may take longer, by
/// which it becomes known.
const STALLED_GRACE: Duration = Duration::from_secs(2);

/// How long a flush goes on after it has learned that, if that was late: long enough for one more try.
const STALLED_AGAIN: Duration = Duration::from_millis(600);

/// How many directories of processes that have ended are worked on at the same time.
const MOST_ADOPTED: usize = 16;

/// How long a disk may take to write down what is settled, when the program ends.
const LAST_PATIENCE: Duration = Duration::from_secs(1);

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

/// When the exporter has something to do even if nothing new comes: in general, and while somebody waits in a flush.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Due {
    pub(crate) at: Option<Instant>,
    pub(crate) hurried: Option<Instant>,
}

impl Due {
    pub(crate) fn now() -> Due {
        let now = Some(Instant::now());
        Due {
            at: now,
            hurried: now,
        }
    }

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

/// What a search has found.
#[derive(Debug, Default)]
pub(crate) struct Search {
    /// Directories that are delivered now.
    pub(crate) adopted: usize,
    /// Those whose records go where this process cannot send them.
    pub(crate) out_of_reach: usize,
    /// Those that cannot be read.
    pub(crate) refused: Vec<Refused>,
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
    /// The exporter waits here.
    work: Condvar,
    /// Flushes wait here.
    progress: Condvar,
}

#[derive(Default)]
struct Books {
    stores: Vec<Arc<Store>>,
    /// Of stores that are no more.
    past: Totals,
    /// Records that met no store: too many waited.
    refused: u64,
    quarantined: u64,
    /// Whose turn it is.
    turn: usize,
    /// Of those taken: those that wait for the rest of their trace.
    held: usize,
    /// Flushes that wait.
    hurried: usize,
    /// Where the last try got nothing to the server, and why.
    stalled: Vec<(Arc<Destination>, String)>,
    /// What processes left that have ended has been looked for.
    has_searched: bool,
    /// The exporter has nothing to do.
    is_idle: bool,
    closed: bool,
}

/// Sums over stores.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    appended: u64,
    adopted: u64,
    acknowledged: u64,
    waiting: u64,
    in_memory: u64,
    dropped: u64,
    damaged: u64,
    bytes: u64,
    oldest: Option<Duration>,
}

impl Totals {
    fn add(&mut self, store: &Store) {
        let one = store.statistics();
        self.appended += one.appended;
        self.adopted += if store.is_adopted() { one.appended } else { 0 };
        self.acknowledged += one.acknowledged;
        self.waiting += one.waiting();
        self.in_memory += one.waiting_in_memory;
        self.dropped += one.dropped.total();
        self.damaged += one.damaged;
        self.bytes += one.bytes_waiting();
        self.oldest = self.oldest.max(one.oldest);
    }
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

impl Books {
    fn statistics(&self) -> Statistics {
        let mut total = self.past;
        self.stores.iter().for_each(|store| total.add(store));
        let quarantined = self.quarantined + total.damaged;
        Statistics {
            emitted: total.appended + self.refused,
            adopted: total.adopted,
            sent: total.acknowledged.saturating_sub(self.quarantined),
            spooled: total.waiting,
            in_memory: total.in_memory,
            dropped: total.dropped + self.refused,
            quarantined,
            bytes: total.bytes,
            oldest: total.oldest,
            ..Statistics::default()
        }
    }

    /// Keeps the sums of stores that are no more.
    fn retire(&mut self, over: &[Arc<Store>]) {
        let Books { stores, past, .. } = self;
        stores.retain(|store| {
            let is_over = over.iter().any(|one| Arc::ptr_eq(one, store));
            if is_over {
                past.add(store);
            }
            !is_over
        });
    }

    /// What keeps the records of a store from their server.
    fn obstacle(&self, store: &Store) -> Option<&str> {
        let is_its_place = |place: &Destination| place.is_same_place(store.destination());
        let mut stalled = self.stalled.iter();
        let (_, reason) = stalled.find(|(place, _)| is_its_place(place))?;
        Some(reason)
    }

    /// A store with something to take for a destination that is wanted. They take turns.
    fn choose(&self, wanted: impl Fn(&Destination) -> bool) -> Option<&Arc<Store>> {
        let stores = self
            .stores
            .iter()
            .cycle()
            .skip(self.turn % self.stores.len().max(1));
        let mut stores = stores.take(self.stores.len());
        stores.find(|store| wanted(store.destination()) && store.untaken() > 0)
    }
}

impl Queue {
    pub(crate) fn new(storage: Storage) -> Self {
        Queue {
            books: Mutex::new(Books {
                has_searched: storage.directory.is_none(),
                ..Books::default()
            }),
            disk: Arc::new(OsDisk),
            places: Mutex::default(),
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

    /// Puts a record in, shortened if it is too long. Waits for the disk for a tenth of a second at most, and never
    /// for the exporter.
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
        loop {
            let store = self.store(destination)?;
            let refused = match self.append(&store, &encoded) {
                Ok(kept) => {
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
            self.books().refused += 1;
            return Err(refused);
        }
    }

    fn append(&self, store: &Store, record: &Encoded) -> Result<Kept, AppendError> {
        match (store.append(record), self.storage.wait_for_room) {
            (Err(AppendError::Full), Some(most)) => {
                store.wait_for_room(record.bytes.len(), most);
                store.append(record)
            }
            (kept, _) => kept,
        }
    }

    /// The store of this process for a destination, which is opened if there is none.
    fn store(&self, destination: &Arc<Destination>) -> Result<Arc<Store>, Lost> {
        let mut books = self.books();
        if books.closed {
            books.refused += 1;
            return Err(Lost::Closed);
        }
        if let Some(most) = self.storage.most_records {
            let waiting = books.statistics().spooled;
            if waiting >= most as u64 {
                books.refused += 1;
                return Err(Lost::Full);
            }
        }
        let mut own = books.stores.iter().filter(|store| store.is_open());
        if let Some(known) = own.find(|store| store.takes_for(destination)) {
            return Ok(known.clone());
        }
        let Some(spool) = self.open(destination) else {
            books.refused += 1;
            return Err(Lost::Closed);
        };
        let store = Arc::new(Store::own(destination.clone(), spool));
        books.stores.push(store.clone());
        Ok(store)
    }

    fn open(&self, destination: &Destination) -> Option<Spool> {
        let mut options = self.storage.options.clone();
        options.label = destination.place();
        let root = self.storage.directory.clone().unwrap_or_default();
        if let Ok(spool) = Spool::open(self.disk.clone(), &root, options.clone()) {
            return Some(spool);
        }
        // A name that is too long for a label, or no thread: memory needs neither.
        options.label = Arc::default();
        options.durability = Durability::Off;
        Spool::open(self.disk.clone(), &root, options).ok()
    }

    /// Waits for records of a destination that is `wanted`, and takes up to `most` of one; `None` once the queue is
    /// closed. None are taken when `due` has come, or when a flush waits for nothing but what is held.
    pub(crate) fn take(
        &self,
        most: usize,
        due: Due,
        wanted: impl Fn(&Destination) -> bool,
    ) -> Option<Drawn> {
        let mut books = self.books();
        while !books.closed && books.choose(&wanted).is_none() {
            let is_hurried = books.hurried > 0;
            let is_wanted = is_hurried && books.held > 0;
            if is_wanted || due.has_come(is_hurried) {
                return Some(Drawn {
                    packets: Vec::new(),
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
        while books.hurried == 0 && !books.closed {
            let untaken: u64 = books.stores.iter().map(|store| store.untaken()).sum();
            let left = deadline.saturating_duration_since(Instant::now());
            if untaken >= most as u64 || left.is_zero() {
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
        most: usize,
        wanted: impl Fn(&Destination) -> bool,
    ) -> Vec<Packet> {
        let store = self.books().choose(wanted).cloned();
        store.map(|store| draw(&store, most)).unwrap_or_default()
    }

    /// What completes the traces of processes that have ended.
    pub(crate) fn completions(&self) -> Vec<Parcel> {
        let stores = self.books().stores.clone();
        stores.iter().flat_map(Store::completions).collect()
    }

    /// Enters what became of one of those taken. [`submit`](Queue::submit) makes it known.
    pub(crate) fn settle(&self, ticket: &Ticket, record: Option<&Record<'_>>, settled: Settled) {
        if settled == Settled::Quarantined && ticket.position.is_some() {
            self.books().quarantined += 1;
        }
        ticket.store.settle(ticket.position, record);
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

    /// Enters where nothing can go now, and why. Everywhere else is worth waiting for.
    pub(crate) fn note_stalled(&self, places: impl Iterator<Item = (Arc<Destination>, String)>) {
        self.books().stalled = places.collect();
        self.progress.notify_all();
    }

    /// Enters that something moves there.
    pub(crate) fn note_moving(&self, destination: &Destination) {
        let mut books = self.books();
        books
            .stalled
            .retain(|(place, _)| !place.is_same_place(destination));
    }

    /// Enters that this process sends there, so that it takes along what others left.
    pub(crate) fn note_place(&self, destination: Arc<Destination>) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|known| known.address != destination.address);
        places.push(destination);
    }

    /// The destination that a label stands for, if this process sends there.
    fn place(&self, label: &[u8]) -> Option<Arc<Destination>> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let recorded = rmp_serde::from_slice(label).ok()?;
        let mut known = places.iter();
        let known = known.find_map(|place| place.at_the_same_server(&recorded));
        let elsewhere = || match self.storage.adoption {
            Adopting::SameServer => None,
            Adopting::Everything => Destination::elsewhere(&recorded, environment).ok()?,
        };
        known.or_else(elsewhere).map(Arc::new)
    }

    /// Whether the exporter looks by itself, from time to time, for what others have left.
    pub(crate) fn searches_by_itself(&self) -> bool {
        self.storage.directory.is_some() && self.storage.adoption == Adopting::SameServer
    }

    /// Looks for what processes left that have ended, as far as it goes to servers that this one sends to.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read.
    pub(crate) fn search(&self) -> io::Result<Search> {
        let Some(directory) = &self.storage.directory else {
            return Ok(Search::default());
        };
        let is_wanted = |label: &[u8]| self.place(label).is_some();
        let found = adopt(&self.disk, directory, is_wanted, MOST_ADOPTED);
        let found = found.map(|found| self.place_all(found));
        let mut books = self.books();
        books.has_searched = true;
        let search = found.map(|(search, stores)| {
            books.stores.extend(stores);
            search
        });
        drop(books);
        self.progress.notify_all();
        search
    }

    fn place_all(&self, found: Adoption) -> (Search, Vec<Arc<Store>>) {
        let mut stores = Vec::with_capacity(found.adopted.len());
        let mut search = Search {
            out_of_reach: found.of_other_labels,
            refused: found.refused,
            adopted: 0,
        };
        for adopted in found.adopted {
            match self.place(adopted.label()) {
                Some(destination) => stores.push(Arc::new(Store::adopted(destination, adopted))),
                None => search.out_of_reach += 1,
            }
        }
        search.adopted = stores.len();
        (search, stores)
    }

    /// Waits until every record put in before is settled, `timeout` is over, or it proves that the server takes nothing.
    ///
    /// What others left is waited for as long as the server takes it: it is nobody's loss if it waits on.
    pub(crate) fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        self.wait_for_all(timeout, false)
    }

    /// The same, and what others left is worth as much.
    pub(crate) fn flush_adopted(&self, timeout: Duration) -> Result<(), FlushError> {
        self.wait_for_all(timeout, true)
    }

    fn wait_for_all(&self, timeout: Duration, adopted_too: bool) -> Result<(), FlushError> {
        let begin = Instant::now();
        let mut books = self.books();
        let own = books.stores.iter();
        let own = own.filter_map(|store| Some((store.clone(), store.added()?)));
        let own: Vec<(Arc<Store>, u64)> = own.collect();
        books.hurried += 1;
        self.work.notify_one();
        let mut stalled_after = None;
        let settled = loop {
            let unsettled = own
                .iter()
                .filter(|(store, added)| !store.is_settled_before(*added))
                .map(|(store, _)| store);
            let adopted = books.stores.iter().filter(|store| store.is_adopted());
            let adopted = adopted.filter(|store| adopted_too || books.obstacle(store).is_none());
            let mut waiting = unsettled.chain(adopted).peekable();
            if waiting.peek().is_none() && books.has_searched {
                break true;
            }
            // Whatever else moves meanwhile does not make it come sooner.
            let patience = match waiting.all(|store| books.obstacle(store).is_some()) {
                true if books.has_searched => {
                    let after = *stalled_after.get_or_insert_with(|| begin.elapsed());
                    timeout.min(STALLED_GRACE.max(after + STALLED_AGAIN))
                }
                _ => timeout,
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
            drop(books);
            // So that nothing is sent again if the program is killed now.
            for (store, _) in own {
                store.flush(LAST_PATIENCE.min(timeout));
            }
            return Ok(());
        }
        let reason = books.stalled.first().map(|(_, reason)| reason.clone());
        Err(FlushError::new(books.statistics(), reason))
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

    /// Removes the files of stores with nothing in them: the program may be about to end. The next record opens another one.
    pub(crate) fn tidy(&self) {
        let is_empty = |store: &Arc<Store>| store.statistics().waiting() == 0;
        let mut stores = self.books().stores.clone();
        stores.retain(|store| store.is_open() && is_empty(store));
        // Not with the books in hand, which every call needs: the disk may take its time.
        for store in &stores {
            store.close(LAST_PATIENCE);
        }
        // A call may have come in between: what it added is delivered like any other.
        stores.retain(is_empty);
        self.books().retire(&stores);
    }

    /// Lets go of what others have left, once the exporter's thread has ended: the next search finds what has not arrived.
    pub(crate) fn let_go(&self) {
        for store in self.books().stores.drain(..) {
            store.let_go();
        }
    }

    /// Ends the exporter's thread after its current request.
    pub(crate) fn close(&self) {
        let mut books = self.books();
        books.closed = true;
        let stores = books.stores.clone();
        drop(books);
        self.work.notify_all();
        self.progress.notify_all();
        for store in stores {
            store.close(LAST_PATIENCE);
        }
    }
}

fn draw(store: &Arc<Store>, most: usize) -> Vec<Packet> {
    let limits = Limits {
        records: most,
        bytes: MAX_BATCH_BYTES,
    };
    // What cannot be read now is passed over; the next process finds it.
    store.take(limits).unwrap_or_default()
}

#[cfg(test)]
mod tests;
