//! Spans and the recording slot: how a trace learns what a call did.
//!
//! Every call opens `tracing` spans under one stable target, with scalar fields of the OpenTelemetry `gen_ai` names,
//! so any tracing backend shows something useful. A layer that wants the rich data (requests, responses, errors) puts an
//! empty [`Recording`] into the extensions of a new span; this crate fills it only if it is there. Nothing is built for
//! nobody.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tracing::Span;
use tracing::field::Empty;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use crate::attempt::Attempt;
use crate::cost::Cost;
use crate::error::Error;
use crate::outcome::{Answer, Rejected};
use crate::provider::Provider;
use crate::request::Request;
use crate::response::Usage;
use crate::validate::ValidationErrors;

/// The target of every span and event of this crate.
pub const TARGET: &str = "instructor";

/// Name of the span of a whole call: attempts, validation, retries.
pub const CREATE: &str = "create";
/// Name of the span of one request to the provider, transport retries included.
pub const CHAT: &str = "chat";
/// Name of the span of parsing and checking one answer.
pub const VALIDATE: &str = "validate";
/// Name of the span of one LLM validator: a whole call of its own, inside [`VALIDATE`].
pub const LLM_VALIDATE: &str = "llm_validate";

/// What a span of this crate learned. All values are cheap to hold: reference counted, or a few bytes.
#[derive(Debug, Default, Clone)]
#[non_exhaustive]
pub struct Recording {
    /// `create`, `chat`, `llm_validate`: the request; of `create`, the first one.
    pub request: Option<Arc<Request>>,
    /// Name of the provider, for example `openai`.
    pub provider: Option<Cow<'static, str>>,
    /// Name of the dialect that the wire bytes are in, for example `openai` or `anthropic`.
    pub dialect: Option<&'static str>,
    /// `chat`: the body that was sent.
    pub wire_request: Option<Bytes>,
    /// `chat`: the body that came back.
    pub wire_response: Option<Bytes>,
    /// `chat`: the model that answered; `llm_validate` of moderation: the one that was asked.
    pub response_model: Option<String>,
    /// `chat`: tokens of this request; `create`, `llm_validate`: of all requests, validators included.
    pub usage: Option<Usage>,
    /// `chat`: what this request cost; `None` if that is not known.
    pub cost: Option<Cost>,
    /// `create`, `validate`, `llm_validate`: the accepted answer as JSON text.
    pub output: Option<Arc<str>>,
    /// `validate`: the text that was checked.
    pub payload: Option<Arc<str>>,
    /// `validate`: what is wrong with the answer.
    pub errors: Option<Arc<ValidationErrors>>,
    /// Why the span failed. A closed span with neither an output, a response, errors nor a failure was cancelled.
    pub failure: Option<Failure>,
    /// `create`: attempts made; `chat`, `validate`: the number of this attempt, from 1.
    pub attempt: Option<u32>,
    /// `chat`: the HTTP status of what came back.
    pub status: Option<u16>,
    /// `chat`: the provider's name for the request, which its support asks for.
    pub request_id: Option<String>,
    /// `chat`: whether the cost follows from a price of the client's own, and not from the dated table.
    pub has_own_price: bool,
    /// `chat`: how often the request was sent again because of the transport or the provider's status.
    pub transport_retries: Option<u32>,
    /// `chat`: whether nothing was sent, since the answer was known.
    pub is_cached: bool,
    /// `create`, `chat`: whether the answer was asked for as a stream.
    pub is_streamed: bool,
    /// `chat` of a stream: from sending the request to the first word of the model.
    pub time_to_first_token: Option<Duration>,
    /// `chat` of a stream: from sending the request to the first value of the answer that was whole.
    pub time_to_first_field: Option<Duration>,
    /// `chat` of a stream: the connection was dropped, since the answer was known to be wrong.
    pub is_stopped: bool,
    /// `create`: validation retries allowed.
    pub max_retries: Option<u32>,
    /// `llm_validate`: the rule and the value it judged.
    pub validator: Option<Arc<Validator>>,
}

/// Why a span failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// A stable name of the kind, for example `transport` or `exhausted`.
    pub kind: &'static str,
    /// What happened, for people.
    pub message: String,
    /// What stopped a call that could have gone on: `repeated` errors, or its budget of `tokens`, `cost` or time (`deadline`).
    pub stopped_by: Option<&'static str>,
}

impl Failure {
    /// A failure of `kind`.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
            stopped_by: None,
        }
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Failure {
            stopped_by: match error {
                Error::Exhausted { repeated: true, .. } => Some("repeated"),
                Error::BudgetExceeded { budget, .. } => Some(budget.name()),
                _ => None,
            },
            ..Failure::new(error.kind(), error.to_string())
        }
    }
}

/// What an LLM validator was asked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Validator {
    /// Where the value stands in the answer.
    pub path: String,
    /// The rule: the text of `#[llm_validate("...")]`, its variables put in, or `moderation`.
    pub statement: Cow<'static, str>,
    /// The value.
    pub value: serde_json::Value,
}

impl Validator {
    /// The rule `statement` about the `value` at `path`.
    pub fn new(
        path: String,
        statement: impl Into<Cow<'static, str>>,
        value: serde_json::Value,
    ) -> Self {
        Validator {
            path,
            statement: statement.into(),
            value,
        }
    }
}

/// Fills the recording slot of `span`, if a layer put one there.
///
/// `fill` must not use `tracing` macros: the extensions of the span are locked while it runs.
pub(crate) fn record(span: &Span, fill: impl FnOnce(&mut Recording)) {
    if span.is_disabled() {
        return;
    }
    span.with_subscriber(|(id, dispatch)| {
        if let Some(span) = dispatch
            .downcast_ref::<Registry>()
            .and_then(|registry| registry.span(id))
            && let Some(recording) = span.extensions_mut().get_mut::<Recording>()
        {
            fill(recording);
        }
    });
}

/// The span of a whole call. Every field is declared here, since `record` on an undeclared field does nothing.
pub(crate) fn create_span(
    response_model: &str,
    model: &str,
    provider: &str,
    max_retries: u32,
) -> Span {
    tracing::info_span!(
        target: TARGET,
        "create",
        instructor.response_model = response_model,
        instructor.max_retries = max_retries,
        instructor.attempts = Empty,
        gen_ai.provider.name = provider,
        gen_ai.request.model = model,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        error.type = Empty,
    )
}

/// The span of one LLM validator.
pub(crate) fn llm_validate_span(path: &str, statement: &str, model: &str, provider: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "llm_validate",
        instructor.path = path,
        instructor.statement = statement,
        instructor.attempts = Empty,
        gen_ai.provider.name = provider,
        gen_ai.request.model = model,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        error.type = Empty,
    )
}

/// The span of one request to the provider.
pub(crate) fn chat_span(attempt: u32, request: &Request, provider: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "chat",
        instructor.attempt = attempt,
        instructor.mode = request.mode.as_str(),
        instructor.time_to_first_field = Empty,
        instructor.is_stopped = Empty,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = provider,
        gen_ai.request.model = &*request.model,
        gen_ai.request.stream = request.is_streamed.then_some(true),
        gen_ai.response.model = Empty,
        gen_ai.response.id = Empty,
        gen_ai.response.finish_reasons = Empty,
        gen_ai.response.time_to_first_chunk = Empty,
        gen_ai.usage.input_tokens = Empty,
        gen_ai.usage.output_tokens = Empty,
        error.type = Empty,
    )
}

/// The span of parsing and checking one answer.
pub(crate) fn validate_span(attempt: u32) -> Span {
    tracing::info_span!(
        target: TARGET,
        "validate",
        instructor.attempt = attempt,
        instructor.errors = Empty,
        error.type = Empty,
    )
}

/// Says on a `chat` span what is sent: before it is, since the span of a request that hangs is the one that people look at.
pub(crate) fn chat_started(span: &Span, provider: &Provider, attempt: &Attempt) {
    record(span, |recording| {
        recording.request = Some(Arc::clone(&attempt.request));
        recording.provider = Some(provider.name.clone());
        recording.dialect = Some(provider.codec.dialect());
        recording.attempt = Some(attempt.number);
        recording.wire_request = Some(attempt.wire_request.clone());
        recording.is_streamed = attempt.request.is_streamed;
    });
}

/// Says on a `chat` span what came back.
pub(crate) fn chat_finished(span: &Span, attempt: &Attempt, outcome: &Result<(), Error>) {
    let response = attempt.response.as_ref();
    record(span, |recording| {
        recording.transport_retries = Some(attempt.transport_retries);
        recording.is_cached = attempt.is_cached;
        recording.time_to_first_token = attempt.time_to_first_token;
        recording.time_to_first_field = attempt.time_to_first_field;
        recording.is_stopped = attempt.is_stopped;
        recording.wire_response.clone_from(&attempt.wire_response);
        recording.response_model = response.and_then(|response| response.model.clone());
        recording.usage = response.and_then(|response| response.usage);
        recording.cost = attempt.answer_cost();
        recording.status = attempt.status.map(|status| status.as_u16());
        recording.request_id = attempt.request_id().map(str::to_owned);
        recording.has_own_price = attempt.has_own_price();
        recording.failure = outcome.as_ref().err().map(Failure::from);
    });
    let seconds = |time: Duration| time.as_secs_f64();
    span.record(
        "gen_ai.response.time_to_first_chunk",
        attempt.time_to_first_token.map(seconds),
    );
    span.record(
        "instructor.time_to_first_field",
        attempt.time_to_first_field.map(seconds),
    );
    if attempt.is_stopped {
        span.record("instructor.is_stopped", true);
    }
    if let Some(response) = response {
        if let Some(usage) = response.usage {
            span.record("gen_ai.usage.input_tokens", usage.input_tokens);
            span.record("gen_ai.usage.output_tokens", usage.output_tokens);
        }
        if let Some(model) = &response.model {
            span.record("gen_ai.response.model", model.as_str());
        }
        if let Some(id) = &response.id {
            span.record("gen_ai.response.id", id.as_str());
        }
        if let Some(reason) = &response.finish_reason {
            span.record("gen_ai.response.finish_reasons", reason.as_str());
        }
    }
    if let Err(error) = outcome {
        span.record("error.type", error.kind());
    }
}

/// Says on a `validate` span what the check found.
pub(crate) fn validate_finished<T>(
    span: &Span,
    attempt: u32,
    outcome: &Result<Answer<T>, Rejected>,
) {
    record(span, |recording| {
        recording.attempt = Some(attempt);
        match outcome {
            Ok(answer) => recording.output.clone_from(&answer.output),
            Err(Rejected::Invalid(errors)) => recording.errors = Some(Arc::new(errors.clone())),
            Err(Rejected::Failed(error)) => {
                recording.failure = Some(Failure::from(&**error));
            }
        }
    });
    match outcome {
        Ok(_) => {}
        Err(Rejected::Invalid(errors)) => {
            span.record("instructor.errors", errors.len());
            span.record("error.type", "validation");
        }
        Err(Rejected::Failed(error)) => {
            span.record("error.type", error.kind());
        }
    }
}

/// Says on the span of a whole call how it ended.
pub(crate) fn call_finished(span: &Span, attempts: usize, usage: Usage, error: Option<&Error>) {
    span.record("instructor.attempts", attempts);
    span.record("gen_ai.usage.input_tokens", usage.input_tokens);
    span.record("gen_ai.usage.output_tokens", usage.output_tokens);
    if let Some(error) = error {
        span.record("error.type", error.kind());
    }
}
