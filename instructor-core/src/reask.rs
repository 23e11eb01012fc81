//! A failed attempt to the request of the next one: the same for every provider, since every dialect can say these turns.

use std::sync::Arc;

use crate::attempt::Attempt;
use crate::message::{Message, ToolResult};
use crate::request::Request;
use crate::response::Response;
use crate::validate::ValidationErrors;

/// The first request of a call, with the failed answer and what is wrong with it at the end of its conversation.
///
/// It is always the first: an earlier failure is not carried along, so that the cost of a retry does not grow.
pub(crate) fn request(first: &Request, failed: &Attempt) -> Request {
    let (Some(response), Some(errors)) = (&failed.response, &failed.errors) else {
        return first.clone();
    };
    Request {
        model: Arc::clone(&first.model),
        messages: messages(first, response, errors),
        schema: first.schema,
        mode: first.mode,
        temperature: first.temperature,
        max_tokens: first.max_tokens,
    }
}

fn messages(first: &Request, response: &Response, errors: &ValidationErrors) -> Vec<Message> {
    let errors = errors.for_model();
    let answer = response.to_message();
    let calls = &response.tool_calls;
    let mut messages = Vec::with_capacity(first.messages.len() + 1 + calls.len().max(1));
    messages.extend_from_slice(&first.messages);
    if !answer.parts.is_empty() {
        messages.push(answer);
    }
    if calls.is_empty() {
        messages.push(Message::user(format!(
            "That answer failed validation:\n{errors}\nAnswer again with every error fixed."
        )));
    }
    // Providers demand a result for every call.
    for call in calls {
        let content = format!(
            "The call failed validation:\n{errors}\nCall `{}` again with every error fixed.",
            first.schema.name
        );
        let result = ToolResult::error(call.id.as_str(), content);
        messages.push(Message::tool_result(result));
    }
    messages
}
