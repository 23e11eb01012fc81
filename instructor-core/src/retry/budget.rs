//! How many repetitions all calls of a client have together.

use std::sync::atomic::{AtomicU32, Ordering};

/// Tenths of a repetition.
const REPETITION: u32 = 10;
/// What each request brings in: a fifth of a repetition.
const REQUEST: u32 = 2;
/// What there is at first, and at most: repetitions enough for a bad minute, too few for an outage.
const RESERVE: u32 = 100 * REPETITION;

/// Repetitions that are left: each takes one, and five requests bring one.
#[derive(Debug)]
pub(crate) struct RetryBudget(AtomicU32);

impl Default for RetryBudget {
    fn default() -> Self {
        RetryBudget(AtomicU32::new(RESERVE))
    }
}

impl RetryBudget {
    /// A request is sent for the first time.
    pub(crate) fn earn(&self) {
        self.change(|left| Some((left + REQUEST).min(RESERVE)));
    }

    /// Takes a repetition, if one is left.
    pub(crate) fn take(&self) -> bool {
        self.change(|left| left.checked_sub(REPETITION))
    }

    fn change(&self, by: impl FnMut(u32) -> Option<u32>) -> bool {
        // Nothing else is read on the strength of it.
        let order = Ordering::Relaxed;
        self.0.fetch_update(order, order, by).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_requests_bring_one_repetition() {
        let budget = RetryBudget::default();
        budget.earn();
        let reserve = (0..1000).filter(|_| budget.take()).count();
        assert_eq!(reserve, 100, "the reserve has a limit");
        let taken = (0..1000).filter(|_| {
            budget.earn();
            budget.take()
        });
        assert_eq!(taken.count(), 200);
    }
}
