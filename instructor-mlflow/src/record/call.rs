//! What a span of the framework learned, as far as it is shown.

use std::borrow::Cow;

use instructor_core as core;
use instructor_core::trace::{self, CREATE, Recording};
use serde::{Deserialize, Serialize};

use super::{
    Cost, DefinitionKey, Definitions, Errors, Failure, Message, ResponseModel, Usage, format,
};

/// What a span learned. What each field means is said at [`Recording`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Call<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<Request<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) server: Option<Server<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dialect: Option<Cow<'a, str>>,
    #[serde(with = "format::bytes", skip_serializing_if = "Option::is_none")]
    pub(crate) wire_request: Option<Cow<'a, [u8]>>,
    #[serde(with = "format::bytes", skip_serializing_if = "Option::is_none")]
    pub(crate) wire_response: Option<Cow<'a, [u8]>>,
    /// The model that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered_by: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<Cost<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) errors: Option<Errors<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failure: Option<Failure<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transport_retries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rate_limit: Option<RateLimit>,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) is_cached: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) is_streamed: bool,
    #[serde(skip_serializing_if = "is_false")]
    pub(crate) is_stopped: bool,
    /// In seconds, as the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_to_first_token: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time_to_first_field: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_retries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) validator: Option<Validator<'a>>,
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request<'a> {
    pub(crate) model: Cow<'a, str>,
    /// The name of the response model.
    pub(crate) response_model: Cow<'a, str>,
    /// All of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) definition: Option<DefinitionKey>,
    pub(crate) mode: Cow<'a, str>,
    /// The tool by which corrections are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) correction: Option<Cow<'a, str>>,
    /// Of `create` only: a `chat` has the whole request as it was sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_tokens: Option<u32>,
}

/// A service on the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Server<'a> {
    pub(crate) address: Cow<'a, str>,
    pub(crate) port: u16,
}

/// What the provider says of its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct RateLimit {
    pub(crate) requests: Window,
    pub(crate) tokens: Window,
}

/// One of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Window {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remaining: Option<u64>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reset: Option<f64>,
}

/// What an LLM validator was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Validator<'a> {
    pub(crate) path: Cow<'a, str>,
    pub(crate) statement: Cow<'a, str>,
    /// JSON text.
    pub(crate) value: Cow<'a, str>,
}

impl<'a> Call<'a> {
    /// What the span called `name` learned.
    pub(super) fn of(
        name: &str,
        recording: &'a Recording,
        definitions: &mut Definitions,
    ) -> Call<'a> {
        let request = recording.request.as_deref();
        let cost = recording.cost.as_ref();
        Call {
            request: request.map(|request| Request::of(name, request, definitions)),
            provider: recording.provider.as_deref().map(Cow::from),
            server: recording.server.as_ref().map(|server| Server {
                address: (*server.address).into(),
                port: server.port,
            }),
            dialect: recording.dialect.map(Cow::from),
            wire_request: recording.wire_request.as_deref().map(Cow::from),
            wire_response: recording.wire_response.as_deref().map(Cow::from),
            answered_by: recording.response_model.as_deref().map(Cow::from),
            usage: recording.usage.map(Usage::from),
            cost: cost.map(|cost| Cost::of(cost, recording.has_own_price)),
            output: recording.output.as_deref().map(Cow::from),
            payload: recording.payload.as_deref().map(Cow::from),
            errors: recording.errors.as_deref().map(Errors::of),
            failure: recording.failure.as_ref().map(Failure::of),
            attempt: recording.attempt,
            status: recording.status,
            request_id: recording.request_id.as_deref().map(Cow::from),
            transport_retries: recording.transport_retries,
            rate_limit: recording.rate_limit.map(RateLimit::from),
            is_cached: recording.is_cached,
            is_streamed: recording.is_streamed,
            is_stopped: recording.is_stopped,
            time_to_first_token: recording.time_to_first_token.map(|time| time.as_secs_f64()),
            time_to_first_field: recording.time_to_first_field.map(|time| time.as_secs_f64()),
            max_retries: recording.max_retries,
            validator: recording.validator.as_deref().map(Validator::of),
        }
    }

    /// About how many bytes of texts it has.
    pub(super) fn length_of_texts(&self) -> usize {
        const OF_FAULT: usize = 64;
        let text = |text: &Option<Cow<'_, str>>| text.as_ref().map_or(0, |text| text.len());
        let bytes = |bytes: &Option<Cow<'_, [u8]>>| bytes.as_ref().map_or(0, |it| it.len());
        let request = self.request.as_ref();
        let messages = request.map_or(&[][..], |request| request.messages.as_slice());
        let errors = self.errors.as_ref();
        let faults = errors.map_or(&[][..], |errors| errors.list.as_slice());
        let faults = faults
            .iter()
            .map(|it| it.path.len() + it.message.len() + text(&it.input) + OF_FAULT);
        let validator = self.validator.as_ref();
        messages.iter().map(Message::length).sum::<usize>()
            + bytes(&self.wire_request)
            + bytes(&self.wire_response)
            + text(&self.output)
            + text(&self.payload)
            + faults.sum::<usize>()
            + self.failure.as_ref().map_or(0, |it| it.message.len())
            + validator.map_or(0, |it| it.path.len() + it.statement.len() + it.value.len())
    }
}

impl<'a> Request<'a> {
    fn of(name: &str, request: &'a core::Request, definitions: &mut Definitions) -> Request<'a> {
        let answer = request.answer().name();
        let messages = request.messages.iter().filter(|_| name == CREATE);
        Request {
            model: (*request.model).into(),
            response_model: request.schema.name.into(),
            definition: Some(definitions.add(ResponseModel::of(request.schema))),
            mode: request.mode.as_str().into(),
            correction: (answer != request.schema.name).then(|| answer.into()),
            messages: messages.map(Message::of).collect(),
            temperature: request.temperature,
            max_tokens: request.max_tokens,
        }
    }
}

impl From<core::RateLimit> for RateLimit {
    fn from(limit: core::RateLimit) -> Self {
        let window = |window: core::Window| Window {
            limit: window.limit,
            remaining: window.remaining,
            reset: window.reset.map(|reset| reset.as_secs_f64()),
        };
        RateLimit {
            requests: window(limit.requests),
            tokens: window(limit.tokens),
        }
    }
}

impl<'a> Validator<'a> {
    fn of(validator: &'a trace::Validator) -> Validator<'a> {
        Validator {
            path: validator.path.as_str().into(),
            statement: (*validator.statement).into(),
            value: validator.value.to_string().into(),
        }
    }
}

fn is_false(truth: &bool) -> bool {
    !truth
}
