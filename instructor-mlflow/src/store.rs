//! The records that wait for one experiment on a server: those of this process, or of one that has ended.

use std::collections::HashMap;
use std::io;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Destination;
use crate::open_roots::{ClosedRoots, OpenRoots};
use crate::parcel::{Packet, Parcel};
use crate::queue::Settled;
use crate::record::{DefinitionKey, Encoded, Record};
use crate::span::TraceId;
use crate::spool::{Adopted, AppendError, Kept, Limits, Position, Spool, Statistics, Unusable};

/// Records, where they go, and the traces of theirs that are not whole.
#[derive(Debug)]
pub(crate) struct Store {
    /// One of the destinations: the others differ from it in what becomes of a record, and not in where it goes.
    destination: Arc<Destination>,
    destinations: Mutex<HashMap<DefinitionKey, Arc<Destination>>>,
    origin: Origin,
    settled: Mutex<Settlement>,
    is_closed: AtomicBool,
}

#[derive(Debug)]
enum Origin {
    /// Calls of this process add to it.
    Own(Box<Spool>),
    /// Nobody adds to it any more.
    Adopted(Box<AdoptedSpool>),
}

/// `None` once nothing is left of it. What people ask for is kept apart, with the time when it was so, that nobody waits for a disk to
/// be told.
#[derive(Debug)]
struct AdoptedSpool {
    records: Mutex<Option<Adopted>>,
    statistics: Mutex<(Statistics, Instant)>,
}

/// What is settled and has not been written down.
#[derive(Debug, Default)]
struct Settlement {
    sent: Vec<Position>,
    refused: Vec<Position>,
    open: OpenRoots,
    /// Whether what completes the open traces has been given.
    is_completing: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is behind these locks is consistent whenever one is free.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// As if this were the child of a `fork`.
    #[cfg(test)]
    pub(crate) fn fork(&mut self) {
        if let Origin::Own(spool) = &mut self.origin {
            spool.fork();
        }
    }

    pub(crate) fn own(destination: Arc<Destination>, spool: Spool) -> Store {
        Store {
            destination,
            destinations: Mutex::default(),
            origin: Origin::Own(Box::new(spool)),
            settled: Mutex::default(),
            is_closed: AtomicBool::new(false),
        }
    }

    pub(crate) fn adopted(destination: Arc<Destination>, adopted: Adopted) -> Store {
        let open = OpenRoots::decode(&adopted.state());
        Store {
            destination,
            destinations: Mutex::default(),
            origin: Origin::Adopted(Box::new(AdoptedSpool {
                statistics: Mutex::new((adopted.statistics(), Instant::now())),
                records: Mutex::new(Some(adopted)),
            })),
            settled: Mutex::new(Settlement {
                open,
                ..Settlement::default()
            }),
            is_closed: AtomicBool::new(true),
        }
    }

    /// Where all of the records go.
    pub(crate) fn destination(&self) -> &Arc<Destination> {
        &self.destination
    }

    /// Whether records for a destination may wait here: they are delivered in the order in which they were added.
    pub(crate) fn takes_for(&self, destination: &Arc<Destination>) -> bool {
        Arc::ptr_eq(&self.destination, destination)
            || self.destination.place() == destination.place()
    }

    /// The destination of a record.
    pub(crate) fn destination_of(&self, record: &Record<'_>) -> Arc<Destination> {
        let Some(recorded) = &record.definitions.destination else {
            return self.destination.clone();
        };
        let mut known = lock(&self.destinations);
        let found = known.entry(recorded.key).or_insert_with(|| {
            let found = self.destination.at_the_same_server(&recorded.value);
            found.map_or_else(|| self.destination.clone(), Arc::new)
        });
        found.clone()
    }

    pub(crate) fn is_adopted(&self) -> bool {
        matches!(self.origin, Origin::Adopted(_))
    }

    /// The spool of this process, if it is one.
    fn spool(&self) -> Option<&Spool> {
        match &self.origin {
            Origin::Own(spool) => Some(spool),
            Origin::Adopted(_) => None,
        }
    }

    /// Whether records can be added: not in the child of a `fork`, which has none of the threads.
    pub(crate) fn is_open(&self) -> bool {
        let is_usable = self.spool().is_some_and(|spool| spool.is_of_this_process());
        is_usable && !self.is_closed.load(Ordering::Acquire)
    }

    /// Adds a record.
    ///
    /// # Errors
    ///
    /// If there is no room for it.
    pub(crate) fn append(&self, record: &Encoded) -> Result<Kept, AppendError> {
        let spool = self.spool().ok_or(Unusable::Closed)?;
        spool.append(&record.bytes, &record.definitions)
    }

    /// Waits until there may be room for a record; `false` if there is none in time.
    pub(crate) fn wait_for_room(&self, record: &Encoded, most: Duration) -> bool {
        let Encoded { bytes, definitions } = record;
        // Adding the record tells if it is closed.
        let waited = |spool: &Spool| spool.wait_for_room(bytes, definitions, most);
        self.spool()
            .is_none_or(|spool| waited(spool).unwrap_or(true))
    }

    /// When records can be taken again, if they could not be read.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        match &self.origin {
            Origin::Own(spool) => spool.retry_at(),
            Origin::Adopted(adopted) => lock(&adopted.records).as_ref()?.retry_at(),
        }
    }

    /// How many records can be taken, at most.
    pub(crate) fn untaken(&self) -> u64 {
        match &self.origin {
            Origin::Own(spool) => spool.untaken(),
            Origin::Adopted(adopted) => {
                let records = lock(&adopted.records);
                records.as_ref().map_or(0, Adopted::untaken)
            }
        }
    }

    /// The next records, oldest first.
    ///
    /// # Errors
    ///
    /// If they cannot be read now.
    pub(crate) fn take(self: &Arc<Self>, limits: Limits) -> io::Result<Vec<Packet>> {
        let taken = match &self.origin {
            Origin::Own(spool) => spool.take(limits).map_err(io::Error::other)?,
            Origin::Adopted(adopted) => {
                let mut records = lock(&adopted.records);
                let Some(records) = records.as_mut() else {
                    return Ok(Vec::new());
                };
                let taken = records.take(limits);
                *lock(&adopted.statistics) = (records.statistics(), Instant::now());
                taken?
            }
        };
        let packets = taken.into_iter();
        Ok(packets.map(|one| Packet::new(self.clone(), one)).collect())
    }

    /// What completes the traces of a process that has ended, once: when all of its records have arrived. The roots that this process has
    /// itself are its own to send. What has changed by that is to be [submitted](Store::submit).
    pub(crate) fn completions(self: &Arc<Self>, own: &ClosedRoots) -> (Vec<Parcel>, bool) {
        let is_over = self.is_adopted() && self.statistics().waiting() == 0;
        let mut settled = lock(&self.settled);
        let has_changed = is_over && settled.open.retain(|trace_id| !own.contains(trace_id));
        if !is_over || settled.is_completing || settled.open.is_empty() {
            return (Vec::new(), has_changed);
        }
        settled.is_completing = true;
        let records = settled.open.complete().into_iter();
        let parcels = records.map(|record| Parcel::completing(self.clone(), record));
        (parcels.collect(), has_changed)
    }

    /// Enters that the root of a trace waits somewhere else: nobody needs to complete it.
    pub(crate) fn close_root(&self, trace_id: TraceId) {
        lock(&self.settled).open.retain(|open| open != trace_id);
    }

    /// Closes it if nothing waits in it, and no trace of it is open; whether that is so. A call that comes in between finds another one.
    pub(crate) fn close_if_idle(&self, timeout: Duration) -> bool {
        let Some(spool) = self.spool() else {
            return false;
        };
        self.submit();
        {
            // Held until no record can come any more: what settles opens traces.
            let settled = lock(&self.settled);
            if !settled.open.is_empty() || !spool.refuse_if_empty() {
                return false;
            }
        }
        self.close(timeout);
        true
    }

    /// Enters that a record has arrived, or will never; it is written down by [`submit`](Store::submit).
    pub(crate) fn settle(
        &self,
        position: Option<Position>,
        record: Option<&Record<'_>>,
        outcome: Settled,
    ) {
        let mut settled = lock(&self.settled);
        match outcome {
            Settled::Sent => settled.sent.extend(position),
            Settled::Quarantined => settled.refused.extend(position),
        }
        if let Some(record) = record {
            settled.open.note(record);
        }
    }

    /// Writes down what is settled.
    pub(crate) fn submit(&self) {
        let mut settled = lock(&self.settled);
        let state = settled.open.take_changes();
        let (sent, refused) = (
            mem::take(&mut settled.sent),
            mem::take(&mut settled.refused),
        );
        if sent.is_empty() && refused.is_empty() && state.is_none() {
            return;
        }
        let state = state.as_deref();
        match &self.origin {
            // A state that is too long is left out: its traces stay open on the server. The lock is held, or an older state might come after
            // a newer one; no disk is waited for here.
            Origin::Own(spool) => {
                if spool.settle(&sent, &refused, state).is_err() {
                    let _ = spool.settle(&sent, &refused, None);
                }
            }
            Origin::Adopted(adopted) => {
                drop(settled);
                let mut records = lock(&adopted.records);
                if let Some(records) = records.as_mut() {
                    if records.settle(&sent, &refused, state).is_err() {
                        let _ = records.settle(&sent, &refused, None);
                    }
                    *lock(&adopted.statistics) = (records.statistics(), Instant::now());
                }
            }
        }
    }

    /// Lets go of the directory of a process that has ended, if nothing is left in it; whether that is so.
    pub(crate) fn finish(&self) -> bool {
        let Origin::Adopted(adopted) = &self.origin else {
            return false;
        };
        let is_open = !lock(&self.settled).open.is_empty();
        if is_open || lock(&adopted.statistics).0.waiting() > 0 {
            return false;
        }
        let mut records = lock(&adopted.records);
        // What cannot be written down now is given again to the next process, which is harmless.
        let _ = records.take().map(Adopted::finish);
        true
    }

    /// How many records this process has added; `None` if it adds none here.
    pub(crate) fn added(&self) -> Option<u64> {
        self.spool().map(Spool::next)
    }

    /// Whether nothing is left of the first so many records that this process has added.
    pub(crate) fn is_settled_before(&self, records: u64) -> bool {
        self.spool()
            .is_none_or(|spool| spool.is_settled_before(records))
    }

    pub(crate) fn statistics(&self) -> Statistics {
        match &self.origin {
            Origin::Own(spool) => spool.statistics().unwrap_or_default(),
            Origin::Adopted(adopted) => {
                let (mut known, since) = lock(&adopted.statistics).clone();
                known.oldest = known.oldest.map(|age| age + since.elapsed());
                known
            }
        }
    }

    /// Writes down what is settled of a process that has ended, and lets go of its directory.
    pub(crate) fn let_go(&self) {
        self.submit();
        if let Origin::Adopted(adopted) = &self.origin {
            // If it cannot be, its records are sent again, which is harmless.
            let _ = lock(&adopted.records).take().map(Adopted::finish);
        }
    }

    /// Writes down what is settled, as durably as was asked for.
    pub(crate) fn flush(&self, timeout: Duration) {
        self.submit();
        if let Some(spool) = self.spool() {
            // If it cannot be, its records are sent again, which is harmless.
            let _ = spool.flush(timeout);
        }
    }

    /// Ends it, and removes its directory if nothing waits in it.
    pub(crate) fn close(&self, timeout: Duration) {
        self.is_closed.store(true, Ordering::Release);
        self.submit();
        if let Some(spool) = self.spool() {
            spool.close(timeout);
        }
    }
}
