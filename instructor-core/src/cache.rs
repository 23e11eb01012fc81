//! What is known already, kept in memory: the one store behind the caches that users are given.

use std::hash::Hash;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

/// Holds so many values, and forgets those first that were not needed for the longest time. Clones share what they hold.
pub(crate) struct Cache<K, V>(Arc<Mutex<LruCache<K, V>>>);

impl<K: Hash + Eq, V: Clone> Cache<K, V> {
    /// A cache of at most `capacity` values (at least one).
    pub(crate) fn new(capacity: usize) -> Self {
        let capacity = NonZeroUsize::new(capacity).unwrap_or(NonZeroUsize::MIN);
        Cache(Arc::new(Mutex::new(LruCache::sparse(capacity))))
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.lock().get(key).cloned()
    }

    pub(crate) fn put(&self, key: K, value: V) {
        self.lock().put(key, value);
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Clone for Cache<K, V> {
    fn clone(&self) -> Self {
        Cache(Arc::clone(&self.0))
    }
}
