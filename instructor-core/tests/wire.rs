//! Recorded answers of each dialect, as a whole and as a stream: `tests/wire/DIALECT/SCENARIO/`.
//!
//! `response.json` is the whole body, `stream.txt` the same response as a stream, `error.json` the error that ends a stream instead.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that panics has failed, which is its purpose"
)]
#![cfg(all(feature = "openai", feature = "anthropic"))]

use std::fs;
use std::path::{Path, PathBuf};

use instructor_core::partial::PartialAnswer;
use instructor_core::provider::{anthropic, openai, openai_responses};
use instructor_core::sse::Decoder;
use instructor_core::{
    ApiError, Codec, FinishReason, Folded, GrowingResponse, Response, StreamEvent,
};
use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde_json::{Value, json};

const CODECS: [&dyn Codec; 3] = [
    &openai::STANDARD,
    &openai_responses::STANDARD,
    &anthropic::STANDARD,
];

/// The folders of a dialect that hold a file of this name, each with the text of that file.
fn scenarios(codec: &dyn Codec, file: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let folder = folder.join(codec.dialect());
    let mut scenarios = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder for the dialect") {
        let path = entry.expect("a scenario").path();
        if let Ok(text) = fs::read_to_string(path.join(file)) {
            scenarios.push((path, text));
        }
    }
    assert!(!scenarios.is_empty(), "{}: no {file}", codec.dialect());
    scenarios.sort();
    scenarios
}

/// Names and data of the events of a stream that stands in a file, where every datum is one line.
fn events(stream: &str) -> Vec<(&str, &str)> {
    let blocks = stream.split("\n\n").filter(|block| !block.is_empty());
    blocks
        .map(|block| {
            let (name, data) = block.split_once('\n').unwrap_or(("event: message", block));
            let name = name.strip_prefix("event: ").expect("a name");
            (name, data.strip_prefix("data: ").expect("data"))
        })
        .collect()
}

/// What the stream of a scenario comes to, and the response it has grown to until then.
fn folded(codec: &dyn Codec, scenario: &Path) -> (Folded, Response) {
    let stream = fs::read_to_string(scenario.join("stream.txt")).expect("a stream");
    let mut growing = GrowingResponse::new();
    let mut events = events(&stream).into_iter();
    for (name, data) in events.by_ref() {
        let event = StreamEvent::new(name, data);
        let folded = codec.fold(&mut growing, event).expect(data);
        if folded != Folded::Part {
            assert_eq!(events.next(), None, "nothing follows the end");
            return (folded, growing.response);
        }
    }
    panic!("{}: the stream has no end", scenario.display());
}

#[test]
fn a_stream_comes_to_the_whole_response() {
    for codec in CODECS {
        for (scenario, body) in scenarios(codec, "response.json") {
            let whole = codec.decode(body.as_bytes()).expect("a response");
            let name = scenario.display();
            assert_eq!(folded(codec, &scenario), (Folded::End, whole), "{name}");
        }
    }
}

/// Appends what is recorded to the directory in `INSTRUCTOR_TEST_WIRE_LOG`, where `cargo xtask test` holds it against what the vendors
/// publish (`xtask/python/check_wire.py`).
#[test]
fn recorded_answers_are_checked_like_those_of_the_scripted_server() {
    let Some(folder) = std::env::var_os("INSTRUCTOR_TEST_WIRE_LOG") else {
        println!("skipped: INSTRUCTOR_TEST_WIRE_LOG names no directory");
        return;
    };
    let mut log = String::new();
    for codec in CODECS {
        let mut note = |scenario: &Path, kind: &str, body: &str| {
            if let Ok(body) = serde_json::from_str::<Value>(body) {
                let dialect = codec.dialect().replace('_', " ");
                let line = json!({"test": scenario, "dialect": dialect, "kind": kind, "status": 200, "headers": {}, "body": body});
                log.push_str(&format!("{line}\n"));
            }
        };
        for (scenario, body) in scenarios(codec, "response.json") {
            note(&scenario, "response", &body);
        }
        for (scenario, stream) in scenarios(codec, "stream.txt") {
            for (_, data) in events(&stream) {
                note(&scenario, "event", data);
            }
        }
    }
    let path = Path::new(&folder).join("recorded.jsonl");
    fs::write(path, log).expect("the directory can be written");
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code, reason = "only its partial value is looked at")]
struct Person {
    name: String,
    age: u8,
    motto: Option<String>,
}

/// The events of a stream that comes in these pieces.
fn decoded<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, String)> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(event) = decoder.next_event().expect("no event is long") {
            events.push((event.name.to_owned(), event.data.to_owned()));
        }
    }
    events
}

/// What each event changed in the typed value, that value, and the response.
fn read(codec: &dyn Codec, events: &[(String, String)]) -> (Vec<String>, Value, Response) {
    let mut growing = GrowingResponse::new();
    let mut answer = PartialAnswer::<Person>::new();
    let mut changes = Vec::new();
    let mut is_called = false;
    for (name, data) in events {
        let event = StreamEvent::new(name, data);
        codec.fold(&mut growing, event).expect(data);
        let call = growing.response.tool_calls.first();
        // What is said before a call is no answer.
        if call.is_some() && !std::mem::replace(&mut is_called, call.is_some()) {
            answer = PartialAnswer::new();
        }
        let said = call.map(|call| &call.arguments);
        let said = said.or(growing.response.text.as_ref());
        let more = said.and_then(|said| said.get(answer.text().len()..));
        answer.push(more.unwrap_or_default());
        changes.extend(answer.changes().map(|change| format!("{change:?}")));
    }
    let value = serde_json::to_value(answer.value()).expect("JSON");
    (changes, value, growing.response)
}

#[test]
fn a_stream_is_the_same_wherever_it_is_split() {
    for codec in CODECS {
        for (scenario, stream) in scenarios(codec, "stream.txt") {
            let bytes = stream.as_bytes();
            let whole = decoded([bytes]);
            let name = scenario.display();
            // What follows from the events depends on nothing else.
            for at in 0..bytes.len() {
                let (before, after) = bytes.split_at(at);
                assert!(decoded([before, after]) == whole, "{name} split at {at}");
            }
            let (changes, value, response) = read(codec, &whole);
            for length in [1, 2, 7, 64] {
                let events = decoded(bytes.chunks(length));
                let again = read(codec, &events);
                assert_eq!(again, (changes.clone(), value.clone(), response.clone()));
            }
            // Nor does what is read of the answer depend on how the events split it.
            if let Some(call) = response.tool_calls.first() {
                let mut answer = PartialAnswer::<Person>::new();
                answer.push(&call.arguments);
                let there = serde_json::to_value(answer.value()).expect("JSON");
                assert_eq!(there, value, "{name}");
            }
        }
    }
}

#[test]
fn a_response_can_be_written_and_read_again() {
    for codec in CODECS {
        for (scenario, body) in scenarios(codec, "response.json") {
            let response = codec.decode(body.as_bytes()).expect("a response");
            let written = codec.encode_response(&response).expect("can be said");
            let again = codec.decode(&written).expect("a response");
            assert_eq!(again, response, "{}", scenario.display());
        }
        let nothing = Response::default();
        let written = codec.encode_response(&nothing).expect("can be said");
        assert_eq!(codec.decode(&written).as_ref(), Ok(&nothing));
    }
}

#[test]
fn every_scenario_is_what_its_name_says() {
    for codec in CODECS {
        for (scenario, body) in scenarios(codec, "response.json") {
            let response = codec.decode(body.as_bytes()).expect("a response");
            let calls: Vec<&str> = response.tool_calls.iter().map(|call| &*call.name).collect();
            let name = scenario.file_name().and_then(|name| name.to_str());
            let finish_reason = response.finish_reason.as_ref();
            match name.expect("a name") {
                "tool_call" | "call_without_input" => {
                    assert_eq!(calls.len(), 1);
                    assert_eq!(finish_reason, Some(&FinishReason::ToolCalls));
                }
                "parallel_calls" => assert_eq!(calls, ["Person", "Place"]),
                "json_schema" => assert!(response.text.expect("a text").ends_with("🦀\"}")),
                "refusal" => assert!(response.refusal.is_some()),
                "length" | "length_of_call" => {
                    assert_eq!(finish_reason, Some(&FinishReason::Length));
                }
                "content_filter" => assert_eq!(finish_reason, Some(&FinishReason::ContentFilter)),
                "thinking" => {
                    let reasoning = response.reasoning.expect("a thought");
                    assert!(reasoning.starts_with("The person is Zoë.\n"), "{reasoning}");
                    assert_eq!(
                        response.usage.expect("usage").reasoning_output_tokens,
                        Some(16)
                    );
                }
                other => panic!("nobody says what {other} is"),
            }
            assert!(response.id.is_some() && response.model.is_some());
            assert!(response.usage.expect("usage").input_tokens >= 150);
        }
    }
}

fn described(error: &ApiError) -> Value {
    json!({
        "status": error.status.as_u16(),
        "kind": error.kind,
        "code": error.code,
        "message": error.message,
        "is_retryable": error.is_retryable(),
    })
}

#[test]
fn an_error_ends_a_stream() {
    for codec in CODECS {
        for (scenario, expected) in scenarios(codec, "error.json") {
            let expected: Value = serde_json::from_str(&expected).expect("JSON");
            let name = scenario.display();
            let (Folded::Error(error), _) = folded(codec, &scenario) else {
                panic!("{name}: it is an error")
            };
            assert_eq!(described(&error), expected, "{name}");
        }
    }
}
