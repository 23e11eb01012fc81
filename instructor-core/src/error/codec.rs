//! What a dialect cannot write or read.

use crate::schema::Inexpressible;

/// A request cannot be written in a dialect, or a response cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct CodecError {
    /// What is wrong.
    pub message: String,
}

impl CodecError {
    /// An error that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        CodecError {
            message: message.into(),
        }
    }
}

impl From<serde_json::Error> for CodecError {
    fn from(error: serde_json::Error) -> Self {
        CodecError::new(error.to_string())
    }
}

impl From<Inexpressible> for CodecError {
    fn from(error: Inexpressible) -> Self {
        CodecError::new(error.reason)
    }
}
