//! Folds the events of a stream.
//!
//! Facts: `ResponseStreamEvent` of OpenAI's `OpenAPI` document. Every event has its name in its data as well.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::openai::error;
use super::response::{Body, Item};
use crate::codec::{Folded, GrowingResponse};
use crate::error::{ApiError, CodecError};
use crate::json::{self, Word};
use crate::response::Response;

pub(super) fn fold(growing: &mut GrowingResponse, data: &str) -> Result<Folded, CodecError> {
    let event: Event<'_> = serde_json::from_str(data)?;
    let response = &mut growing.response;
    match event.kind.as_ref().map_or("", Word::as_str) {
        "response.output_text.delta" => append(response.text.get_or_insert_default(), event.delta)?,
        "response.refusal.delta" => append(response.refusal.get_or_insert_default(), event.delta)?,
        "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
            append(response.reasoning.get_or_insert_default(), event.delta)?;
        }
        // The second is vLLM's.
        "response.reasoning_summary_part.added" | "response.reasoning_part.added" => {
            response.begin_thought("");
        }
        "response.content_part.added" => {
            let part = event.part.map(|part| serde_json::from_str(part.get()));
            if let Some(Ok(Part { kind })) = part
                && kind.as_str() == "reasoning_text"
            {
                response.begin_thought("");
            }
        }
        "response.function_call_arguments.delta" => {
            let number = number(&event, growing);
            if let Some(arguments) = growing.arguments(number) {
                append(arguments, event.delta)?;
            }
        }
        // Servers that send the arguments at once may leave the deltas out.
        "response.function_call_arguments.done" => {
            let number = number(&event, growing);
            let call = growing.tool_call(number);
            if let Some(call) = call.filter(|call| call.arguments.is_empty()) {
                append(&mut call.arguments, event.arguments)?;
            }
        }
        "response.output_item.added" => {
            if let Some(item) = &event.item
                && item.kind.as_str() == "function_call"
            {
                begin_call(growing, event.output_index, item);
            }
        }
        // The item is whole here, whatever came of it before.
        "response.output_item.done" => {
            if let Some(item) = &event.item
                && item.kind.as_str() == "function_call"
            {
                let number = number(&event, growing);
                let whole = item.tool_call();
                let call = growing.tool_call(number);
                let call = call.filter(|call| call.arguments.is_empty() && call.id == whole.id);
                if let Some(call) = call {
                    call.arguments = whole.arguments;
                }
            }
        }
        "response.created" => {
            if let Some(body) = event.response {
                let body: Body<'_> = serde_json::from_str(body.get())?;
                body.read_head(response);
                // It has only begun.
                response.finish_reason = None;
            }
        }
        "response.completed" | "response.incomplete" => {
            if let Some(body) = event.response {
                finish(response, serde_json::from_str(body.get())?)?;
            }
            return Ok(Folded::End);
        }
        "response.failed" => {
            let body = event.response.map_or("{}", RawValue::get);
            let body: Body<'_> = serde_json::from_str(body)?;
            return Ok(failed(body.error().unwrap_or("the response failed")));
        }
        // OpenAI's document has it flat, its servers send the one of an unsuccessful status as well.
        "error" => return Ok(failed(event.error.map_or(data, RawValue::get))),
        // llama.cpp's has no name.
        "" if event.error.is_some() => return Ok(failed(event.error.map_or(data, RawValue::get))),
        _ => {}
    }
    Ok(Folded::Part)
}

/// The last event is the truth about the response. What was said is in it once more.
fn finish(response: &mut Response, body: Body<'_>) -> Result<(), CodecError> {
    let is_unsaid =
        response.text.is_none() && response.refusal.is_none() && response.tool_calls.is_empty();
    if is_unsaid {
        let reasoning = response.reasoning.take();
        body.read_output(response)?;
        response.reasoning = reasoning.or(response.reasoning.take());
    }
    body.read_head(response);
    Ok(())
}

fn failed(error: &str) -> Folded {
    let mut error: ApiError = error::streamed(error);
    // That is the name of the event.
    error.kind = error.kind.filter(|kind| kind != "error");
    Folded::Error(Box::new(error))
}

fn begin_call(growing: &mut GrowingResponse, number: Option<u64>, item: &Item<'_>) {
    let number = number.unwrap_or(growing.response.tool_calls.len() as u64);
    let begun = item.tool_call();
    let call = growing.begin_tool_call(number);
    (call.id, call.name) = (begun.id, begun.name);
    if !begun.arguments.is_empty() {
        growing.set_preliminary_arguments(number, begun.arguments);
    }
}

/// The number of the call that an event belongs to. llama.cpp gives none: there it is the last one.
fn number(event: &Event<'_>, growing: &GrowingResponse) -> u64 {
    let last = growing.response.tool_calls.len().saturating_sub(1) as u64;
    event.output_index.unwrap_or(last)
}

fn append(text: &mut String, piece: Option<&RawValue>) -> Result<(), CodecError> {
    match piece {
        Some(piece) if piece.get().starts_with('"') => json::append(piece, text),
        Some(_) => return Err(CodecError::new("a delta is not a text")),
        None => {}
    }
    Ok(())
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Word<'a>>,
    output_index: Option<u64>,
    #[serde(borrow)]
    delta: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    item: Option<Item<'a>>,
    #[serde(borrow)]
    part: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// A part of what an item says, which is empty when it begins.
#[derive(Deserialize)]
struct Part<'a> {
    #[serde(rename = "type", borrow)]
    kind: Word<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::ToolCall;
    use crate::response::{FinishReason, Usage};

    fn folded(events: &[&str]) -> Response {
        let mut growing = GrowingResponse::new();
        for event in events {
            assert_eq!(fold(&mut growing, event), Ok(Folded::Part), "{event}");
        }
        growing.response
    }

    const ADDED: &str = r#"{"type": "response.output_item.added", "output_index": 1,
        "item": {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "A", "arguments": ""}}"#;
    const DELTA: &str = r#"{"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "{\"a\":1}"}"#;
    const DONE: &str = r#"{"type": "response.function_call_arguments.done", "output_index": 1, "arguments": "{\"a\":1}"}"#;

    #[test]
    fn arguments_come_in_pieces_or_at_once() {
        let at_once = ADDED.replace(r#""arguments": """#, r#""arguments": "{\"a\":1}""#);
        let item_done = at_once.replace("item.added", "item.done");
        let bare = |event: &str| event.replace(r#""output_index": 1,"#, "");
        let (added, delta) = (bare(ADDED), bare(DELTA));
        for events in [
            vec![ADDED, DELTA],
            vec![ADDED, DELTA, DONE],
            vec![ADDED, DONE],
            vec![&at_once],
            vec![&at_once, DELTA, DONE],
            vec![&added, &delta],
            vec![ADDED, &item_done],
            vec![ADDED, DELTA, &item_done],
        ] {
            let call = ToolCall::new("call_1", "A", r#"{"a":1}"#);
            assert_eq!(folded(&events).tool_calls, [call], "{events:?}");
        }
    }

    #[test]
    fn thoughts_are_told_apart_as_in_a_whole_response() {
        let part = |kind: &str| {
            format!(
                r#"{{"type": "response.content_part.added", "output_index": 0, "content_index": 0, "part": {{"type": "{kind}", "text": ""}}}}"#
            )
        };
        let thought = |text: &str| {
            format!(
                r#"{{"type": "response.reasoning_text.delta", "output_index": 0, "delta": "{text}"}}"#
            )
        };
        let added = part("reasoning_text");
        let (first, more, second) = (thought("It is"), thought(" Zoë."), thought("She is 25."));
        let events = [&added, &first, &more, &added, &second, &part("output_text")];
        let response = folded(&events.map(|event| &**event));
        let whole = r#"{"output": [{"type": "reasoning", "summary": [],
            "content": [{"type": "reasoning_text", "text": "It is Zoë."}, {"type": "reasoning_text", "text": "She is 25."}]}]}"#;
        let whole = super::super::response::read(whole.as_bytes()).expect("a response");
        assert_eq!(response.reasoning, whole.reasoning);
        assert_eq!(response.text, None);
    }

    #[test]
    fn the_last_event_says_what_the_deltas_did_not() {
        let mut growing = GrowingResponse::new();
        let last = r#"{"type": "response.completed", "response": {"id": "resp_1", "status": "completed",
            "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}],
            "usage": {"input_tokens": 3, "output_tokens": 2}}}"#;
        assert_eq!(fold(&mut growing, last), Ok(Folded::End));
        let response = growing.response;
        assert_eq!(response.text.as_deref(), Some("Hello"));
        assert_eq!(response.finish_reason, Some(FinishReason::Stop));
        assert_eq!(response.usage, Some(Usage::new(3, 2)));
    }

    #[test]
    fn a_call_is_why_it_stopped_though_the_last_event_leaves_it_out() {
        let mut growing = GrowingResponse::new();
        let last =
            r#"{"type": "response.completed", "response": {"status": "completed", "output": []}}"#;
        for event in [ADDED, DELTA, last] {
            fold(&mut growing, event).expect("an event");
        }
        assert_eq!(
            growing.response.finish_reason,
            Some(FinishReason::ToolCalls)
        );
    }

    #[test]
    fn errors_are_told_apart_by_their_codes() {
        for (event, status) in [
            (
                r#"{"type": "error", "code": "rate_limit_exceeded", "message": "no", "param": null, "sequence_number": 3}"#,
                429,
            ),
            (
                r#"{"type": "error", "error": {"type": "invalid_request_error", "code": null, "message": "no"}}"#,
                400,
            ),
            (
                r#"{"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error", "message": "no"}}}"#,
                500,
            ),
            (
                r#"{"error": {"code": 500, "message": "no", "type": "server_error"}}"#,
                500,
            ),
        ] {
            let mut growing = GrowingResponse::new();
            let Ok(Folded::Error(error)) = fold(&mut growing, event) else {
                panic!("it is an error: {event}")
            };
            assert_eq!((error.status.as_u16(), &*error.message), (status, "no"));
            assert_ne!(error.kind.as_deref(), Some("error"));
        }
    }

    #[test]
    fn what_a_later_version_says_is_passed_over() {
        let response = folded(&[
            r#"{"type": "response.hologram.delta", "delta": {"light": 1}, "output_index": 0}"#,
            r#"{"type": "response.output_item.added", "output_index": 0, "item": {"type": "hologram", "arguments": 1}}"#,
            r#"{"type": "keepalive"}"#,
            DELTA,
        ]);
        assert_eq!(response, Response::default());
    }
}
