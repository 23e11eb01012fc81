//! Why a spool does not do what it is asked for.

use std::io;

use super::statistics::Trouble;

/// Why a record was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AppendError {
    #[error("a record or definition has {length} bytes, and at most {most} fit")]
    TooLong { length: usize, most: usize },
    /// With `WhenFull::DropNewest` it is counted as dropped, with `WhenFull::Refuse` it is not.
    #[error("the spool is full")]
    Full,
    /// Counted as dropped.
    #[error("the disk does not take records, and the memory for them is full")]
    MemoryFull,
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// Why a spool can do nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// The process is the child of a `fork`, which has no writing thread. It opens a spool of its own.
    #[error("the spool was opened by process {opened_by}, and this is another one")]
    OtherProcess { opened_by: u32 },
    #[error("the spool is closed")]
    Closed,
}

/// Why a spool cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("the label has {length} bytes, and at most {most} fit")]
    LabelTooLong { length: usize, most: usize },
    #[error("its thread cannot be started: {0}")]
    Thread(io::Error),
}

/// Why records could not be read. The others are given; these are tried again by the next process, or after `rewind`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TakeError {
    #[error("a segment cannot be read: {0}")]
    Read(io::Error),
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// Why not everything is as durable as was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FlushError {
    #[error(transparent)]
    Trouble(Trouble),
    #[error("the disk has not finished in time")]
    TimedOut,
    #[error(transparent)]
    Unusable(#[from] Unusable),
}

/// A state that does not fit beside the acknowledgements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the state has {length} bytes, and at most {} fit",
    super::MAX_STATE_BYTES
)]
pub(crate) struct StateTooLong {
    pub(crate) length: usize,
}

impl StateTooLong {
    pub(super) fn check(state: Option<&[u8]>) -> Result<(), Self> {
        let length = state.map_or(0, <[u8]>::len);
        if length > super::MAX_STATE_BYTES {
            return Err(StateTooLong { length });
        }
        Ok(())
    }
}

/// Why an acknowledgement was not entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AcknowledgeError {
    #[error(transparent)]
    StateTooLong(#[from] StateTooLong),
    #[error(transparent)]
    Unusable(#[from] Unusable),
}
