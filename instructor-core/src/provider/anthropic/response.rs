//! Reads whole messages, and writes them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request;
use crate::error::CodecError;
use crate::json::{self, Object, Word, array};
use crate::message::ToolCall;
use crate::response::{FinishReason, Response, Usage};

pub(super) fn read(body: &[u8]) -> Result<Response, CodecError> {
    let message: Message<'_> = serde_json::from_slice(body)?;
    let mut response = Response {
        id: message.id,
        model: message.model,
        finish_reason: message.stop_reason.map(|name| finish_reason(name.as_str())),
        usage: message.usage.map(Usage::from),
        ..Response::default()
    };
    for block in message.content {
        match (block.kind.as_str(), block.text, block.id, block.name) {
            ("text", Some(part), ..) => {
                response.text.get_or_insert_default().push_str(&part);
            }
            ("tool_use", _, Some(id), Some(name)) => {
                let arguments = block.input.map_or_else(|| "{}".to_owned(), json::text);
                response.tool_calls.push(ToolCall {
                    id,
                    name,
                    arguments,
                });
            }
            ("thinking", ..) => response.begin_thought(&block.thinking.unwrap_or_default()),
            // Blocks of later versions are not part of the answer.
            _ => {}
        }
    }
    response.refusal = refusal(&response);
    Ok(response)
}

/// The refusal, of which the reason is the text of the message.
pub(super) fn refusal(response: &Response) -> Option<String> {
    let refused = response.finish_reason == Some(FinishReason::Refusal);
    let reason = || response.text.clone();
    refused.then(|| reason().unwrap_or_else(|| "no reason given".to_owned()))
}

/// The body that [`read`] reads as `response`.
pub(super) fn write(response: &Response) -> serde_json::Result<Vec<u8>> {
    let mut buffer = Vec::with_capacity(1024);
    let mut body = Object::begin(&mut buffer);
    body.value("id", &response.id)?;
    body.value("type", "message")?;
    body.value("role", "assistant")?;
    body.value("model", &response.model)?;
    let thought = response.reasoning.as_deref().map(Said::Thought);
    let text = response.text.as_deref().map(Said::Text);
    let calls = response.tool_calls.iter().map(Said::Call);
    let blocks = thought.into_iter().chain(text).chain(calls);
    array(body.key("content"), blocks, write_block)?;
    let reason = response.finish_reason.as_ref().map(stop_reason);
    body.value("stop_reason", reason)?;
    body.value("stop_sequence", ())?;
    if let Some(usage) = response.usage {
        body.value("usage", MessageUsage::from(usage))?;
    }
    body.end();
    Ok(buffer)
}

/// What a block of a message says.
#[derive(Clone, Copy)]
enum Said<'a> {
    Thought(&'a str),
    Text(&'a str),
    Call(&'a ToolCall),
}

fn write_block(buffer: &mut Vec<u8>, said: Said<'_>) -> serde_json::Result<()> {
    match said {
        Said::Text(text) => request::write_text(buffer, text),
        Said::Thought(thought) => {
            let mut block = Object::begin(buffer);
            block.value("type", "thinking")?;
            block.value("thinking", thought)?;
            // It is not kept: a thought that was written again is not the provider's.
            block.value("signature", "")?;
            block.end();
            Ok(())
        }
        Said::Call(call) => {
            let mut block = Object::begin(buffer);
            block.value("type", "tool_use")?;
            block.value("id", &call.id)?;
            block.value("name", &call.name)?;
            // What was cut off is no object, and stays a text.
            let is_object = call.arguments.starts_with('{')
                && serde_json::from_str::<&RawValue>(&call.arguments)
                    .is_ok_and(|object| object.get() == call.arguments);
            if is_object {
                block.raw("input", &call.arguments);
            } else {
                block.value("input", &call.arguments)?;
            }
            block.end();
            Ok(())
        }
    }
}

pub(super) fn finish_reason(name: &str) -> FinishReason {
    match name {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "tool_use" => FinishReason::ToolCalls,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "refusal" => FinishReason::Refusal,
        other => FinishReason::Other(other.to_owned()),
    }
}

/// The name that [`finish_reason`] reads.
fn stop_reason(reason: &FinishReason) -> &str {
    match reason {
        FinishReason::Stop => "end_turn",
        FinishReason::ToolCalls => "tool_use",
        FinishReason::Length => "max_tokens",
        other => other.as_str(),
    }
}

#[derive(Deserialize)]
struct Message<'a> {
    id: Option<String>,
    model: Option<String>,
    #[serde(borrow)]
    content: Vec<Block<'a>>,
    #[serde(borrow)]
    stop_reason: Option<Word<'a>>,
    usage: Option<MessageUsage>,
}

/// A block of a message; in a stream, as it begins.
#[derive(Deserialize)]
pub(super) struct Block<'a> {
    #[serde(rename = "type", borrow)]
    pub(super) kind: Word<'a>,
    pub(super) text: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize)]
pub(super) struct MessageUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens_details: Option<OutputTokensDetails>,
}

#[derive(Clone, Copy, Default, Deserialize, Serialize)]
struct OutputTokensDetails {
    thinking_tokens: Option<u64>,
}

impl MessageUsage {
    /// Where it says nothing, what `earlier` said.
    pub(super) fn or(self, earlier: MessageUsage) -> MessageUsage {
        MessageUsage {
            input_tokens: self.input_tokens.or(earlier.input_tokens),
            output_tokens: self.output_tokens.or(earlier.output_tokens),
            cache_read_input_tokens: self
                .cache_read_input_tokens
                .or(earlier.cache_read_input_tokens),
            cache_creation_input_tokens: self
                .cache_creation_input_tokens
                .or(earlier.cache_creation_input_tokens),
            output_tokens_details: self.output_tokens_details.or(earlier.output_tokens_details),
        }
    }
}

impl From<MessageUsage> for Usage {
    /// The wire's `input_tokens` leaves out what the cache read or wrote; [`Usage::input_tokens`] is the whole prompt.
    fn from(usage: MessageUsage) -> Usage {
        let read = usage.cache_read_input_tokens.unwrap_or_default();
        let created = usage.cache_creation_input_tokens.unwrap_or_default();
        let input = usage.input_tokens.unwrap_or_default();
        Usage {
            input_tokens: input.saturating_add(read).saturating_add(created),
            output_tokens: usage.output_tokens.unwrap_or_default(),
            cache_read_input_tokens: usage.cache_read_input_tokens,
            cache_creation_input_tokens: usage.cache_creation_input_tokens,
            reasoning_output_tokens: usage
                .output_tokens_details
                .and_then(|details| details.thinking_tokens),
        }
    }
}

impl From<Usage> for MessageUsage {
    fn from(usage: Usage) -> MessageUsage {
        let (read, created) = (
            usage.cache_read_input_tokens,
            usage.cache_creation_input_tokens,
        );
        let input = usage
            .input_tokens
            .saturating_sub(read.unwrap_or_default())
            .saturating_sub(created.unwrap_or_default());
        MessageUsage {
            input_tokens: Some(input),
            output_tokens: Some(usage.output_tokens),
            cache_read_input_tokens: read,
            cache_creation_input_tokens: created,
            output_tokens_details: usage.reasoning_output_tokens.map(|thought| {
                OutputTokensDetails {
                    thinking_tokens: Some(thought),
                }
            }),
        }
    }
}
