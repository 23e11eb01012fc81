//! The request after a failed attempt: the same for every provider, since every dialect can say these turns.
//!
//! It is always made from the first request: an earlier failure is not carried along, so that the cost of a retry does not grow.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::Patch;
use crate::attempt::Attempt;
use crate::leniency::Correction;
use crate::message::{Message, ToolResult};
use crate::parse;
use crate::request::Request;
use crate::response::Response;
use crate::tool_calls;
use crate::validate::{Bounded, MAX_MESSAGE, MAX_PATH, OneLine, ValidationErrors, quoted};

/// The first request, with the failed answer and what is wrong with it at the end of its conversation.
pub(super) fn whole(first: &Request, failed: &Attempt) -> Request {
    let (Some(response), Some(errors)) = (&failed.response, &failed.errors) else {
        return first.clone();
    };
    Request {
        messages: match (&failed.request.patch, &failed.answer) {
            // The model answered with corrections; what is wrong is the answer that they were put into.
            // Of what is no JSON nothing was put in: those are the model's words, and stand where the model speaks.
            (Some(_), Some(answer)) if is_json(answer) => told(first, answer, errors),
            _ if failed.is_stopped => {
                answered(first, &cut_short(response), errors, &failed.corrections)
            }
            _ => answered(first, response, errors, &failed.corrections),
        },
        ..first.clone()
    }
}

/// The first request, with only some values to be answered.
pub(super) fn parts(first: &Request, patch: Patch, failed: &Attempt) -> Request {
    let mut told = Bounded::default();
    let mut shown = None;
    let mut left_out = 0;
    for error in failed.errors.iter().flatten() {
        let mut line = String::new();
        // A tiny model copies what stands after a key and a colon, so the value comes first.
        if let Some(input) = &error.input {
            let _ = write!(line, "{} for ", quoted(input));
        }
        let key = patch.key(&error.path);
        let _ = write!(line, "{}", OneLine::new(key, MAX_PATH));
        if let Some((item, excerpt)) = patch.item(&error.path)
            && shown.as_ref() != Some(&item)
        {
            let _ = write!(line, " in {}", OneLine::new(&excerpt, MAX_PATH));
            shown = Some(item);
        }
        let _ = write!(line, ": {}", OneLine::new(&error.message, MAX_MESSAGE));
        left_out += usize::from(!told.push(&line));
    }
    let mut text = format!("Your answer was wrong:\n{}\n", told.text);
    if left_out > 0 {
        let _ = writeln!(text, "and {left_out} more faults");
    }
    let wanted = patch.wanted();
    let _ = write!(
        text,
        "Give the right {}.",
        OneLine::new(&wanted, MAX_MESSAGE)
    );
    Request {
        messages: continued(first, [Message::user(text)]),
        patch: Some(Arc::new(patch)),
        ..first.clone()
    }
}

/// What is known of a response that was not waited for. A model must be told its own answer as JSON.
fn cut_short(response: &Response) -> Response {
    let mut known = response.clone();
    for call in &mut known.tool_calls {
        call.arguments = parse::known(&call.arguments);
    }
    if known.tool_calls.is_empty() {
        known.text = known.text.as_deref().map(parse::known);
    }
    known
}

fn told(first: &Request, answer: &str, errors: &ValidationErrors) -> Vec<Message> {
    let errors = errors.for_model();
    // It stands where the user speaks. A line break of JSON is never within a text.
    let answer = answer.replace(['\n', '\r', '\t'], " ");
    let answer = OneLine::new(&answer, usize::MAX);
    let text = format!(
        "You answered:\n{answer}\nThat failed validation:\n{errors}\nAnswer again with every error fixed."
    );
    continued(first, [Message::user(text)])
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<&RawValue>(text).is_ok()
}

/// The conversation of the first request, and more.
fn continued(first: &Request, more: impl IntoIterator<Item = Message>) -> Vec<Message> {
    first.messages.iter().cloned().chain(more).collect()
}

fn answered(
    first: &Request,
    response: &Response,
    errors: &ValidationErrors,
    corrections: &[Correction],
) -> Vec<Message> {
    let told = errors.for_model();
    let answer = response.to_message();
    let calls = &response.tool_calls;
    let mut messages = continued(first, []);
    if !answer.parts.is_empty() {
        messages.push(answer);
    }
    if calls.is_empty() {
        messages.push(Message::user(format!(
            "That answer failed validation:\n{told}\nAnswer again with every error fixed."
        )));
    }
    // Providers demand a result for every call.
    let results = match first.schema.tools() {
        Some(tools) => tool_calls::results(first.schema, tools, calls, errors, corrections),
        None => {
            let name = &first.schema.name;
            let result = format!(
                "The call failed validation:\n{told}\nCall `{name}` again with every error fixed."
            );
            vec![result; calls.len()]
        }
    };
    for (call, content) in calls.iter().zip(results) {
        let result = ToolResult::error(call.id.as_str(), content);
        messages.push(Message::tool_result(result));
    }
    messages
}
