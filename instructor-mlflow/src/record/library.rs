//! Definitions that were read, on the thread that sends.

use std::sync::Arc;

use lru::LruCache;
use serde::de::DeserializeOwned;

use super::{
    DecodeError, Defined, DefinitionKey, Definitions, Destination, Record, ResponseModel, format,
};
use crate::source::Source;

/// How many definitions of each kind are kept.
const KEPT: usize = 1024;

/// Reads records with their definitions, of which each is read once.
#[derive(Debug)]
pub(crate) struct Library {
    response_models: Shelf<ResponseModel>,
    destinations: Shelf<Destination>,
    sources: Shelf<Source>,
}

impl Library {
    pub(crate) fn new() -> Library {
        Library {
            response_models: Shelf::new(),
            destinations: Shelf::new(),
            sources: Shelf::new(),
        }
    }

    /// The record that `bytes` hold. `definition` finds the bytes of a definition; what is not found, or cannot be read, is
    /// left out.
    ///
    /// # Errors
    ///
    /// If the bytes are no record.
    pub(crate) fn open(
        &mut self,
        bytes: &[u8],
        definition: impl Fn(DefinitionKey) -> Option<Arc<[u8]>>,
    ) -> Result<Record<'static>, DecodeError> {
        let mut record = Record::decode(bytes)?;
        let mut definitions = Definitions {
            response_models: Vec::new(),
            destination: record
                .destination
                .and_then(|key| self.destinations.find(key, &definition)),
            source: record
                .source
                .and_then(|key| self.sources.find(key, &definition)),
        };
        let requests = record.spans.iter().filter_map(|span| span.request());
        for key in requests.filter_map(|request| request.definition) {
            if definitions.response_model(key).is_none()
                && let Some(model) = self.response_models.find(key, &definition)
            {
                definitions.add(model);
            }
        }
        record.definitions = definitions;
        Ok(record)
    }
}

/// Definitions of one kind.
#[derive(Debug)]
struct Shelf<T>(LruCache<DefinitionKey, Arc<Defined<T>>>);

impl<T: DeserializeOwned> Shelf<T> {
    fn new() -> Self {
        // It takes no memory until it is used; `find` keeps the bound.
        Shelf(LruCache::unbounded())
    }

    fn find(
        &mut self,
        key: DefinitionKey,
        definition: impl Fn(DefinitionKey) -> Option<Arc<[u8]>>,
    ) -> Option<Arc<Defined<T>>> {
        if let Some(known) = self.0.get(&key) {
            return Some(known.clone());
        }
        let bytes = definition(key)?;
        let value = Arc::new(format::read(&bytes).ok()?);
        let defined = Arc::new(Defined { key, bytes, value });
        self.0.put(key, defined.clone());
        if self.0.len() > KEPT {
            self.0.pop_lru();
        }
        Some(defined)
    }
}
