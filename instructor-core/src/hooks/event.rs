//! What hooks are told.

use std::sync::Arc;
use std::time::Duration;

use crate::attempt::Attempt;
use crate::cost::Cost;
use crate::error::{ApiError, Error, TransportError};
use crate::request::Request;
use crate::response::{Response, Usage};
use crate::validate::ValidationErrors;

/// A request is about to be sent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RequestEvent<'a> {
    /// The attempt so far: its number, its request, and the body that will be sent.
    pub attempt: &'a Attempt,
    /// How many attempts the call may make.
    pub max_attempts: u32,
}

impl RequestEvent<'_> {
    /// Whether there will be no further attempt.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt.number >= self.max_attempts
    }
}

/// A response was read.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ResponseEvent<'a> {
    /// The attempt, with the body that came back.
    pub attempt: &'a Attempt,
    /// The response.
    pub response: &'a Response,
}

/// A response said how many tokens it used.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct UsageEvent<'a> {
    /// The attempt.
    pub attempt: &'a Attempt,
    /// Tokens of this response.
    pub usage: Usage,
}

impl UsageEvent<'_> {
    /// What this response cost; `None` if there is no [price](crate::cost) for its model.
    pub fn cost(&self) -> Option<Cost> {
        self.attempt.answer_cost()
    }
}

/// An answer is not valid.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ParseErrorEvent<'a> {
    /// The attempt, with its response and the LLM validators that judged it.
    pub attempt: &'a Attempt,
    /// What is wrong with the answer.
    pub errors: &'a ValidationErrors,
    /// How many attempts the call may make.
    pub max_attempts: u32,
}

impl ParseErrorEvent<'_> {
    /// Whether there will be no further attempt.
    pub fn is_last_attempt(&self) -> bool {
        self.attempt.number >= self.max_attempts
    }
}

/// Something is about to be asked for again.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RetryEvent<'a> {
    /// The attempt that failed. A transport's repetition belongs to it; after an invalid answer the next attempt follows.
    pub attempt: &'a Attempt,
    /// Why.
    pub cause: RetryCause<'a>,
    /// How long the call waits before it sends the request.
    pub pause: Duration,
}

/// Why something is asked for again.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum RetryCause<'a> {
    /// The answer is not valid.
    Invalid(&'a ValidationErrors),
    /// The provider answered with an error that may pass.
    Api(&'a ApiError),
    /// The provider could not be reached, or the connection broke.
    Transport(&'a TransportError),
}

/// A call ends with an error.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ErrorEvent<'a> {
    /// The error that the caller will get, with its attempts.
    pub error: &'a Error,
}

/// A call ends.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FinishEvent<'a> {
    /// The first request.
    pub request: &'a Arc<Request>,
    /// All attempts.
    pub attempts: &'a [Attempt],
    /// Why there is no value; `None` if there is one.
    pub error: Option<&'a Error>,
    /// How long the call took.
    pub elapsed: Duration,
}

impl FinishEvent<'_> {
    /// Tokens of all attempts, LLM validators included.
    pub fn usage(&self) -> Usage {
        self.attempts.iter().map(Attempt::usage).sum()
    }

    /// What all attempts cost, LLM validators included; `None` as in [`Attempt::cost`].
    pub fn cost(&self) -> Option<Cost> {
        self.attempts.iter().map(Attempt::cost).sum()
    }
}

/// What a call tells its hooks.
pub(crate) enum Event<'a> {
    Request(RequestEvent<'a>),
    Response(ResponseEvent<'a>),
    Usage(UsageEvent<'a>),
    ParseError(ParseErrorEvent<'a>),
    Retry(RetryEvent<'a>),
    Error(ErrorEvent<'a>),
    Finish(FinishEvent<'a>),
}
