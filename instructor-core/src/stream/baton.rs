//! Hands what a call shows to its reader, and back.
//!
//! Both sides change the same value, but never at the same time: the call runs only while the reader waits. The reader takes the value out to
//! lend it, and puts it back before the call goes on; so nothing is copied, and nobody waits for a lock.

use std::sync::{Arc, Mutex, PoisonError};

/// A value that two sides hold in turn.
#[derive(Debug)]
pub(crate) struct Baton<S>(Arc<Mutex<Option<S>>>);

impl<S> Baton<S> {
    pub(super) fn new(value: S) -> Self {
        Baton(Arc::new(Mutex::new(Some(value))))
    }

    /// For the other side.
    pub(super) fn share(&self) -> Self {
        Baton(Arc::clone(&self.0))
    }

    /// Looks at the value, unless the other side holds it.
    pub(super) fn with<R>(&self, look: impl FnOnce(&mut S) -> R) -> Option<R> {
        let mut value = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        value.as_mut().map(look)
    }

    pub(super) fn take(&self) -> Option<S> {
        let mut value = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        value.take()
    }

    pub(super) fn give_back(&self, value: S) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some(value);
    }
}
