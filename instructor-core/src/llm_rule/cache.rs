//! Verdicts that are known already.

use std::fmt;

use super::question::{Question, Verdict};
use crate::cache::Cache;

/// Verdicts of LLM validators, kept in memory between calls: a value that was judged once by the same model of the same provider
/// against the same statement is not judged again.
///
/// Given to a client with [`ClientBuilder::validator_cache`](crate::ClientBuilder::validator_cache). Clones share what they hold,
/// so one cache may serve several clients. What is in it is lost when the program ends. A judge that failed is asked again; only
/// verdicts are kept.
///
/// ```
/// use instructor_core::ValidatorCache;
///
/// let cache = ValidatorCache::new(10_000);
/// assert!(cache.is_empty());
/// ```
#[derive(Clone)]
pub struct ValidatorCache {
    verdicts: Cache<Question, Verdict>,
}

impl ValidatorCache {
    /// A cache of at most `capacity` verdicts (at least one), which forgets those first that were not needed for the longest time.
    pub fn new(capacity: usize) -> Self {
        ValidatorCache {
            verdicts: Cache::new(capacity),
        }
    }

    /// How many verdicts it holds.
    pub fn len(&self) -> usize {
        self.verdicts.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all verdicts.
    pub fn clear(&self) {
        self.verdicts.clear();
    }

    pub(super) fn get(&self, question: &Question) -> Option<Verdict> {
        self.verdicts.get(question)
    }

    pub(super) fn put(&self, question: Question, verdict: Verdict) {
        self.verdicts.put(question, verdict);
    }
}

/// Only how many there are: values may be private.
impl fmt::Debug for ValidatorCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidatorCache")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
