//! Spans and the recording slot: how a trace learns what a call did.
//!
//! Every call opens `tracing` spans under one stable target, with scalar fields of the OpenTelemetry `gen_ai` names,
//! so any tracing backend shows something useful. A layer that wants the rich data (requests, responses, errors) puts an
//! empty [`Recording`] into the extensions of a new span; this crate fills it only if it is there. Nothing is built for
//! nobody.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use tracing::Span;
use tracing::field::Empty;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

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
    /// `chat`: the model that answered.
    pub response_model: Option<String>,
    /// `chat`: tokens of this request; `create`, `llm_validate`: of all requests, validators included.
    pub usage: Option<Usage>,
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
}

impl Failure {
    /// A failure of `kind`.
    pub fn new(kind: &'static str, message: impl Into<String>) -> Self {
        Failure {
            kind,
            message: message.into(),
        }
    }
}

/// What an LLM validator was asked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Validator {
    /// Where the value stands in the answer.
    pub path: String,
    /// The rule: the text of `#[llm_validate("...")]`.
    pub statement: &'static str,
    /// The value.
    pub value: serde_json::Value,
}

impl Validator {
    /// The rule `statement` about the `value` at `path`.
    pub fn new(path: String, statement: &'static str, value: serde_json::Value) -> Self {
        Validator {
            path,
            statement,
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
        {
            if let Some(recording) = span.extensions_mut().get_mut::<Recording>() {
                fill(recording);
            }
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
pub(crate) fn chat_span(attempt: u32, mode: &'static str, model: &str, provider: &str) -> Span {
    tracing::info_span!(
        target: TARGET,
        "chat",
        instructor.attempt = attempt,
        instructor.mode = mode,
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = provider,
        gen_ai.request.model = model,
        gen_ai.response.model = Empty,
        gen_ai.response.id = Empty,
        gen_ai.response.finish_reasons = Empty,
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
