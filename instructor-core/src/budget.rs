//! What a call may spend: tokens, money, time.

use std::fmt;
use std::time::Instant;

use crate::attempt::Attempt;
use crate::cost::{Cost, Dollars};
use crate::error::Error;

/// A limit of a call that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Budget {
    /// `.max_tokens_total(...)`
    #[non_exhaustive]
    Tokens {
        /// The tokens the call could use.
        limit: u64,
        /// The tokens it used, LLM validators included.
        spent: u64,
    },
    /// `.max_cost(...)`
    #[non_exhaustive]
    Cost {
        /// What the call could cost.
        limit: Dollars,
        /// What it did cost, LLM validators included.
        spent: Dollars,
    },
    /// `.deadline(...)`
    Deadline,
}

impl Budget {
    /// `tokens`, `cost` or `deadline`.
    pub const fn name(&self) -> &'static str {
        match self {
            Budget::Tokens { .. } => "tokens",
            Budget::Cost { .. } => "cost",
            Budget::Deadline => "deadline",
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Budget::Tokens { limit, spent } => {
                write!(
                    f,
                    "the budget of {limit} tokens is spent: {spent} were used"
                )
            }
            Budget::Cost { limit, spent } => {
                write!(f, "the budget of {limit} is spent: the call cost {spent}")
            }
            Budget::Deadline => f.write_str("the deadline has passed"),
        }
    }
}

/// The limits of a call.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    pub(crate) tokens: Option<u64>,
    pub(crate) cost: Option<Dollars>,
    pub(crate) deadline: Option<Instant>,
}

impl Limits {
    /// Whether one more request may be sent after the attempts in `ledger`.
    pub(crate) fn allow_another(&self, ledger: &[Attempt]) -> Result<(), Error> {
        if self.deadline.is_some_and(|end| Instant::now() >= end) {
            return Err(exceeded(Budget::Deadline));
        }
        if let Some(limit) = self.tokens {
            if let Some(attempt) = ledger.iter().find_map(Attempt::uncounted) {
                return Err(uncounted(attempt));
            }
            let spent = ledger.iter().map(|it| it.usage().total_tokens()).sum();
            if spent >= limit {
                return Err(exceeded(Budget::Tokens { limit, spent }));
            }
        }
        if let Some(limit) = self.cost {
            let cost: Option<Cost> = ledger.iter().map(Attempt::cost).sum();
            let spent = cost.ok_or_else(|| unpaid(ledger))?.total();
            if spent >= limit {
                return Err(exceeded(Budget::Cost { limit, spent }));
            }
        }
        Ok(())
    }
}

pub(crate) fn exceeded(budget: Budget) -> Error {
    Error::BudgetExceeded {
        budget,
        attempts: Vec::new(),
    }
}

/// There is no price for a model, so nobody can tell when a budget of money is spent.
pub(crate) fn unpriced(provider: &str, model: &str) -> Error {
    unknown(format!(
        "there is no price for the model `{model}` of provider `{provider}`: give one to the client's builder with `price`"
    ))
}

fn uncounted(attempt: &Attempt) -> Error {
    unknown(format!(
        "the provider did not say how many tokens `{}` used",
        attempt.request.model
    ))
}

/// Why the cost of `ledger` is not known.
fn unpaid(ledger: &[Attempt]) -> Error {
    if let Some(attempt) = ledger.iter().find_map(Attempt::uncounted) {
        return uncounted(attempt);
    }
    let unpriced = ledger.iter().find_map(Attempt::unpriced);
    let model = unpriced.map_or("", |attempt| &attempt.request.model);
    unknown(format!(
        "there is no price for the model `{model}`: give one to its client's builder with `prices`"
    ))
}

fn unknown(reason: String) -> Error {
    Error::BudgetUnknown {
        reason,
        attempts: Vec::new(),
    }
}
