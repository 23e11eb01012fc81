//! What a spool counts.

use std::io;
use std::time::Duration;

/// What became of all records that were ever appended:
/// `appended = acknowledged + waiting_on_disk + waiting_in_memory + dropped + damaged`, at any time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Statistics {
    /// Records that `append` took or dropped; in an adopted directory, those that were found waiting or damaged in it.
    pub(crate) appended: u64,
    pub(crate) acknowledged: u64,
    /// Of the acknowledged, those that nobody has taken.
    pub(crate) rejected: u64,
    /// Not acknowledged, taken or not.
    pub(crate) waiting_on_disk: u64,
    /// Not acknowledged, and not on disk: they end with the process.
    pub(crate) waiting_in_memory: u64,
    pub(crate) dropped: Dropped,
    /// Records that were on disk and cannot be read any more. Their bytes are in the quarantine if there were any.
    pub(crate) damaged: u64,
    /// Of all segments.
    pub(crate) bytes_on_disk: u64,
    pub(crate) bytes_in_memory: u64,
    /// For how long the oldest record waits, or at least its segment has been there.
    pub(crate) oldest: Option<Duration>,
    /// Why the disk does not take records now.
    pub(crate) trouble: Option<Trouble>,
}

/// How many records were dropped, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Dropped {
    /// There was no room on disk, and they were the oldest.
    pub(crate) oldest: u64,
    /// There was no room on disk, and they were the newest.
    pub(crate) newest: u64,
    /// The disk did not take them, and there was no room in memory.
    pub(crate) memory: u64,
}

impl Dropped {
    pub(crate) fn total(&self) -> u64 {
        self.oldest + self.newest + self.memory
    }
}

impl Statistics {
    /// Records that are neither acknowledged nor lost.
    pub(crate) fn waiting(&self) -> u64 {
        self.waiting_on_disk + self.waiting_in_memory
    }

    /// Of the files and of the memory that they take.
    pub(crate) fn bytes_waiting(&self) -> u64 {
        if self.waiting() == 0 {
            return 0;
        }
        self.bytes_on_disk + self.bytes_in_memory
    }

    /// Whether each record is accounted for.
    #[cfg(test)]
    pub(crate) fn is_balanced(&self) -> bool {
        let waiting = self.waiting_on_disk + self.waiting_in_memory;
        self.appended == self.acknowledged + waiting + self.dropped.total() + self.damaged
    }
}

/// Why the disk does not take records.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{action} failed: {reason}")]
pub(crate) struct Trouble {
    /// What was tried, for example `writing records`.
    pub(crate) action: &'static str,
    pub(crate) kind: io::ErrorKind,
    /// What the operating system says.
    pub(crate) reason: String,
}

impl Trouble {
    pub(super) fn new(action: &'static str, error: &io::Error) -> Self {
        Trouble {
            action,
            kind: error.kind(),
            reason: error.to_string(),
        }
    }
}
