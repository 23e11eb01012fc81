//! Reads responses and errors.

use std::borrow::Cow;

use http::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::{ApiError, CodecError};
use crate::json;
use crate::message::ToolCall;
use crate::response::{FinishReason, Response, Usage};

pub(super) fn read(body: &[u8]) -> Result<Response, CodecError> {
    let completion: Completion<'_> = serde_json::from_slice(body)?;
    let choice = completion.choices.into_iter().next();
    let choice = choice.ok_or_else(|| CodecError::new("the response has no choices"))?;
    let calls = choice.message.tool_calls.unwrap_or_default();
    Ok(Response {
        id: completion.id,
        model: completion.model,
        text: choice.message.content,
        reasoning: None,
        // Some servers send an empty one where nothing was refused.
        refusal: choice.message.refusal.filter(|text| !text.is_empty()),
        tool_calls: calls.into_iter().filter_map(Call::into_tool_call).collect(),
        finish_reason: choice.finish_reason.as_deref().map(finish_reason),
        usage: completion.usage.map(Usage::from),
    })
}

pub(super) fn read_error(status: StatusCode, body: &[u8]) -> ApiError {
    let Ok(ErrorBody { error }) = serde_json::from_slice(body) else {
        return ApiError::from_body(status, body);
    };
    ApiError {
        kind: error.kind,
        code: error.code,
        ..ApiError::new(status, error.message)
    }
}

fn finish_reason(name: &str) -> FinishReason {
    match name {
        "stop" => FinishReason::Stop,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "length" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        other => FinishReason::Other(other.to_owned()),
    }
}

#[derive(Deserialize)]
struct Completion<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    choices: Vec<Choice<'a>>,
    usage: Option<CompletionUsage>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    message: AssistantMessage<'a>,
    #[serde(borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct AssistantMessage<'a> {
    content: Option<String>,
    refusal: Option<String>,
    #[serde(borrow)]
    tool_calls: Option<Vec<Call<'a>>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    id: Option<String>,
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

impl Call<'_> {
    /// `None` for the calls of custom tools, which are not functions.
    fn into_tool_call(self) -> Option<ToolCall> {
        let function = self.function?;
        Some(ToolCall {
            id: self.id.unwrap_or_default(),
            name: function.name,
            arguments: json::text(function.arguments),
        })
    }
}

#[derive(Deserialize)]
struct Function<'a> {
    name: String,
    #[serde(borrow)]
    arguments: &'a RawValue,
}

#[derive(Deserialize)]
struct CompletionUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptTokensDetails>,
}

#[derive(Default, Deserialize)]
struct PromptTokensDetails {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

impl From<CompletionUsage> for Usage {
    fn from(usage: CompletionUsage) -> Usage {
        let details = usage.prompt_tokens_details.unwrap_or_default();
        Usage {
            cache_read_input_tokens: details.cached_tokens.unwrap_or_default(),
            cache_creation_input_tokens: details.cache_write_tokens.unwrap_or_default(),
            ..Usage::new(
                usage.prompt_tokens.unwrap_or_default(),
                usage.completion_tokens.unwrap_or_default(),
            )
        }
    }
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    message: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// A text for OpenAI, a number for some other servers.
    #[serde(default, deserialize_with = "text_or_number")]
    code: Option<String>,
}

fn text_or_number<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}
