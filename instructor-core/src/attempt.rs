//! The ledger of a call: what was sent, what came back, and what was wrong with it, attempt by attempt.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use crate::cost::{Cost, Tariff};
use crate::leniency::Correction;
use crate::rate_limit::RateLimit;
use crate::request::Request;
use crate::response::{Response, Usage};
use crate::retry::RetryStop;
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
    /// From sending the request to the first word of the model; of a stream only.
    pub time_to_first_token: Option<Duration>,
    /// From sending the request to the first value of the answer that was whole; of a stream only.
    pub time_to_first_field: Option<Duration>,
    /// The connection was dropped in the middle of the answer, which was known to be wrong (`fail_fast`). What the provider charges
    /// for it is not known.
    pub is_stopped: bool,
    /// How often the request was sent again because of the transport or the provider's HTTP status.
    pub transport_retries: u32,
    /// Why the request was not sent again after it failed; `None` if it was answered, or the call ended while it was waited for.
    pub retry_stop: Option<RetryStop>,
    /// The HTTP status of what came back last; `None` if nothing did, or nothing was sent.
    pub status: Option<StatusCode>,
    /// What the provider said last of its limits; `None` if it said nothing.
    pub rate_limit: Option<RateLimit>,
    /// How long the request was kept back since the limit was used up; only with
    /// [`ClientBuilder::respect_rate_limits`](crate::ClientBuilder::respect_rate_limits). A part of the latency.
    pub rate_limit_wait: Duration,
    /// The answer is from the client's [`AnswerCache`](crate::AnswerCache): nothing was sent.
    pub is_cached: bool,
    /// Whether the provider cannot have charged for this: it answered with an error, or was never reached.
    pub(crate) is_free: bool,
    /// The header that names the request to the provider's support.
    pub(crate) request_id: Option<HeaderValue>,
    tariff: Tariff,
}

impl Attempt {
    pub(crate) fn new(
        number: u32,
        request: Arc<Request>,
        wire_request: Bytes,
        tariff: Tariff,
    ) -> Self {
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
            time_to_first_token: None,
            time_to_first_field: None,
            is_stopped: false,
            transport_retries: 0,
            retry_stop: None,
            status: None,
            rate_limit: None,
            rate_limit_wait: Duration::ZERO,
            is_cached: false,
            is_free: false,
            request_id: None,
            tariff,
        }
    }

    /// The provider's name for the request that it answered last (`x-request-id` of OpenAI, `request-id` of Anthropic): what its
    /// support asks for. `None` if it gave none.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_ref()?.to_str().ok()
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

    /// What this attempt cost, its LLM validators included.
    ///
    /// `None` if that is not known of all its parts: there is no [price](crate::cost) for the model, the provider did not say how many
    /// tokens were used, or the connection broke before the answer. What the provider answered with an error is free. Requests that
    /// the transport repeated count once.
    pub fn cost(&self) -> Option<Cost> {
        let validators: Option<Cost> = self.validators.iter().map(ValidatorCall::cost).sum();
        Some(self.answer_cost()? + validators?)
    }

    /// The first attempt, of this one and its validators', whose provider did not say what its answer used.
    pub(crate) fn uncounted(&self) -> Option<&Attempt> {
        let is_counted = |response: &Response| response.usage.is_some();
        if self.response.as_ref().is_none_or(is_counted) {
            return self.judgements().find_map(Attempt::uncounted);
        }
        Some(self)
    }

    /// The first attempt, of this one and its validators', whose answer has no known cost.
    pub(crate) fn unpriced(&self) -> Option<&Attempt> {
        if self.answer_cost().is_some() {
            return self.judgements().find_map(Attempt::unpriced);
        }
        Some(self)
    }

    /// The attempts of its validators.
    fn judgements(&self) -> impl Iterator<Item = &Attempt> {
        self.validators.iter().flat_map(|call| &call.attempts)
    }

    /// What the answer alone cost.
    pub(crate) fn answer_cost(&self) -> Option<Cost> {
        if self.is_free {
            return Some(Cost::default());
        }
        let response = self.response.as_ref()?;
        let price = self
            .tariff
            .price(&self.request.model, response.model.as_deref())?;
        Some(price.cost(&response.usage?))
    }

    /// Whether the price of the answer is the client's own, and not the table's.
    pub(crate) fn has_own_price(&self) -> bool {
        let answered = self
            .response
            .as_ref()
            .and_then(|response| response.model.as_deref());
        self.tariff.is_own(&self.request.model, answered)
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

    /// What all its attempts cost; `None` as in [`Attempt::cost`].
    pub fn cost(&self) -> Option<Cost> {
        self.attempts.iter().map(Attempt::cost).sum()
    }
}
