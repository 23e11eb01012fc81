//! Conversations, of which both of OpenAI's dialects can say the same.

use super::offered;
use crate::error::CodecError;
use crate::message::{Message, Part, Role};
use crate::request::Request;

/// Whether every message can be said: a tool result is neither part of another message nor says anything else.
pub(in crate::provider) fn check(messages: &[Message]) -> Result<(), CodecError> {
    for message in messages {
        let results = message.tool_results().count();
        if message.role == Role::Tool && (results == 0 || results < message.parts.len()) {
            return Err(CodecError::new(
                "a message of role `tool` must hold tool results, and nothing else",
            ));
        }
        if message.role != Role::Tool && results > 0 {
            return Err(CodecError::new(format!(
                "a message of role `{}` cannot hold a tool result: use `Message::tool_result`",
                message.role
            )));
        }
    }
    Ok(())
}

/// About how many bytes a request has, to size the buffer once.
pub(in crate::provider) fn length(request: &Request, strict: bool) -> usize {
    let tools = request.tools();
    let tools = tools.map(|tool| offered::text(tool, strict).0.len() + 512);
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let parts = parts.map(|part| match part {
        Part::Text(text) => text.len() + 64,
        Part::ToolCall(call) => call.arguments.len() + 128,
        Part::ToolResult(result) => result.content.len() + 128,
    });
    tools.chain(parts).sum()
}
