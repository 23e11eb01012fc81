//! The end of stores, and of traces.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use super::Queue;
use crate::open_roots::ClosedRoots;
use crate::span::TraceId;
use crate::store::Store;

/// How many stores of this process stay open though nothing waits in them.
pub(super) const MOST_OPEN: usize = 16;

/// How long a disk may take to write down what is settled, when the program ends.
pub(super) const LAST_PATIENCE: Duration = Duration::from_secs(1);

impl Queue {
    /// Enters that the root of a trace waits in `store`. Earlier parts of it may be in another one, where the experiment has changed.
    pub(super) fn close_root(&self, trace_id: TraceId, store: &Arc<Store>) {
        self.closed_roots().insert(trace_id);
        let others: Vec<_> = {
            let books = self.books();
            let others = books.stores.iter().filter(|one| !Arc::ptr_eq(one, store));
            others.cloned().collect()
        };
        for other in others {
            other.close_root(trace_id);
        }
    }

    pub(super) fn closed_roots(&self) -> MutexGuard<'_, ClosedRoots> {
        // A set and a list of ids: nothing between two changes can panic.
        self.closed_roots
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes the files of stores with nothing in them: the program may be about to end. The next record opens another one.
    pub(crate) fn tidy(&self) {
        self.close_but(0);
    }

    /// Closes stores that have been idle longest, where there are many: each has a thread and open files.
    pub(crate) fn close_idle(&self) {
        self.close_but(MOST_OPEN);
    }

    /// Closes stores of this process with nothing in them, but for so many that were used last. One of which a trace is open stays, or
    /// whoever finds it would take the program for ended, and complete the trace.
    fn close_but(&self, kept: usize) {
        let mut own = self.books().stores.clone();
        own.retain(|store| store.is_open());
        own.truncate(own.len().saturating_sub(kept));
        // Not with the books in hand, which every call needs: the disk may take its time.
        own.retain(|store| store.close_if_idle(LAST_PATIENCE));
        self.books().retire(&own);
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
