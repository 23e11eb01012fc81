//! A failed attempt to the messages of the next one: the same for every provider, since every dialect can say these turns.

use crate::message::{Message, ToolResult};
use crate::response::Response;
use crate::validate::ValidationErrors;

/// The conversation with the failed answer and what is wrong with it at its end.
///
/// `conversation` is the user's own: an earlier failure is not carried along, so that the cost of a retry does not grow.
pub(crate) fn messages(
    conversation: &[Message],
    response: &Response,
    errors: &ValidationErrors,
) -> Vec<Message> {
    let answer = response.to_message();
    let mut messages =
        Vec::with_capacity(conversation.len() + 1 + response.tool_calls.len().max(1));
    messages.extend_from_slice(conversation);
    if response.tool_calls.is_empty() {
        if !answer.parts.is_empty() {
            messages.push(answer);
        }
        messages.push(Message::user(format!(
            "That answer failed validation:\n{errors}\nAnswer again with every error fixed."
        )));
        return messages;
    }
    messages.push(answer);
    // Providers demand a result for every call.
    for call in &response.tool_calls {
        let content = format!(
            "The call failed validation:\n{errors}\nCall `{}` again with every error fixed.",
            call.name
        );
        messages.push(Message::tool_result(ToolResult::error(
            call.id.as_str(),
            content,
        )));
    }
    messages
}
