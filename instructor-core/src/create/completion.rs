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

    /// About how many output tokens were not paid for, since attempts were stopped as soon as something was wrong
    /// ([`fail_fast`](crate::Create::fail_fast)): each is taken to have become as long as the accepted answer.
    pub fn saved_tokens(&self) -> u64 {
        let whole = self.attempts.iter().rev().find(|attempt| {
            !attempt.is_stopped && attempt.errors.is_none() && attempt.request.patch.is_none()
        });
        let Some(response) = whole.and_then(|attempt| attempt.response.as_ref()) else {
            return 0;
        };
        let tokens = response.usage.unwrap_or_default().output_tokens;
        let length = response.answer_length();
        let stopped = self.attempts.iter().filter(|attempt| attempt.is_stopped);
        let saved = stopped.map(|attempt| {
            let arrived = attempt.response.as_ref().map_or(0, Response::answer_length);
            let rest = length.saturating_sub(arrived);
            (tokens * rest).checked_div(length).unwrap_or_default()
        });
        saved.sum()
    }

    /// The accepted response.
    pub fn response(&self) -> Option<&Response> {
        self.attempts.last()?.response.as_ref()
    }
}
