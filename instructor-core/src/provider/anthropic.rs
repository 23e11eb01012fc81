//! The Anthropic messages dialect.
//!
//! Facts: Anthropic's API reference and `OpenAPI` document (`POST /v1/messages`), version 2023-06-01.

use std::borrow::Cow;

use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Auth, Provider};
use crate::codec::{Codec, WireRequest};
use crate::error::{ApiError, CodecError};
use crate::json::{Object, array};
use crate::message::{Message, Part, Role, ToolCall};
use crate::request::{Mode, Request};
use crate::response::{FinishReason, Response, Usage};
use crate::schema::Dialect;

/// Anthropic itself. Key in `ANTHROPIC_API_KEY`, address overridden by `ANTHROPIC_BASE_URL`.
pub static ANTHROPIC: Provider = Provider {
    name: Cow::Borrowed("anthropic"),
    base_url: Cow::Borrowed("https://api.anthropic.com"),
    base_url_variable: Some("ANTHROPIC_BASE_URL"),
    api_key_variable: Some("ANTHROPIC_API_KEY"),
    auth: Auth::Header("x-api-key"),
    codec: &STANDARD,
};

/// The dialect as Anthropic speaks it.
pub static STANDARD: Messages = Messages {
    default_max_tokens: 4096,
};

/// The value of the header `anthropic-version`.
const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// The messages dialect. Its fields are what differs between services that speak it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Messages {
    /// The API demands a token limit; this one is sent when the request has none.
    pub default_max_tokens: u32,
}

impl Messages {
    /// The same dialect with another token limit for requests that have none.
    #[must_use]
    pub const fn with_default_max_tokens(mut self, max_tokens: u32) -> Self {
        self.default_max_tokens = max_tokens;
        self
    }

    fn write(&self, request: &Request, buffer: &mut Vec<u8>) -> Result<(), CodecError> {
        let mut body = Object::begin(buffer);
        body.value("model", &*request.model)?;
        body.value(
            "max_tokens",
            request.max_tokens.unwrap_or(self.default_max_tokens),
        )?;
        // The conversation itself has no system role: those texts go to a key of their own, in order.
        let is_system = |message: &&Message| message.role == Role::System;
        if request.messages.iter().any(|message| is_system(&message)) {
            array(
                body.key("system"),
                request.messages.iter().filter(is_system),
                |buffer, message| write_text(buffer, &message.text().unwrap_or_default()),
            )?;
        }
        array(
            body.key("messages"),
            request
                .messages
                .iter()
                .filter(|message| !is_system(message)),
            write_message,
        )?;
        match request.mode {
            Mode::Tools => {
                array(body.key("tools"), request.tools(), |buffer, offered| {
                    let mut tool = Object::begin(buffer);
                    tool.value("name", offered.name())?;
                    if !offered.description().is_empty() {
                        tool.value("description", offered.description())?;
                    }
                    tool.raw("input_schema", offered.standard());
                    tool.end();
                    Ok(())
                })?;
                let mut choice = body.object("tool_choice");
                let set = request.tool_set();
                if set.is_some() {
                    choice.value("type", "any")?;
                } else {
                    choice.value("type", "tool")?;
                    choice.value("name", request.answer().name())?;
                }
                let is_parallel = set.is_some_and(|set| set.is_parallel);
                choice.value("disable_parallel_tool_use", !is_parallel)?;
                choice.end();
            }
            Mode::JsonSchema => {
                let offered = request.answer();
                let text = offered.text(Dialect::Anthropic)?;
                let mut config = body.object("output_config");
                let mut format = config.object("format");
                format.value("type", "json_schema")?;
                // The wire has no other place for it.
                format.described_schema("schema", offered.description(), text)?;
                format.end();
                config.end();
            }
        }
        if let Some(temperature) = request.temperature {
            body.value("temperature", temperature)?;
        }
        body.end();
        Ok(())
    }
}

/// A message as content blocks. Tool results are said by the user on this wire.
fn write_message(buffer: &mut Vec<u8>, message: &Message) -> serde_json::Result<()> {
    let mut object = Object::begin(buffer);
    object.value(
        "role",
        if message.role == Role::Assistant {
            "assistant"
        } else {
            "user"
        },
    )?;
    array(
        object.key("content"),
        &message.parts,
        |buffer, part| match part {
            Part::Text(text) => write_text(buffer, text),
            Part::ToolCall(call) => {
                let mut block = Object::begin(buffer);
                block.value("type", "tool_use")?;
                block.value("id", &call.id)?;
                block.value("name", &call.name)?;
                // The arguments came from this wire as an object; anything else cannot be said here.
                match serde_json::from_str::<&RawValue>(&call.arguments) {
                    Ok(arguments) if arguments.get().starts_with('{') => {
                        block.raw("input", arguments.get());
                    }
                    _ => block.object("input").end(),
                }
                block.end();
                Ok(())
            }
            Part::ToolResult(result) => {
                let mut block = Object::begin(buffer);
                block.value("type", "tool_result")?;
                block.value("tool_use_id", &result.tool_call_id)?;
                block.value("content", &result.content)?;
                block.value("is_error", result.is_error)?;
                block.end();
                Ok(())
            }
        },
    )?;
    object.end();
    Ok(())
}

fn write_text(buffer: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    let mut block = Object::begin(buffer);
    block.value("type", "text")?;
    block.value("text", text)?;
    block.end();
    Ok(())
}

impl Codec for Messages {
    fn dialect(&self) -> &'static str {
        "anthropic"
    }

    fn modes(&self, _model: &str) -> &'static [Mode] {
        &[Mode::Tools, Mode::JsonSchema]
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, CodecError> {
        let length: usize = request.tools().map(|tool| tool.standard().len()).sum();
        let mut body = Vec::with_capacity(length + 1024);
        self.write(request, &mut body)?;
        let mut wire = WireRequest::new("/v1/messages", body);
        wire.headers.insert("anthropic-version", VERSION);
        Ok(wire)
    }

    fn decode(&self, body: &[u8]) -> Result<Response, CodecError> {
        let message: ResponseMessage<'_> = serde_json::from_slice(body)?;
        let mut text: Option<String> = None;
        let mut tool_calls = Vec::new();
        for block in message.content {
            match (&*block.kind, block.text, block.id, block.name) {
                ("text", Some(part), ..) => text.get_or_insert_default().push_str(&part),
                ("tool_use", _, Some(id), Some(name)) => {
                    let arguments = block.input.map_or("{}", RawValue::get).to_owned();
                    tool_calls.push(ToolCall {
                        id,
                        name,
                        arguments,
                    });
                }
                // Thinking and blocks of later versions are not part of the answer.
                _ => {}
            }
        }
        let finish_reason = message.stop_reason.as_deref().map(finish_reason);
        let refused = finish_reason == Some(FinishReason::Refusal);
        Ok(Response {
            id: message.id,
            model: message.model,
            reasoning: None,
            refusal: refused.then(|| text.clone().unwrap_or_else(|| "no reason given".to_owned())),
            text,
            tool_calls,
            finish_reason,
            usage: message.usage.map(Usage::from),
        })
    }

    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ApiError {
        let Ok(ErrorBody { error }) = serde_json::from_slice(body) else {
            return ApiError::from_body(status, body);
        };
        ApiError {
            kind: error.kind,
            ..ApiError::new(status, error.message)
        }
    }
}

fn finish_reason(name: &str) -> FinishReason {
    match name {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "tool_use" => FinishReason::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "refusal" => FinishReason::Refusal,
        other => FinishReason::Other(other.to_owned()),
    }
}

#[derive(Deserialize)]
struct ResponseMessage<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    content: Vec<Block<'a>>,
    #[serde(borrow)]
    stop_reason: Option<Cow<'a, str>>,
    usage: Option<MessageUsage>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    text: Option<String>,
    id: Option<String>,
    name: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MessageUsage {
    #[serde(default)]
    input_tokens: u64,
    #[serde(default)]
    output_tokens: u64,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
}

impl From<MessageUsage> for Usage {
    /// The wire's `input_tokens` leaves out what the cache read or wrote; [`Usage::input_tokens`] is the whole prompt.
    fn from(usage: MessageUsage) -> Usage {
        let read = usage.cache_read_input_tokens.unwrap_or_default();
        let created = usage.cache_creation_input_tokens.unwrap_or_default();
        Usage {
            input_tokens: usage
                .input_tokens
                .saturating_add(read)
                .saturating_add(created),
            output_tokens: usage.output_tokens,
            cache_read_input_tokens: read,
            cache_creation_input_tokens: created,
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: String,
}
