//! Waiting until everything has arrived, or cannot.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::Queue;
use super::closing::LAST_PATIENCE;
use crate::config::Destination;
use crate::sink::FlushError;
use crate::store::Store;

/// How long a flush goes on trying while the server takes nothing. The first try of an outage may take longer, by
/// which it becomes known.
pub(super) const STALLED_GRACE: Duration = Duration::from_secs(2);

/// How long a flush goes on after it has learned that, if that was late: long enough for one more try.
pub(super) const STALLED_AGAIN: Duration = Duration::from_millis(600);

impl Queue {
    /// Enters where nothing can go now, and why. Everywhere else is worth waiting for.
    pub(crate) fn note_stalled(&self, places: impl Iterator<Item = (Arc<Destination>, String)>) {
        self.books().stalled = places.collect();
        self.progress.notify_all();
    }

    /// Enters that something moves at that server, for all of its experiments.
    pub(crate) fn note_moving(&self, destination: &Destination) {
        let mut books = self.books();
        books
            .stalled
            .retain(|(place, _)| place.address != destination.address);
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
            let (is_left, is_stalled) = {
                let mut waiting = books.waited_for(&own, adopted_too).peekable();
                let is_left = waiting.peek().is_some();
                (
                    is_left,
                    waiting.all(|store| books.obstacle(store).is_some()),
                )
            };
            if !is_left && books.has_searched {
                break true;
            }
            // Whatever else moves meanwhile does not make it come sooner.
            let patience = match is_stalled {
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
        let mut waiting = books.waited_for(&own, adopted_too);
        let reason = waiting.find_map(|store| books.obstacle(store).map(str::to_owned));
        Err(FlushError::new(books.statistics(), reason))
    }
}
