//! Answers that are known already.

use std::fmt;

use bytes::Bytes;

use crate::attempt::Attempt;
use crate::cache::Cache;
use crate::client::Client;

/// What providers answered, kept in memory between calls: a call that sends what another one sent, to the same provider, gets what
/// that one got, at once and for nothing.
///
/// Given to a client with [`ClientBuilder::answer_cache`](crate::ClientBuilder::answer_cache). Two requests are the same if their bodies are: model,
/// messages, schema, mode, temperature and all else. An answer from the cache is checked like any other, so that it keeps the rules and
/// the context of the call that it is for. Only the answers of calls that ended with a value are kept, those of their failed attempts
/// too; clones share what they hold, and what is in it is lost when the program ends.
///
/// The ledger marks such attempts ([`Attempt::is_cached`](crate::attempt::Attempt::is_cached)); they use no tokens and cost nothing.
///
/// ```
/// use instructor_core::AnswerCache;
///
/// let cache = AnswerCache::new(1_000);
/// assert!(cache.is_empty());
/// ```
#[derive(Clone)]
pub struct AnswerCache {
    answers: Cache<Asked, Bytes>,
}

/// What was sent, and to whom.
#[derive(PartialEq, Eq, Hash)]
struct Asked {
    provider: String,
    base_url: String,
    body: Bytes,
}

impl Asked {
    fn new(client: &Client, body: &Bytes) -> Self {
        Asked {
            provider: client.provider().name.to_string(),
            base_url: client.base_url().to_owned(),
            body: body.clone(),
        }
    }
}

impl AnswerCache {
    /// A cache of at most `capacity` answers (at least one), which forgets those first that were not needed for the longest time.
    pub fn new(capacity: usize) -> Self {
        AnswerCache {
            answers: Cache::new(capacity),
        }
    }

    /// How many answers it holds.
    pub fn len(&self) -> usize {
        self.answers.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets all answers.
    pub fn clear(&self) {
        self.answers.clear();
    }

    /// What `client` was answered to `body`.
    pub(crate) fn get(&self, client: &Client, body: &Bytes) -> Option<Bytes> {
        self.answers.get(&Asked::new(client, body))
    }

    /// Keeps the answers of a call that ended with a value.
    pub(crate) fn keep(&self, client: &Client, attempts: &[Attempt]) {
        let is_new = |attempt: &&Attempt| !attempt.is_cached && !attempt.is_stopped;
        for attempt in attempts.iter().filter(is_new) {
            if let Some(answer) = &attempt.wire_response {
                self.answers
                    .put(Asked::new(client, &attempt.wire_request), answer.clone());
            }
        }
    }
}

/// Only how many there are: answers may be private.
impl fmt::Debug for AnswerCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerCache")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
