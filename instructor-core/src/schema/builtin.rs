//! The types that have a schema without a derive.

mod addresses;
mod collections;
#[cfg(any(
    feature = "chrono",
    feature = "jiff",
    feature = "rust_decimal",
    feature = "time",
    feature = "url",
    feature = "uuid"
))]
mod formats;
mod maps;
mod numbers;
mod pointers;
#[cfg(feature = "schemars")]
mod schemars;
mod structures;
mod texts;
mod tuples;

pub use maps::MapKey;
#[cfg(feature = "schemars")]
pub use schemars::Schemars;

use super::graph::{Edge, Node};
use crate::model::ResponseModel;

impl ResponseModel for serde_json::Value {
    const NODE: Edge = Edge::to(&Node::Any);
    type Partial = Self;
}

#[cfg(feature = "bytes")]
impl ResponseModel for bytes::Bytes {
    /// A list of numbers, as `serde_json` writes it.
    const NODE: Edge = <Vec<u8>>::NODE;
    type Partial = Vec<u8>;
}

/// A generic type's mention of itself: the derive writes it where the type stands among its own fields.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
#[allow(clippy::exhaustive_enums, reason = "it has no value, and never will")]
pub enum Enclosing<const ID: u64> {}

impl<'de, const ID: u64> serde::Deserialize<'de> for Enclosing<ID> {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(serde::de::Error::custom(
            "it stands for a type and has no value",
        ))
    }
}

impl<const ID: u64> ResponseModel for Enclosing<ID> {
    const NODE: Edge = Edge::to(&Node::Enclosing(ID));
    type Partial = ();
}
