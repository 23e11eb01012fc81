//! What many records share: written once, and named by a hash.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Destination, ResponseModel, format};
use crate::source::Source;
use crate::spool::Definition;

/// The first 64 bits of the SHA-256 of an encoded definition, so that every process finds the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct DefinitionKey(pub(crate) u64);

impl DefinitionKey {
    /// The key of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> DefinitionKey {
        let hash = Sha256::digest(bytes);
        let first = hash.iter().take(size_of::<u64>());
        DefinitionKey(first.fold(0, |key, byte| key << 8 | u64::from(*byte)))
    }
}

/// A definition and its encoded form.
#[derive(Debug, PartialEq)]
pub(crate) struct Defined<T> {
    pub(crate) key: DefinitionKey,
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) value: Arc<T>,
}

impl<T: Serialize> Defined<T> {
    pub(crate) fn new(value: T) -> Defined<T> {
        let mut bytes = Vec::new();
        format::write(&value, &mut bytes);
        Defined {
            key: DefinitionKey::of(&bytes),
            bytes: bytes.into(),
            value: Arc::new(value),
        }
    }
}

impl<T> Defined<T> {
    /// As a spool keeps it.
    fn definition(&self) -> Definition {
        Definition {
            key: self.key.0,
            bytes: self.bytes.clone(),
        }
    }
}

/// What the keys of a record stand for, as far as it is known. It is no part of the record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Definitions {
    pub(crate) response_models: Vec<Arc<Defined<ResponseModel>>>,
    pub(crate) destination: Option<Arc<Defined<Destination>>>,
    pub(crate) source: Option<Arc<Defined<Source>>>,
}

/// The records are the same if their keys are.
impl PartialEq for Definitions {
    fn eq(&self, _: &Definitions) -> bool {
        true
    }
}

impl Definitions {
    pub(crate) fn response_model(&self, key: DefinitionKey) -> Option<&Arc<ResponseModel>> {
        let mut known = self.response_models.iter();
        let found = known.find(|known| known.key == key)?;
        Some(&found.value)
    }

    /// Adds a response model, and gives its key.
    pub(super) fn add(&mut self, model: Arc<Defined<ResponseModel>>) -> DefinitionKey {
        let key = model.key;
        if self.response_model(key).is_none() {
            self.response_models.push(model);
        }
        key
    }

    pub(super) fn encoded(&self) -> Vec<Definition> {
        let models = self.response_models.iter();
        let mut encoded = Vec::with_capacity(self.response_models.len() + 2);
        encoded.extend(models.map(|it| it.definition()));
        encoded.extend(self.destination.iter().map(|it| it.definition()));
        encoded.extend(self.source.iter().map(|it| it.definition()));
        encoded
    }
}
