//! Spans and the recording slot: how a trace learns what a call did.
//!
//! Every call opens `tracing` spans under one stable target, with scalar fields of the OpenTelemetry `gen_ai` names,
//! so any tracing backend shows something useful. A layer that wants the rich data (requests, responses, errors) puts an
//! empty [`Recording`] into the extensions of a new span; this crate fills it only if it is there. Nothing is built for
//! nobody.

pub mod conventions;
mod spans;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use tracing::Span;
use tracing_subscriber::Registry;
use tracing_subscriber::registry::{ExtensionsMut, LookupSpan};

use crate::cost::Cost;
use crate::error::Error;
use crate::rate_limit::RateLimit;
use crate::request::Request;
use crate::response::Usage;
use crate::validate::ValidationErrors;

pub(crate) use spans::{
    Unfinished, call_finished, chat_finished, chat_span, chat_started, create_span,
    llm_validate_span, validate_finished, validate_span,
};

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
    /// `chat`: the service that is asked.
    pub server: Option<Server>,
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
    /// Why the span failed. If its future was dropped before it was done, that is [`conventions::CANCELLED`].
    pub failure: Option<Failure>,
    /// `create`: attempts made; `chat`, `validate`: the number of this attempt, from 1.
    pub attempt: Option<u32>,
    /// `chat`: the HTTP status of what came back.
    pub status: Option<u16>,
    /// `chat`: the provider's name for the request, which its support asks for.
    pub request_id: Option<String>,
    /// `chat`: what the provider said of its limits.
    pub rate_limit: Option<RateLimit>,
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

impl Recording {
    /// Asks for a recording of the new span whose extensions these are. Any number of layers may ask; they share it.
    ///
    /// It is filled while the span is open. Who reads it when the span closes leaves it where it is, for the others.
    ///
    /// ```
    /// use instructor_core::trace::{Recording, TARGET};
    /// use tracing::span::{Attributes, Id};
    /// use tracing::Subscriber;
    /// use tracing_subscriber::layer::{Context, Layer};
    /// use tracing_subscriber::registry::LookupSpan;
    ///
    /// struct Curious;
    ///
    /// impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Curious {
    ///     fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
    ///         if let Some(span) = context.span(id).filter(|span| span.metadata().target() == TARGET) {
    ///             Recording::ask(&mut span.extensions_mut());
    ///         }
    ///     }
    /// }
    /// ```
    pub fn ask(extensions: &mut ExtensionsMut<'_>) {
        if extensions.get_mut::<Recording>().is_none() {
            extensions.insert(Recording::default());
        }
    }
}

/// A service on the network.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Server {
    /// Its host name, or its IP address without brackets.
    pub address: Arc<str>,
    /// Its port, also if that is the usual one.
    pub port: u16,
}

impl Server {
    /// The server at `address`, which listens to `port`.
    pub fn new(address: impl Into<Arc<str>>, port: u16) -> Self {
        Server {
            address: address.into(),
            port,
        }
    }
}

/// Why a span failed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// A stable name of the kind, for example `transport` or `exhausted`.
    pub kind: &'static str,
    /// The HTTP status that the provider answered with, if it is that.
    pub status: Option<StatusCode>,
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
            status: None,
            message: message.into(),
            stopped_by: None,
        }
    }

    /// What happened in one word, for `error.type`: the HTTP status if there is one, else the kind.
    pub fn error_type(&self) -> &str {
        self.status.as_ref().map_or(self.kind, StatusCode::as_str)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Failure {
            status: error.status(),
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
