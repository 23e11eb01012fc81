//! What a type must say about itself to be an answer.

use serde::de::DeserializeOwned;

use crate::schema::{Edge, Schema};
use crate::validate::{Path, ValidationErrors};

/// A type that can be the whole answer of a language model: a struct with `#[derive(Deserialize, ResponseModel)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of a language model",
    label = "not a response model",
    note = "add `#[derive(Deserialize, ResponseModel)]` to the struct `{Self}`",
    note = "an enum, a list or a plain value cannot be a whole answer yet: make it a field of such a struct"
)]
pub trait ResponseModel: ResponseField + DeserializeOwned + Send + 'static {
    /// The schema, rendered while the crate compiles.
    const SCHEMA: &'static Schema;
}

/// A type that can be a field of a response model.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a field of a response model",
    label = "has no schema",
    note = "add `#[derive(Deserialize, ResponseModel)]` to `{Self}`, or use a string, number, bool, Option, Vec, Box or a map with string keys"
)]
pub trait ResponseField {
    /// The type's node in the schema graph.
    const NODE: Edge;

    /// Checks the rules of this value and of everything in it, and adds what is wrong to `errors`.
    fn validate(&self, path: &Path<'_>, errors: &mut ValidationErrors) {
        let _ = (path, errors);
    }
}
