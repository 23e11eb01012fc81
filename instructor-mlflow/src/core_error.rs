//! `?` on an [`InitError`] in a function that returns `instructor::Result`.

use crate::error::InitError;

impl From<InitError> for instructor_core::Error {
    fn from(error: InitError) -> Self {
        instructor_core::Error::Tracing(Box::new(error))
    }
}
