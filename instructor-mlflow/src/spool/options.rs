//! What a spool is told when it is opened.

use std::sync::Arc;
use std::time::Duration;

use super::entry::MAX_PAYLOAD_BYTES;

/// The longest that a segment becomes before the next one begins.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// The least room for records on disk: smaller capacities count as this one.
const MIN_CAPACITY: u64 = 1024 * 1024;

/// How a spool keeps its records.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// To whom the records go: who adopts them asks for it. At most [`MAX_LABEL_BYTES`](super::MAX_LABEL_BYTES).
    pub(crate) label: Arc<[u8]>,
    pub(crate) durability: Durability,
    /// Bytes on disk: 512 MiB. The definitions that a new segment repeats may exceed it a little.
    pub(crate) capacity: u64,
    /// Bytes that wait in memory for a disk that does not take them: 16 MiB.
    pub(crate) memory: usize,
    pub(crate) when_full: WhenFull,
    /// How long `append` waits for the disk: 100 ms. On a busy machine the thread that writes may have to wait longer than a few for its turn.
    pub(crate) patience: Duration,
}

/// What records survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Durability {
    /// Nothing: they are kept in memory, and there are no files.
    Off,
    /// The end of the process, SIGKILL too: the operating system has them.
    #[default]
    Process,
    /// The loss of power too, once they are made durable, which happens at most so often, or earlier if there is much.
    Power {
        /// At most so often.
        every: Duration,
    },
}

/// What happens when the capacity on disk is used; [`Refuse`](WhenFull::Refuse) also where the room in memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum WhenFull {
    /// The oldest segment goes.
    #[default]
    DropOldest,
    /// The new record is dropped.
    DropNewest,
    /// The new record is refused, and not counted: the caller may wait for room and try again.
    Refuse,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            label: Arc::default(),
            durability: Durability::default(),
            capacity: 512 * 1024 * 1024,
            memory: 16 * 1024 * 1024,
            when_full: WhenFull::default(),
            patience: Duration::from_millis(100),
        }
    }
}

impl Options {
    pub(super) fn capacity(&self) -> u64 {
        self.capacity.max(MIN_CAPACITY)
    }

    /// When the next segment begins: some go into a small capacity too, since they are dropped as a whole.
    pub(super) fn segment_bytes(&self) -> u64 {
        SEGMENT_BYTES.min(self.capacity() / 8)
    }

    /// The longest record or definition.
    pub(super) fn max_payload_bytes(&self) -> usize {
        let fitting = usize::try_from(self.capacity() / 4).unwrap_or(usize::MAX);
        MAX_PAYLOAD_BYTES.min(fitting)
    }
}
