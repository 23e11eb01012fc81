//! What a queue knows of its stores.

use std::sync::Arc;
use std::time::Duration;

use crate::config::Destination;
use crate::sink::Statistics;
use crate::store::Store;

#[derive(Default)]
pub(super) struct Books {
    pub(super) stores: Vec<Arc<Store>>,
    /// Of stores that are no more.
    past: Totals,
    /// Records that met no store: too many waited.
    pub(super) turned_away: u64,
    /// Records that were let in, and are not in their store yet.
    pub(super) entering: u64,
    /// Whose turn it is.
    pub(super) turn: usize,
    /// Of those taken: those that wait for the rest of their trace.
    pub(super) held: usize,
    /// Flushes that wait.
    pub(super) hurried: usize,
    /// Where the last try got nothing to the server, and why.
    pub(super) stalled: Vec<(Arc<Destination>, String)>,
    /// What processes left that have ended has been looked for.
    pub(super) has_searched: bool,
    /// The exporter has nothing to do.
    pub(super) is_idle: bool,
    pub(super) closed: bool,
}

/// Sums over stores.
#[derive(Debug, Clone, Copy, Default)]
struct Totals {
    appended: u64,
    adopted: u64,
    sent: u64,
    quarantined: u64,
    waiting: u64,
    in_memory: u64,
    dropped: u64,
    bytes: u64,
    oldest: Option<Duration>,
}

impl Totals {
    fn add(&mut self, store: &Store) {
        let one = store.statistics();
        self.appended += one.appended;
        self.adopted += if store.is_adopted() { one.appended } else { 0 };
        self.sent += one.acknowledged - one.rejected;
        self.waiting += one.waiting();
        self.in_memory += one.waiting_in_memory;
        self.dropped += one.dropped.total();
        self.quarantined += one.rejected + one.damaged;
        self.bytes += one.bytes_waiting();
        self.oldest = self.oldest.max(one.oldest);
    }
}

impl Books {
    pub(super) fn new(has_searched: bool) -> Self {
        Books {
            has_searched,
            ..Books::default()
        }
    }

    pub(super) fn statistics(&self) -> Statistics {
        let mut total = self.past;
        self.stores.iter().for_each(|store| total.add(store));
        Statistics {
            emitted: total.appended + self.turned_away,
            adopted: total.adopted,
            sent: total.sent,
            spooled: total.waiting,
            in_memory: total.in_memory,
            dropped: total.dropped + self.turned_away,
            quarantined: total.quarantined,
            bytes: total.bytes,
            oldest: total.oldest,
            ..Statistics::default()
        }
    }

    /// Keeps the sums of stores that are no more.
    pub(super) fn retire(&mut self, over: &[Arc<Store>]) {
        let Books { stores, past, .. } = self;
        stores.retain(|store| {
            let is_over = over.iter().any(|one| Arc::ptr_eq(one, store));
            if is_over {
                past.add(store);
            }
            !is_over
        });
    }

    /// The stores that a flush waits for: its own, until so many of their records are settled, and those of others, which need not be
    /// waited for where nothing moves unless `adopted_too`.
    pub(super) fn waited_for<'a>(
        &'a self,
        own: &'a [(Arc<Store>, u64)],
        adopted_too: bool,
    ) -> impl Iterator<Item = &'a Arc<Store>> {
        let unsettled = own
            .iter()
            .filter(|(store, added)| !store.is_settled_before(*added))
            .map(|(store, _)| store);
        let adopted = self.stores.iter().filter(|store| store.is_adopted());
        unsettled.chain(adopted.filter(move |store| adopted_too || self.obstacle(store).is_none()))
    }

    /// What keeps the records of a store from their server. Where one experiment is stalled the others of that server are hardly better off.
    pub(super) fn obstacle(&self, store: &Store) -> Option<&str> {
        let address = &store.destination().address;
        let mut stalled = self.stalled.iter();
        let (_, reason) = stalled.find(|(place, _)| place.address == *address)?;
        Some(reason)
    }

    /// A store with something to take for a destination that is wanted. They take turns.
    pub(super) fn choose(&self, wanted: impl Fn(&Destination) -> bool) -> Option<&Arc<Store>> {
        let stores = self
            .stores
            .iter()
            .cycle()
            .skip(self.turn % self.stores.len().max(1));
        let mut stores = stores.take(self.stores.len());
        stores.find(|store| wanted(store.destination()) && store.untaken() > 0)
    }
}
