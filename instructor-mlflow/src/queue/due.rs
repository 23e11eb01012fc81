//! When there is something to do.

use std::time::Instant;

/// When the exporter has something to do even if nothing new comes: in general, and while somebody waits in a flush.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Due {
    pub(crate) at: Option<Instant>,
    pub(crate) hurried: Option<Instant>,
}

impl Due {
    pub(crate) fn now() -> Due {
        let now = Some(Instant::now());
        Due {
            at: now,
            hurried: now,
        }
    }

    /// The earlier of both.
    pub(crate) fn or_earlier(self, other: Due) -> Due {
        let earlier = |one: Option<Instant>, two| one.into_iter().chain(two).min();
        Due {
            at: earlier(self.at, other.at),
            hurried: earlier(self.hurried, other.hurried),
        }
    }

    /// Whether it has come.
    pub(crate) fn has_come(self, is_hurried: bool) -> bool {
        let due = if is_hurried { self.hurried } else { self.at };
        due.is_some_and(|due| due <= Instant::now())
    }
}
