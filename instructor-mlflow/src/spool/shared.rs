//! What the callers, the thread and the reader of a spool share.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::books::Books;
use super::disk::Disk;
use super::options::Options;
use super::reader::Shelf;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) root: PathBuf,
    pub(super) options: Options,
    state: Mutex<State>,
    /// The thread waits here.
    pub(super) work: Condvar,
    /// Those who append or flush wait here.
    pub(super) progress: Condvar,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) books: Books,
    /// The disk is slow or in trouble: nobody waits for it until it has caught up.
    pub(super) is_behind: bool,
    /// Whether the thread must be woken.
    pub(super) sleeps: bool,
    /// How often the thread has looked what is to be done.
    #[cfg(test)]
    pub(super) turns: u64,
    pub(super) flushes_wanted: u64,
    pub(super) flushes_done: u64,
    /// Those that met trouble.
    pub(super) flushes_failed: u64,
    pub(super) is_closing: bool,
    pub(super) has_ended: bool,
}

impl State {
    /// Whether somebody waits in a flush, or for the end.
    pub(super) fn is_hurried(&self) -> bool {
        self.is_closing || self.flushes_wanted > self.flushes_done.max(self.flushes_failed)
    }
}

impl Shared {
    pub(super) fn new(disk: Arc<dyn Disk>, root: PathBuf, options: Options) -> Self {
        let state = State {
            books: Books::new(&options.label),
            is_behind: false,
            sleeps: false,
            #[cfg(test)]
            turns: 0,
            flushes_wanted: 0,
            flushes_done: 0,
            flushes_failed: 0,
            is_closing: false,
            has_ended: false,
        };
        Shared {
            disk,
            root,
            options,
            state: Mutex::new(state),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // The books are consistent whenever the lock is free: nothing between two changes can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the thread if it waits for work.
    pub(super) fn wake(&self, state: &mut State) {
        if state.sleeps {
            state.sleeps = false;
            self.work.notify_one();
        }
    }
}

impl Shelf for Shared {
    fn with_books<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R {
        work(&mut self.state().books)
    }
}
