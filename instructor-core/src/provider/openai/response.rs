//! Reads whole responses, and writes them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::request;
use crate::error::CodecError;
use crate::json::{self, Object, Word, array};
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
        reasoning: reasoning(choice.message.reasoning_content, choice.message.reasoning)
            .map(json::text),
        // Some servers send an empty one where nothing was refused.
        refusal: choice.message.refusal.filter(|text| !text.is_empty()),
        tool_calls: calls.into_iter().filter_map(Call::into_tool_call).collect(),
        finish_reason: choice
            .finish_reason
            .map(|name| finish_reason(name.as_str())),
        usage: completion.usage.map(Usage::from),
    })
}

/// What the model thought: vLLM and llama.cpp call it `reasoning_content`, Groq calls it `reasoning`, and some servers send both.
pub(super) fn reasoning<'a>(
    reasoning_content: Option<&'a RawValue>,
    reasoning: Option<&'a RawValue>,
) -> Option<&'a RawValue> {
    let mut thoughts = [reasoning_content, reasoning].into_iter().flatten();
    thoughts.find(|thought| thought.get().starts_with('"') && thought.get().len() > 2)
}

/// The body that [`read`] reads as `response`. It has no time of creation, which a response does not keep.
pub(super) fn write(response: &Response) -> serde_json::Result<Vec<u8>> {
    let mut buffer = Vec::with_capacity(1024);
    let mut body = Object::begin(&mut buffer);
    body.value("id", &response.id)?;
    body.value("object", "chat.completion")?;
    body.value("model", &response.model)?;
    array(body.key("choices"), [response], write_choice)?;
    if let Some(usage) = &response.usage {
        let mut object = body.object("usage");
        object.value("prompt_tokens", usage.input_tokens)?;
        object.value("completion_tokens", usage.output_tokens)?;
        object.value("total_tokens", usage.total_tokens())?;
        let mut details = object.object("prompt_tokens_details");
        details.optional("cached_tokens", usage.cache_read_input_tokens)?;
        details.optional("cache_write_tokens", usage.cache_creation_input_tokens)?;
        details.end();
        let mut details = object.object("completion_tokens_details");
        details.optional("reasoning_tokens", usage.reasoning_output_tokens)?;
        details.end();
        object.end();
    }
    body.end();
    Ok(buffer)
}

fn write_choice(buffer: &mut Vec<u8>, response: &Response) -> serde_json::Result<()> {
    let mut choice = Object::begin(buffer);
    choice.value("index", 0)?;
    let mut message = choice.object("message");
    message.value("role", "assistant")?;
    message.value("content", &response.text)?;
    message.value("refusal", &response.refusal)?;
    if let Some(reasoning) = &response.reasoning {
        message.value("reasoning_content", reasoning)?;
    }
    if !response.tool_calls.is_empty() {
        array(
            message.key("tool_calls"),
            &response.tool_calls,
            request::write_call,
        )?;
    }
    message.end();
    choice.value("logprobs", ())?;
    let finish_reason = response.finish_reason.as_ref();
    choice.value("finish_reason", finish_reason.map(FinishReason::as_str))?;
    choice.end();
    Ok(())
}

pub(super) fn finish_reason(name: &str) -> FinishReason {
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
    finish_reason: Option<Word<'a>>,
}

#[derive(Deserialize)]
struct AssistantMessage<'a> {
    content: Option<String>,
    refusal: Option<String>,
    #[serde(borrow)]
    reasoning_content: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning: Option<&'a RawValue>,
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
pub(super) struct CompletionUsage {
    prompt_tokens: Option<u64>,
    completion_tokens: Option<u64>,
    prompt_tokens_details: Option<PromptTokensDetails>,
    completion_tokens_details: Option<CompletionTokensDetails>,
}

#[derive(Default, Deserialize)]
struct PromptTokensDetails {
    cached_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
}

#[derive(Default, Deserialize)]
struct CompletionTokensDetails {
    reasoning_tokens: Option<u64>,
}

impl From<CompletionUsage> for Usage {
    fn from(usage: CompletionUsage) -> Usage {
        let details = usage.prompt_tokens_details.unwrap_or_default();
        let written = usage.completion_tokens_details.unwrap_or_default();
        Usage {
            cache_read_input_tokens: details.cached_tokens,
            cache_creation_input_tokens: details.cache_write_tokens,
            reasoning_output_tokens: written.reasoning_tokens,
            ..Usage::new(
                usage.prompt_tokens.unwrap_or_default(),
                usage.completion_tokens.unwrap_or_default(),
            )
        }
    }
}
