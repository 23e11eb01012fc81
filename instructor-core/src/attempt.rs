//! The ledger of a call: what was sent, what came back, and what was wrong with it, attempt by attempt.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::leniency::Correction;
use crate::request::Request;
use crate::response::{Response, Usage};
use crate::trace::Failure;
use crate::validate::{ErrorCode, ValidationErrors};

/// One attempt of a call: a request to the provider, and the check of its answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Attempt {
    /// The number of this attempt, from 1.
    pub number: u32,
    /// The request.
    pub request: Arc<Request>,
    /// The body that was sent.
    pub wire_request: Bytes,
    /// The body that came back; `None` if none did.
    pub wire_response: Option<Bytes>,
    /// The decoded response; `None` if there is none, or it could not be decoded.
    pub response: Option<Response>,
    /// The text that was checked, if it failed: the answer as it came, or an earlier one with the corrections of this one put in.
    /// `None` if the answer was accepted, or is none.
    pub answer: Option<String>,
    /// What is wrong with the answer; `None` if it was accepted or never checked.
    pub errors: Option<ValidationErrors>,
    /// What was put right in the answer before it was checked, as [`Leniency`](crate::leniency::Leniency) allows.
    pub corrections: Vec<Correction>,
    /// The LLM validators that judged the answer.
    pub validators: Vec<ValidatorCall>,
    /// From sending the request to having the whole answer, transport retries and their pauses included.
    pub latency: Duration,
    /// How often the request was sent again because of the transport or the provider's HTTP status.
    pub transport_retries: u32,
}

impl Attempt {
    pub(crate) fn new(number: u32, request: Arc<Request>, wire_request: Bytes) -> Self {
        Attempt {
            number,
            request,
            wire_request,
            wire_response: None,
            response: None,
            answer: None,
            errors: None,
            corrections: Vec::new(),
            validators: Vec::new(),
            latency: Duration::ZERO,
            transport_retries: 0,
        }
    }

    /// Tokens of this attempt, its LLM validators included.
    pub fn usage(&self) -> Usage {
        let answer = self
            .response
            .as_ref()
            .and_then(|response| response.usage)
            .unwrap_or_default();
        answer + self.validators.iter().map(ValidatorCall::usage).sum()
    }
}

/// The judgement of one value by `#[llm_validate]` or `#[moderate]`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ValidatorCall {
    /// Where the value stands in the answer.
    pub path: String,
    /// What a fault of this rule is called: [`ErrorCode::Llm`] or [`ErrorCode::Moderation`].
    pub code: ErrorCode,
    /// The rule: the text of `#[llm_validate("...")]`, its variables put in, or `moderation`.
    pub statement: Cow<'static, str>,
    /// The model that judged.
    pub model: Arc<str>,
    /// Whether the rule holds; `None` if the validator itself failed.
    pub is_valid: Option<bool>,
    /// Why the rule does not hold.
    pub reason: Option<String>,
    /// The value that replaced the rejected one (`allow_override`), as JSON text.
    pub replaced_by: Option<String>,
    /// The verdict is that of an equal question of the same call, or from the cache: nothing was sent, so there are no attempts.
    pub is_cached: bool,
    /// Why the validator itself failed. With `on_error = accept` the value passed all the same.
    pub failure: Option<Failure>,
    /// The validator's own attempts.
    pub attempts: Vec<Attempt>,
    /// How long it took.
    pub latency: Duration,
}

impl ValidatorCall {
    /// Tokens of all its attempts.
    pub fn usage(&self) -> Usage {
        self.attempts.iter().map(Attempt::usage).sum()
    }
}
