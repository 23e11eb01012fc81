//! Folds the events of a stream.
//!
//! Facts: "Streaming messages" of Anthropic's API reference, and `RawMessageStreamEvent` of its `OpenAPI` document. Every event has its name
//! in its data as well, and there some proxies keep it alone.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::error;
use super::response::{Block, MessageUsage, finish_reason, refusal};
use crate::codec::{Folded, GrowingResponse, Place};
use crate::error::CodecError;
use crate::json::{self, Word};
use crate::response::Response;

pub(super) fn fold(growing: &mut GrowingResponse, data: &str) -> Result<Folded, CodecError> {
    if growing.repeat(data) {
        return Ok(Folded::Part);
    }
    let event: Event<'_> = serde_json::from_str(data)?;
    growing.note(data, repeatable(&event));
    match event.kind.as_str() {
        "content_block_delta" => {
            if let (Some(number), Some(delta)) = (event.index, event.delta) {
                fold_delta(growing, number, &delta)?;
            }
        }
        "content_block_start" => {
            if let (Some(number), Some(block)) = (event.index, event.content_block) {
                begin_block(growing, number, block);
            }
        }
        "content_block_stop" => {
            let call = event.index.and_then(|number| growing.tool_call(number));
            if let Some(call) = call.filter(|call| call.arguments.is_empty()) {
                call.arguments.push_str("{}");
            }
        }
        "message_start" => {
            if let Some(message) = event.message {
                growing.response.id = message.id;
                growing.response.model = message.model;
                fold_usage(&mut growing.response, message.usage);
            }
        }
        "message_delta" => {
            let response = &mut growing.response;
            fold_usage(response, event.usage);
            if let Some(name) = event.delta.and_then(|delta| delta.stop_reason) {
                response.finish_reason = Some(finish_reason(name.as_str()));
                response.refusal = refusal(response);
            }
        }
        "message_stop" => return Ok(Folded::End),
        "error" => {
            let error = error::streamed(event.error.map_or(data, RawValue::get));
            return Ok(Folded::Error(Box::new(error)));
        }
        // `ping`, and events of later versions.
        _ => {}
    }
    Ok(Folded::Part)
}

fn begin_block(growing: &mut GrowingResponse, number: u64, block: Block<'_>) {
    let response = &mut growing.response;
    match block.kind.as_str() {
        "text" => {
            let text = block.text.unwrap_or_default();
            response.text.get_or_insert_default().push_str(&text);
        }
        "thinking" => response.begin_thought(&block.thinking.unwrap_or_default()),
        "tool_use" => {
            let call = growing.begin_tool_call(number);
            call.id = block.id.unwrap_or_default();
            call.name = block.name.unwrap_or_default();
            // It is empty, but where a server sends the input at once.
            let input = block.input.map(json::text).unwrap_or_default();
            if !matches!(&*input, "" | "{}" | "null") {
                growing.set_preliminary_arguments(number, input);
            }
        }
        // Hidden thoughts, what the server's own tools did, and blocks of later versions.
        _ => {}
    }
}

fn fold_delta(
    growing: &mut GrowingResponse,
    number: u64,
    delta: &Delta<'_>,
) -> Result<(), CodecError> {
    let Some((place, piece)) = delta
        .piece(number)
        .filter(|(_, piece)| piece.get() != r#""""#)
    else {
        return Ok(());
    };
    if !piece.get().starts_with('"') {
        return Err(CodecError::new("a delta is not a text"));
    }
    let response = &mut growing.response;
    let text = match place {
        Place::Text => response.text.get_or_insert_default(),
        Place::Thought => response.reasoning.get_or_insert_default(),
        Place::Arguments(number) => match growing.arguments(number) {
            Some(arguments) => arguments,
            // What one of the server's own tools is given.
            None => return Ok(()),
        },
    };
    json::append(piece, text);
    Ok(())
}

/// The text that an event adds, and where, if it does nothing else.
fn repeatable<'a>(event: &Event<'a>) -> Option<(Place, &'a str)> {
    if event.kind.as_str() != "content_block_delta" {
        return None;
    }
    let (place, piece) = event.delta.as_ref()?.piece(event.index?)?;
    Some((place, piece.get()))
}

impl<'a> Delta<'a> {
    /// What it is a piece of, in the block with this number, and the piece.
    fn piece(&self, number: u64) -> Option<(Place, &'a RawValue)> {
        let (place, piece) = match self.kind.as_ref().map(Word::as_str) {
            Some("text_delta") => (Place::Text, self.text),
            Some("thinking_delta") => (Place::Thought, self.thinking),
            Some("input_json_delta") => (Place::Arguments(number), self.partial_json),
            // Signatures, citations, and deltas of later versions.
            _ => return None,
        };
        piece.map(|piece| (place, piece))
    }
}

/// The numbers are those of the whole message so far: they take the place of earlier ones.
fn fold_usage(response: &mut Response, usage: Option<MessageUsage>) {
    if let Some(usage) = usage {
        let earlier = response.usage.map(MessageUsage::from).unwrap_or_default();
        response.usage = Some(usage.or(earlier).into());
    }
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Word<'a>,
    index: Option<u64>,
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    content_block: Option<Block<'a>>,
    message: Option<Start>,
    usage: Option<MessageUsage>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(rename = "type", borrow)]
    kind: Option<Word<'a>>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    partial_json: Option<&'a RawValue>,
    #[serde(borrow)]
    stop_reason: Option<Word<'a>>,
}

#[derive(Deserialize)]
struct Start {
    id: Option<String>,
    model: Option<String>,
    usage: Option<MessageUsage>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::split_everywhere;
    use crate::message::ToolCall;
    use crate::response::Usage;

    fn folded(events: &[&str]) -> Response {
        let mut growing = GrowingResponse::new();
        for event in events {
            assert_eq!(fold(&mut growing, event), Ok(Folded::Part), "{event}");
        }
        growing.response
    }

    fn begin(number: u64, input: &str) -> String {
        format!(
            r#"{{"type": "content_block_start", "index": {number},
                "content_block": {{"type": "tool_use", "id": "a", "name": "A"{input}}}}}"#
        )
    }

    const STOP: &str = r#"{"type": "content_block_stop", "index": 0}"#;

    fn input(text: &str) -> String {
        format!(
            r#"{{"type": "content_block_delta", "index": 0,
                "delta": {{"type": "input_json_delta", "partial_json": "{text}"}}}}"#
        )
    }

    #[test]
    fn an_input_comes_in_pieces_or_at_once_or_not_at_all() {
        let (whole, empty) = (
            begin(0, r#", "input": {"a": 1}"#),
            begin(0, r#", "input": {}"#),
        );
        let missing = begin(0, "");
        let (nothing, first, second) = (input(""), input("{\\\"b\\\":"), input("2}"));
        for (events, arguments) in [
            (vec![&*empty, &nothing, &first, &second, STOP], r#"{"b":2}"#),
            (vec![&missing, &first, &second, STOP], r#"{"b":2}"#),
            (vec![&whole, STOP], r#"{"a": 1}"#),
            (vec![&whole, &nothing, STOP], r#"{"a": 1}"#),
            (vec![&whole, &nothing, &first, &second, STOP], r#"{"b":2}"#),
            (vec![&empty, &nothing, STOP], "{}"),
            (vec![&missing, STOP], "{}"),
        ] {
            let call = ToolCall::new("a", "A", arguments);
            assert_eq!(folded(&events).tool_calls, [call], "{events:?}");
        }
    }

    #[test]
    fn events_that_are_alike_are_read_as_if_they_were_not() {
        let texts = ["{", "\\\"a\\\":", "", "\\u00e9\\n", "\\\\", "ü", "}"];
        let delta = |kind: &str, key: &str, text: &str| {
            format!(
                r#"{{"type": "content_block_delta", "index": 0, "delta": {{"type": "{kind}", "{key}": "{text}"}}}}"#
            )
        };
        // A preliminary input, which gives way to the first piece.
        let mut events = vec![begin(0, r#", "input": {"a": 1}"#)];
        events.extend(texts.map(input));
        events.extend(texts.map(|text| delta("thinking_delta", "thinking", text)));
        events.extend(texts.map(|text| delta("text_delta", "text", text)));
        events.extend(texts.map(|text| delta("signature_delta", "signature", text)));
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        // A space before each second event makes every event differ from the one before.
        let spaced: Vec<String> = events
            .iter()
            .enumerate()
            .map(|(number, event)| " ".repeat(number % 2) + event)
            .collect();
        let spaced: Vec<&str> = spaced.iter().map(String::as_str).collect();
        let response = folded(&events);
        assert_eq!(response, folded(&spaced));
        let split = split_everywhere(Some("content_block_delta"), &events, fold);
        assert!(split.len() > 1000 && split.iter().all(|one| *one == response));
        let whole = "{\"a\":é\n\\ü}";
        assert_eq!(response.text.as_deref(), Some(whole));
        assert_eq!(response.reasoning.as_deref(), Some(whole));
        assert_eq!(response.tool_calls[0].arguments, whole);
    }

    #[test]
    fn tools_of_the_server_are_no_calls() {
        let server = begin(0, "").replace("tool_use", "server_tool_use");
        let response = folded(&[&server, &input("{}"), STOP]);
        assert_eq!(response, Response::default());
    }

    #[test]
    fn usage_replaces_and_keeps_what_is_not_said_again() {
        let response = folded(&[
            r#"{"type": "message_start", "message": {"id": "m", "usage":
                {"input_tokens": 10, "cache_read_input_tokens": 5, "cache_creation_input_tokens": null, "output_tokens": 1}}}"#,
            r#"{"type": "message_delta", "delta": {"stop_reason": null}, "usage": {"output_tokens": 7}}"#,
            r#"{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9, "input_tokens": 12}}"#,
        ]);
        let mut expected = Usage::new(17, 9);
        expected.cache_read_input_tokens = Some(5);
        assert_eq!(response.usage, Some(expected));
    }

    #[test]
    fn what_a_later_version_says_is_passed_over() {
        let response = folded(&[
            r#"{"type": "ping"}"#,
            r#"{"type": "message_pause", "index": 0, "why": []}"#,
            r#"{"type": "content_block_start", "index": 0, "content_block": {"type": "hologram"}}"#,
            r#"{"type": "content_block_delta", "index": 0, "delta": {"type": "light_delta", "light": 1}}"#,
            STOP,
        ]);
        assert_eq!(response, Response::default());
    }

    #[test]
    fn an_error_ends_the_message() {
        let mut growing = GrowingResponse::new();
        for (event, message) in [
            (
                r#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#,
                "Overloaded",
            ),
            (r#"{"type": "error"}"#, r#"{"type": "error"}"#),
        ] {
            let Ok(Folded::Error(error)) = fold(&mut growing, event) else {
                panic!("it is an error: {event}")
            };
            assert_eq!(error.message, message);
            assert!(error.is_retryable());
        }
    }

    #[test]
    fn what_is_no_event_is_refused() {
        let mut growing = GrowingResponse::new();
        let number = r#"{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": 1}}"#;
        for data in ["", "{}", "[DONE]", number] {
            assert!(fold(&mut growing, data).is_err(), "{data}");
        }
    }
}
