//! Where a record goes, and what it waits for where there is no room.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::books::Books;
use super::{Lost, Queue};
use crate::config::Destination;
use crate::record::Encoded;
use crate::spool::{AppendError, Durability, Kept, Spool};
use crate::store::Store;

impl Queue {
    /// How long a call may wait for room that began to be traced then.
    fn patience(&self, begin: Instant) -> Duration {
        let most = self.storage.wait_for_room.unwrap_or_default();
        most.saturating_sub(begin.elapsed())
    }

    pub(super) fn append(
        &self,
        store: &Store,
        record: &Encoded,
        begin: Instant,
    ) -> Result<Kept, AppendError> {
        loop {
            let kept = store.append(record);
            let left = self.patience(begin);
            // Others may take the room that there is: it is waited for again then.
            if kept != Err(AppendError::Full)
                || left.is_zero()
                || !store.wait_for_room(record, left)
            {
                return kept;
            }
        }
    }

    /// The store of this process for a destination, which is opened if there is none; once fewer records wait than may.
    pub(super) fn store(
        &self,
        destination: &Arc<Destination>,
        begin: Instant,
    ) -> Result<Arc<Store>, Lost> {
        let mut books = self.books();
        let most = self.storage.most_records.map(|most| most as u64);
        // Of those who wait each finds out for itself whether there is room for it.
        let is_full = |books: &Books| {
            let known = |most| books.statistics().spooled + books.entering >= most;
            most.is_some_and(known)
        };
        while !books.closed && is_full(&books) {
            let left = self.patience(begin);
            if left.is_zero() {
                books.turned_away += 1;
                return Err(Lost::Full);
            }
            (books, _) = self
                .progress
                .wait_timeout(books, left)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if books.closed {
            books.turned_away += 1;
            return Err(Lost::Closed);
        }
        let is_own = |store: &Arc<Store>| store.is_open() && store.takes_for(destination);
        if let Some(position) = books.stores.iter().position(is_own) {
            // The last is the one that was used last.
            let known = books.stores.remove(position);
            books.stores.push(known.clone());
            books.entering += u64::from(most.is_some());
            return Ok(known);
        }
        let Some(spool) = self.open(destination) else {
            books.turned_away += 1;
            return Err(Lost::Closed);
        };
        let store = Arc::new(Store::own(destination.clone(), spool));
        books.stores.push(store.clone());
        books.entering += u64::from(most.is_some());
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
}
