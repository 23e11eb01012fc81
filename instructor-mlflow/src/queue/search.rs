//! What processes left that have ended.

use std::io;
use std::sync::{Arc, PoisonError};

use super::Queue;
use crate::config::{Destination, environment};
use crate::spool::{Adoption, Refused, adopt};
use crate::storage::Adopting;
use crate::store::Store;

/// How many directories of processes that have ended a search takes along.
const MOST_FOUND: usize = 16;

/// How many a program takes along in all that has something else to do: each has open files. They are many, since those of a server that
/// is down must not keep back those of another one.
const MOST_ADOPTED: usize = 256;

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

impl Queue {
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
        let adopted = {
            let books = self.books();
            books
                .stores
                .iter()
                .filter(|store| store.is_adopted())
                .count()
        };
        let most = match self.storage.adoption {
            Adopting::SameServer => MOST_ADOPTED.saturating_sub(adopted).min(MOST_FOUND),
            Adopting::Everything => MOST_FOUND,
        };
        let found = adopt(&self.disk, directory, is_wanted, most);
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
}
