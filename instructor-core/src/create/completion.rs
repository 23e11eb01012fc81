//! What a call gives that was asked for its ledger.

use crate::attempt::Attempt;
use crate::cost::Cost;
use crate::response::{Response, Usage};

/// A value, and how it came about.
#[derive(Debug)]
#[non_exhaustive]
pub struct Completion<T> {
    /// The value.
    pub value: T,
    /// Every attempt, the accepted one last.
    pub attempts: Vec<Attempt>,
}

impl<T> Completion<T> {
    /// Tokens of all attempts, LLM validators included.
    pub fn usage(&self) -> Usage {
        self.attempts.iter().map(Attempt::usage).sum()
    }

    /// What all attempts cost, LLM validators included; `None` as in [`Attempt::cost`].
    pub fn cost(&self) -> Option<Cost> {
        self.attempts.iter().map(Attempt::cost).sum()
    }

    /// The accepted response.
    pub fn response(&self) -> Option<&Response> {
        self.attempts.last()?.response.as_ref()
    }
}
