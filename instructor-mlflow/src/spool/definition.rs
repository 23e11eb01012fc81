//! What many records share is written once in each segment.

use std::collections::HashMap;
use std::sync::Arc;

/// Bytes that records refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    /// A hash of the bytes: the same bytes have the same key, in every process.
    pub(crate) key: u64,
    pub(crate) bytes: Arc<[u8]>,
}

/// The definitions that a record may refer to, by their keys. A clone is a reference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Definitions(Arc<HashMap<u64, Arc<[u8]>>>);

impl Definitions {
    /// `None` if it was never written, or if its bytes were damaged.
    pub(crate) fn get(&self, key: u64) -> Option<&Arc<[u8]>> {
        self.0.get(&key)
    }

    pub(super) fn insert(&mut self, key: u64, bytes: &[u8]) {
        if self.get(key).is_none_or(|known| **known != *bytes) {
            Arc::make_mut(&mut self.0).insert(key, bytes.into());
        }
    }
}

impl<'a> FromIterator<&'a Definition> for Definitions {
    fn from_iter<I: IntoIterator<Item = &'a Definition>>(definitions: I) -> Self {
        let pairs = definitions.into_iter();
        Definitions(Arc::new(
            pairs.map(|one| (one.key, one.bytes.clone())).collect(),
        ))
    }
}
