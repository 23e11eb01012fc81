//! Bytes that are no record.

use rmp_serde::decode::Error;

/// Why bytes are no record. It never quotes them: they hold what users asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    /// They end too early.
    #[error("it is cut off")]
    CutOff,
    /// They hold something else.
    #[error("it does not have the shape of a record")]
    Shape,
}

impl From<Error> for DecodeError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidMarkerRead(_) | Error::InvalidDataRead(_) => DecodeError::CutOff,
            _ => DecodeError::Shape,
        }
    }
}
