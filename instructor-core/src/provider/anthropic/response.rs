//! Reads responses and errors.

use std::borrow::Cow;

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{ApiError, CodecError};
use crate::message::ToolCall;
use crate::response::{FinishReason, Response, Usage};

pub(super) fn read(body: &[u8]) -> Result<Response, CodecError> {
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

pub(super) fn read_error(status: StatusCode, body: &[u8]) -> ApiError {
    let Ok(ErrorBody { error }) = serde_json::from_slice(body) else {
        return ApiError::from_body(status, body);
    };
    ApiError {
        kind: error.kind,
        ..ApiError::new(status, error.message)
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
