//! What can go wrong with a call, in one type.

mod api;
mod codec;
mod ledger;
mod transport;
mod words;

use std::time::Duration;

use http::StatusCode;

use crate::attempt::Attempt;
use crate::budget::Budget;
use crate::rate_limit::RateLimit;
use crate::request::Mode;
use crate::validate::ValidationErrors;

pub use api::ApiError;
pub use codec::CodecError;
pub use transport::{TransportError, TransportErrorKind};

use words::{exhausted, set, while_invalid};

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no value.
///
/// Errors of a call carry the ledger of its attempts: [`Error::attempts`], [`Error::usage`]. No variant, and no text of one,
/// contains an API key.
///
/// `{:?}` is for people too, since it is what `fn main() -> Result<()>` prints: the same words as `{}`. `{:#}` shows the faults of an
/// answer in that answer, and `{:#?}` adds the ledger.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no API key: the environment variable is not set, or is empty.
    #[error("no API key for provider `{provider}`: {}give one to the client's builder with `api_key`", set(.variable))]
    #[non_exhaustive]
    MissingApiKey {
        /// The provider.
        provider: String,
        /// The variable that was looked up, if the provider has one.
        variable: Option<&'static str>,
    },

    /// The API key has characters that an HTTP header cannot carry, a line break for example.
    #[error(
        "the API key for provider `{provider}` has characters that an HTTP header cannot carry; check for line breaks"
    )]
    #[non_exhaustive]
    InvalidApiKey {
        /// The provider.
        provider: String,
    },

    /// The text before the `/` names no provider.
    #[error(
        "unknown provider `{name}` in `{given}`: use one of {known}, or build a client for your own `Provider`"
    )]
    #[non_exhaustive]
    UnknownProvider {
        /// The name that is not known.
        name: String,
        /// The whole text.
        given: String,
        /// The names that are known, joined by commas.
        known: String,
    },

    /// The text is not of the form `provider/model`.
    #[error("`{given}` names no model: write `provider/model`, for example `openai/gpt-4o`")]
    #[non_exhaustive]
    InvalidModel {
        /// The text.
        given: String,
    },

    /// The base URL cannot be used.
    #[error("the base URL `{url}` cannot be used: {reason}")]
    #[non_exhaustive]
    InvalidBaseUrl {
        /// The URL, without user name and password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },

    /// What is sent to the base URL, the API key with it, could be read by everyone on the way.
    #[error(
        "the base URL `{url}` is plain http, so anyone on the way could read key, prompts and answers: use https, or allow it with `.allow_http(true)`"
    )]
    #[non_exhaustive]
    PlainHttp {
        /// The URL.
        url: String,
    },

    /// A number that is no amount of money: negative, not a number, or more than 18 million dollars.
    #[error("`{given}` is no amount of dollars: give a number from 0 to 18 million")]
    #[non_exhaustive]
    InvalidAmount {
        /// The number.
        given: f64,
    },

    /// The provider does not offer the mode.
    #[error("provider `{provider}` does not offer mode `{mode}`; it offers {offered}")]
    #[non_exhaustive]
    UnsupportedMode {
        /// The provider.
        provider: String,
        /// The mode that was asked for.
        mode: Mode,
        /// The modes it has, joined by commas.
        offered: String,
    },

    /// There is nothing that sends requests: the feature `reqwest` is off, and no other transport was given.
    #[error("no HTTP client: turn on the feature `reqwest`, or give one with `.transport(...)`")]
    NoTransport,

    /// The HTTP client could not be built, or the request could not be written.
    #[error("the request could not be built: {0}")]
    Request(String),

    /// The provider answered with an HTTP error.
    #[error("{error}")]
    #[non_exhaustive]
    Api {
        /// What the provider said.
        error: Box<ApiError>,
        /// The attempts so far.
        attempts: Vec<Attempt>,
    },

    /// The provider could not be reached, or the connection broke.
    #[error("{error}")]
    #[non_exhaustive]
    Transport {
        /// What happened.
        error: TransportError,
        /// The attempts so far.
        attempts: Vec<Attempt>,
    },

    /// The provider's answer is not what its API promises.
    #[error("the provider's response could not be read: {error}")]
    #[non_exhaustive]
    Decode {
        /// What is wrong with it.
        error: CodecError,
        /// The attempts so far.
        attempts: Vec<Attempt>,
    },

    /// The answer ran into the token limit and is cut off. Asking again would cost the same and end the same.
    #[error(
        "the answer was cut off at the token limit after {output_tokens} output tokens: raise `.max_tokens(...)`, or ask for less"
    )]
    #[non_exhaustive]
    Incomplete {
        /// Tokens the model wrote until it was cut off.
        output_tokens: u64,
        /// The attempts so far; the last one holds the cut answer.
        attempts: Vec<Attempt>,
    },

    /// The model, or the provider's content filter, refused to answer.
    #[error("the model refused to answer: {reason}")]
    #[non_exhaustive]
    Refused {
        /// The refusal, in the model's words.
        reason: String,
        /// The attempts so far.
        attempts: Vec<Attempt>,
    },

    /// Every attempt gave an answer that failed validation.
    #[error(fmt = exhausted)]
    #[non_exhaustive]
    Exhausted {
        /// The model made the same errors twice in a row, so it was not asked again: another request would have cost the same
        /// and ended the same.
        repeated: bool,
        /// All attempts.
        attempts: Vec<Attempt>,
    },

    /// An item of a streamed list is wrong. The others are not touched by it.
    #[error("item {index} failed validation:\n{errors}")]
    #[non_exhaustive]
    Item {
        /// Its index in the list, from 0.
        index: usize,
        /// What is wrong with it.
        errors: ValidationErrors,
    },

    /// An LLM validator could not give a verdict, or cannot be asked for one: then no request was sent.
    #[error("the LLM validator of `{path}` failed: {error}")]
    #[non_exhaustive]
    Validator {
        /// The value it was to judge; before the first request the place of its rule, for example `Email.subject`.
        path: String,
        /// What went wrong in its own call.
        error: Box<Error>,
        /// The attempts so far.
        attempts: Vec<Attempt>,
    },

    /// The statement of an LLM rule cannot be written with the context of the call.
    #[error("the statement {template:?} cannot be written: {reason}")]
    #[non_exhaustive]
    Template {
        /// The statement as it stands in the code.
        template: String,
        /// The variable that the context does not have, if that is what is wrong.
        variable: Option<String>,
        /// What is wrong, and what to do.
        reason: String,
    },

    /// `#[moderate]` asks a provider that has no moderation endpoint.
    #[error(
        "provider `{provider}` has no moderation endpoint: name a model of one that has, such as `#[moderate(model = \"openai/omni-moderation-latest\")]`"
    )]
    #[non_exhaustive]
    NoModeration {
        /// The provider.
        provider: String,
    },

    /// The whole call took longer than `.timeout(...)` allows.
    #[error("the call took longer than its timeout of {after:?}")]
    #[non_exhaustive]
    Timeout {
        /// The timeout.
        after: Duration,
        /// The attempts that had been finished.
        attempts: Vec<Attempt>,
    },

    /// A budget of the call is spent: its tokens, its money or its time. What it says was spent includes LLM validators.
    #[error("{budget}{}", while_invalid(.attempts))]
    #[non_exhaustive]
    BudgetExceeded {
        /// The limit, and what was spent.
        budget: Budget,
        /// The attempts so far.
        attempts: Vec<Attempt>,
    },

    /// The call has a budget, and nobody can tell when it is spent: there is no price, or the provider does not say what it used.
    #[error("the budget cannot be kept: {reason}")]
    #[non_exhaustive]
    BudgetUnknown {
        /// What is not known, and what to do.
        reason: String,
        /// The attempts so far; none if the price of a model is what is missing.
        attempts: Vec<Attempt>,
    },

    /// Tracing could not be set up.
    #[error("{0}")]
    Tracing(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A stable name of the kind, the one in the field `error.type` of a span; but that has the HTTP status of an [`Error::Api`].
    pub fn kind(&self) -> &'static str {
        match self {
            Error::MissingApiKey { .. } => "missing_api_key",
            Error::InvalidApiKey { .. } => "invalid_api_key",
            Error::UnknownProvider { .. } => "unknown_provider",
            Error::InvalidModel { .. } => "invalid_model",
            Error::InvalidBaseUrl { .. } => "invalid_base_url",
            Error::PlainHttp { .. } => "plain_http",
            Error::InvalidAmount { .. } => "invalid_amount",
            Error::UnsupportedMode { .. } => "unsupported_mode",
            Error::NoTransport => "no_transport",
            Error::Request(_) => "request",
            Error::Api { .. } => "api",
            Error::Transport { .. } => "transport",
            Error::Decode { .. } => "decode",
            Error::Incomplete { .. } => "incomplete",
            Error::Refused { .. } => "refused",
            Error::Exhausted { .. } => "exhausted",
            Error::Item { .. } => "item",
            Error::Validator { .. } => "validator",
            Error::Template { .. } => "template",
            Error::NoModeration { .. } => "no_moderation",
            Error::Timeout { .. } => "timeout",
            Error::BudgetExceeded { .. } => "budget_exceeded",
            Error::BudgetUnknown { .. } => "budget_unknown",
            Error::Tracing(_) => "tracing",
        }
    }

    /// The HTTP status of the provider's answer, if that is the error.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Error::Api { error, .. } => Some(error.status),
            _ => None,
        }
    }

    /// How long the provider asks to wait, if it did (`Retry-After`).
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Api { error, .. } => error.retry_after,
            _ => None,
        }
    }

    /// What the provider said of its limits, if it answered with an error.
    pub fn rate_limit(&self) -> Option<RateLimit> {
        match self {
            Error::Api { error, .. } => error.rate_limit,
            _ => None,
        }
    }
}
