//! The OpenAI chat completions dialect.
//!
//! Facts: OpenAI's API reference and `OpenAPI` document (`POST /chat/completions`).

use std::borrow::Cow;

use http::StatusCode;
use serde::Deserialize;

use super::{Auth, Provider};
use crate::codec::{Codec, WireRequest};
use crate::error::{ApiError, CodecError};
use crate::json::{Object, array};
use crate::message::{Message, Part, Role, ToolCall, ToolResult};
use crate::request::{Mode, Request};
use crate::response::{FinishReason, Response, Usage};

/// OpenAI itself. Key in `OPENAI_API_KEY`, address overridden by `OPENAI_BASE_URL`.
pub static OPENAI: Provider = Provider {
    name: Cow::Borrowed("openai"),
    base_url: Cow::Borrowed("https://api.openai.com/v1"),
    base_url_variable: Some("OPENAI_BASE_URL"),
    api_key_variable: Some("OPENAI_API_KEY"),
    auth: Auth::Bearer,
    codec: &STANDARD,
};

/// The dialect as OpenAI speaks it.
pub static STANDARD: ChatCompletions = ChatCompletions {
    max_tokens_field: "max_completion_tokens",
    strict: true,
};

/// The chat completions dialect. Its fields are what differs between services that speak it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ChatCompletions {
    /// The key of the token limit: `max_completion_tokens`, or `max_tokens` on most other services.
    pub max_tokens_field: &'static str,
    /// The service takes `strict: true`.
    pub strict: bool,
}

impl ChatCompletions {
    /// The same dialect with another key for the token limit.
    #[must_use]
    pub const fn with_max_tokens_field(mut self, field: &'static str) -> Self {
        self.max_tokens_field = field;
        self
    }

    /// The same dialect with or without `strict: true`.
    #[must_use]
    pub const fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The schema text to send, and whether it may be sent as strict.
    fn schema(&self, request: &Request) -> (&'static str, bool) {
        match request.schema.openai_strict.filter(|_| self.strict) {
            Some(text) => (text, true),
            None => (request.schema.standard, false),
        }
    }

    fn write(&self, request: &Request, buffer: &mut Vec<u8>) -> serde_json::Result<()> {
        let (schema, strict) = self.schema(request);
        let name = request.schema.name;
        let description = Some(request.schema.description).filter(|text| !text.is_empty());

        let mut body = Object::begin(buffer);
        body.value("model", &*request.model)?;
        array(body.key("messages"), &request.messages, write_message)?;
        match request.mode {
            Mode::Tools => {
                array(body.key("tools"), [request.schema.name], |buffer, name| {
                    let mut tool = Object::begin(buffer);
                    tool.value("type", "function")?;
                    let mut function = tool.object("function");
                    function.value("name", name)?;
                    if let Some(description) = description {
                        function.value("description", description)?;
                    }
                    function.raw("parameters", schema);
                    function.value("strict", strict)?;
                    function.end();
                    tool.end();
                    Ok(())
                })?;
                let mut choice = body.object("tool_choice");
                choice.value("type", "function")?;
                let mut function = choice.object("function");
                function.value("name", name)?;
                function.end();
                choice.end();
                // Strict tools and parallel calls exclude each other, and one answer is one call.
                body.value("parallel_tool_calls", false)?;
            }
            Mode::JsonSchema => {
                let mut format = body.object("response_format");
                format.value("type", "json_schema")?;
                let mut json_schema = format.object("json_schema");
                json_schema.value("name", name)?;
                if let Some(description) = description {
                    json_schema.value("description", description)?;
                }
                json_schema.raw("schema", schema);
                json_schema.value("strict", strict)?;
                json_schema.end();
                format.end();
            }
        }
        if let Some(temperature) = request.temperature {
            body.value("temperature", temperature)?;
        }
        if let Some(max_tokens) = request.max_tokens {
            body.value(self.max_tokens_field, max_tokens)?;
        }
        body.end();
        Ok(())
    }
}

fn write_message(buffer: &mut Vec<u8>, message: &Message) -> serde_json::Result<()> {
    let mut object = Object::begin(buffer);
    object.value("role", message.role.as_str())?;
    if message.role == Role::Tool {
        if let Some(ToolResult {
            tool_call_id,
            content,
            ..
        }) = message.tool_results().next()
        {
            object.value("tool_call_id", tool_call_id)?;
            object.value("content", content)?;
        }
    } else {
        object.value("content", message.text().unwrap_or_default())?;
        if message.tool_calls().next().is_some() {
            array(
                object.key("tool_calls"),
                message.tool_calls(),
                |buffer, call| {
                    let mut object = Object::begin(buffer);
                    object.value("id", &call.id)?;
                    object.value("type", "function")?;
                    let mut function = object.object("function");
                    function.value("name", &call.name)?;
                    function.value("arguments", &call.arguments)?;
                    function.end();
                    object.end();
                    Ok(())
                },
            )?;
        }
    }
    object.end();
    Ok(())
}

impl Codec for ChatCompletions {
    fn dialect(&self) -> &'static str {
        "openai"
    }

    fn modes(&self, _model: &str) -> &'static [Mode] {
        &[Mode::Tools, Mode::JsonSchema]
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, CodecError> {
        let (schema, _) = self.schema(request);
        let mut body = Vec::with_capacity(schema.len() + 512 + text_length(&request.messages));
        self.write(request, &mut body)?;
        Ok(WireRequest::new("/chat/completions", body))
    }

    fn decode(&self, body: &[u8]) -> Result<Response, CodecError> {
        let completion: Completion<'_> = serde_json::from_slice(body)?;
        let usage = completion.usage.map(Usage::from).unwrap_or_default();
        let choice = completion.choices.into_iter().next();
        let choice = choice.ok_or_else(|| CodecError::new("the response has no choices"))?;
        let calls = choice.message.tool_calls.unwrap_or_default();
        Ok(Response {
            id: completion.id,
            model: completion.model,
            text: choice.message.content,
            refusal: choice.message.refusal,
            tool_calls: calls.into_iter().filter_map(Call::into_tool_call).collect(),
            finish_reason: choice.finish_reason.as_deref().map(finish_reason),
            usage,
        })
    }

    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ApiError {
        let Ok(ErrorBody { error }) = serde_json::from_slice(body) else {
            return ApiError::from_body(status, body);
        };
        ApiError {
            kind: error.kind,
            code: error.code,
            ..ApiError::new(status, error.message)
        }
    }
}

/// Bytes of all message texts, to size the buffer once.
fn text_length(messages: &[Message]) -> usize {
    let parts = messages.iter().flat_map(|message| &message.parts);
    parts
        .map(|part| match part {
            Part::Text(text) => text.len() + 64,
            Part::ToolCall(call) => call.arguments.len() + 128,
            Part::ToolResult(result) => result.content.len() + 128,
        })
        .sum()
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
    message: AssistantMessage,
    #[serde(borrow)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct AssistantMessage {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    id: Option<String>,
    function: Option<Function>,
}

impl Call {
    /// `None` for the calls of custom tools, which are not functions.
    fn into_tool_call(self) -> Option<ToolCall> {
        let function = self.function?;
        Some(ToolCall {
            id: self.id.unwrap_or_default(),
            name: function.name,
            arguments: function.arguments,
        })
    }
}

#[derive(Deserialize)]
struct Function {
    name: String,
    arguments: String,
}

#[derive(Deserialize)]
struct CompletionUsage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
    prompt_tokens_details: Option<PromptTokensDetails>,
}

#[derive(Deserialize)]
struct PromptTokensDetails {
    cached_tokens: Option<u64>,
}

impl From<CompletionUsage> for Usage {
    fn from(usage: CompletionUsage) -> Usage {
        let cached = usage
            .prompt_tokens_details
            .and_then(|details| details.cached_tokens);
        Usage {
            cache_read_input_tokens: cached.unwrap_or_default(),
            ..Usage::new(usage.prompt_tokens, usage.completion_tokens)
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
