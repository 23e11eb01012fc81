//! What came of checking an answer.

use std::sync::Arc;

use crate::error::Error;
use crate::validate::{ValidationError, ValidationErrors};

/// A value that passed every check.
pub(crate) struct Accepted<T> {
    pub(crate) value: T,
    /// The JSON text it was made from, where that is not the payload as it came.
    pub(crate) corrected: Option<String>,
}

/// Why an answer was not accepted.
pub(crate) enum Rejected {
    /// The answer is wrong: worth asking again.
    Invalid(ValidationErrors),
    /// No answer can be had this way.
    Failed(Box<Error>),
}

impl From<ValidationErrors> for Rejected {
    fn from(errors: ValidationErrors) -> Self {
        Rejected::Invalid(errors)
    }
}

impl From<ValidationError> for Rejected {
    fn from(error: ValidationError) -> Self {
        Rejected::Invalid(error.into())
    }
}

/// The value of a call.
pub(crate) struct Answer<T> {
    pub(crate) value: T,
    /// The JSON text it was made from; only there if somebody traces the call.
    pub(crate) output: Option<Arc<str>>,
}
