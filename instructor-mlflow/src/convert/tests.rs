//! What stands in the bytes that go over the wire: encoded, and read back with prost.

use std::sync::Arc;
use std::time::Duration;

use instructor_core::ResponseModel as _;
use instructor_core::trace::{CHAT, CREATE, Failure, LLM_VALIDATE, Recording, VALIDATE, Validator};
use instructor_core::{
    ErrorCode, Message, Mode, Path, Price, Request, Usage, ValidationError, ValidationErrors,
};
use instructor_derive::ResponseModel;
use prost::Message as _;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::*;
use crate::record::tests::{metadata, reread};
use crate::span::{Content, TraceId};
use crate::tree::{Closed, Kind, OpenSpan};
use crate::wire::{AnyValue, StatusCode};

#[derive(Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
struct Person {}

/// The span of kind `name` as the server reads it.
fn sent(name: &'static str, recording: Recording) -> Span {
    let closed = OpenSpan::root(Kind::Call, TraceId::random())
        .close(metadata(name), None, |_| Content::Call(Box::new(recording)));
    let Closed::HandOver { frame, .. } = closed else {
        panic!("a call is handed over when it closes");
    };
    let record = reread(&frame);
    let root = record.root().expect("the call is the root");
    let span = Description::of(root).into_span(record.trace_id, root);
    let bytes = span.encode_to_vec();
    Span::decode(bytes.as_slice()).expect("what was encoded can be decoded")
}

fn attribute(span: &Span, key: &str) -> Option<Json> {
    let value = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == key)?;
    Some(serde_json::to_value(value.value.as_ref()?).expect("a value is JSON"))
}

fn status(span: &Span) -> (i32, &str) {
    let status = span.status.as_ref().expect("every span has one");
    (status.code, status.message.as_str())
}

fn request() -> Arc<Request> {
    let messages = vec![Message::system("Be brief."), Message::user("Ann is 34.")];
    Arc::new(Request::new(
        "gpt-4o",
        messages,
        Person::SCHEMA,
        Mode::Tools,
    ))
}

#[test]
fn a_call_shows_the_prompt_and_the_typed_answer() {
    let mut recording = Recording::default();
    recording.request = Some(request());
    recording.max_retries = Some(3);
    recording.output = Some(r#"{"name":"Ann","age":34}"#.into());
    let span = sent(CREATE, recording);
    assert_eq!(span.name, "create Person");
    assert_eq!(status(&span), (StatusCode::Ok as i32, ""));
    assert_eq!(attribute(&span, "mlflow.spanType"), Some("CHAIN".into()));
    assert_eq!(
        attribute(&span, "mlflow.spanInputs"),
        Some(json!({
            "messages": [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": "Ann is 34."},
            ],
            "model": "gpt-4o", "response_model": "Person", "mode": "tools", "max_retries": 3,
        }))
    );
    assert_eq!(
        attribute(&span, "mlflow.spanOutputs"),
        Some(json!({"name": "Ann", "age": 34}))
    );
}

#[test]
fn a_span_without_any_outcome_was_cancelled() {
    for name in [CREATE, VALIDATE, LLM_VALIDATE] {
        let span = sent(name, Recording::default());
        let (code, message) = status(&span);
        assert_eq!(code, StatusCode::Error as i32, "{name}");
        assert!(message.starts_with("cancelled"), "{name}: {message}");
        assert_eq!(attribute(&span, "error.type"), Some("cancelled".into()));
    }
}

#[test]
fn a_request_without_an_answer_shows_what_was_asked() {
    let wire = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "Ann is 34."}], "temperature": 0.2,
        "tools": [{"type": "function", "function": {"name": "Person"}}]});
    let timeout = Failure::new("transport", "the request took longer than 60 s");
    for (failure, kind) in [(None, "cancelled"), (Some(timeout), "transport")] {
        let mut recording = Recording::default();
        recording.request = Some(request());
        recording.provider = Some("groq".into());
        recording.dialect = Some("openai");
        recording.attempt = Some(2);
        recording.wire_request = Some(wire.to_string().into());
        recording.failure = failure;
        let span = sent(CHAT, recording);

        assert_eq!(span.name, "chat gpt-4o");
        let (code, message) = status(&span);
        assert_eq!(code, StatusCode::Error as i32);
        assert!(!message.is_empty());
        for (key, value) in [
            ("error.type", json!(kind)),
            ("mlflow.spanInputs", wire.clone()),
            ("mlflow.chat.tools", wire["tools"].clone()),
            ("mlflow.llm.model", json!("gpt-4o")),
            ("mlflow.llm.provider", json!("groq")),
            ("mlflow.message.format", json!("openai")),
            ("gen_ai.request.model", json!("gpt-4o")),
            ("gen_ai.request.temperature", json!(0.2)),
            ("instructor.attempt", json!(2)),
        ] {
            assert_eq!(attribute(&span, key), Some(value), "{key}");
        }
        assert_eq!(attribute(&span, "mlflow.spanOutputs"), None);
        assert_eq!(attribute(&span, "gen_ai.response.model"), None);
    }
}

#[test]
fn a_stream_says_what_came_when() {
    let span = sent(CHAT, Recording::default());
    for key in [
        "gen_ai.request.stream",
        "gen_ai.response.time_to_first_chunk",
        "instructor.time_to_first_field",
        "instructor.is_stopped",
    ] {
        assert_eq!(attribute(&span, key), None, "{key}");
    }
    let mut recording = Recording::default();
    recording.is_streamed = true;
    recording.time_to_first_token = Some(Duration::from_millis(250));
    recording.time_to_first_field = Some(Duration::from_millis(1500));
    recording.is_stopped = true;
    let span = sent(CHAT, recording);
    for (key, value) in [
        ("gen_ai.request.stream", json!(true)),
        ("gen_ai.response.time_to_first_chunk", json!(0.25)),
        ("instructor.time_to_first_field", json!(1.5)),
        ("instructor.is_stopped", json!(true)),
    ] {
        assert_eq!(attribute(&span, key), Some(value), "{key}");
    }
}

#[test]
fn answers_from_the_cache_are_marked() {
    for (is_cached, shown) in [(false, None), (true, Some(json!(true)))] {
        let mut recording = Recording::default();
        recording.is_cached = is_cached;
        let span = sent(CHAT, recording);
        assert_eq!(attribute(&span, "instructor.is_cached"), shown);
    }
}

#[test]
fn requests_that_were_sent_again_are_counted() {
    for (retries, shown) in [(None, None), (Some(0), None), (Some(2), Some(json!(2)))] {
        let mut recording = Recording::default();
        recording.transport_retries = retries;
        let span = sent(CHAT, recording);
        assert_eq!(attribute(&span, "instructor.transport_retries"), shown);
    }
}

#[test]
fn a_failed_request_shows_its_failure_and_what_came_back() {
    let mut recording = Recording::default();
    recording.request = Some(request());
    recording.wire_response = Some(r#"{"error":{"message":"no such model"}}"#.into());
    recording.provider = Some("mistral".into());
    let mut failure = Failure::new("api", "no such model");
    failure.status = Some(http::StatusCode::NOT_FOUND);
    recording.failure = Some(failure);
    let span = sent(CHAT, recording);
    for (key, value) in [
        ("error.type", "404"),
        ("gen_ai.provider.name", "mistral_ai"),
        ("mlflow.llm.provider", "mistral"),
    ] {
        assert_eq!(attribute(&span, key), Some(value.into()), "{key}");
    }
    assert_eq!(span.name, "chat gpt-4o");
    assert_eq!(status(&span), (StatusCode::Error as i32, "no such model"));
    assert_eq!(
        attribute(&span, "mlflow.spanOutputs"),
        Some(json!({"error": {"message": "no such model"}}))
    );
    assert_eq!(span.events.len(), 1);
    assert_eq!(attribute(&span, "mlflow.chat.tokenUsage"), None);
}

#[test]
fn a_cost_is_sent_where_it_is_known() {
    let mut usage = Usage::new(150, 24);
    usage.cache_read_input_tokens = Some(64);
    // The numbers that MLflow itself came to for this request.
    let known = json!({"input_cost": 0.000295, "output_cost": 0.00024, "total_cost": 0.000535});
    let price = Price::of("openai/gpt-4o").expect("in the table");
    for (cost, shown) in [(Some(price.cost(&usage)), Some(known)), (None, None)] {
        let mut recording = Recording::default();
        recording.usage = Some(usage);
        recording.cost = cost;
        let span = sent(CHAT, recording);
        assert_eq!(attribute(&span, "mlflow.llm.cost"), shown);
    }
}

#[test]
fn tools_of_every_dialect_are_shown_in_one_shape() {
    let parameters = json!({"type": "object"});
    let openai = json!({"model": "gpt-4o", "messages": [], "tools": [
        {"type": "function", "function": {"name": "Person", "parameters": parameters}}]});
    let anthropic = json!({"model": "claude", "messages": [], "tools": [
        {"name": "Person", "input_schema": parameters}]});
    let responses = json!({"model": "gpt-4o", "input": [], "tools": [
        {"type": "function", "name": "Person", "parameters": parameters}]});
    let expected =
        json!([{"type": "function", "function": {"name": "Person", "parameters": parameters}}]);
    for wire in [openai, anthropic, responses] {
        let mut recording = Recording::default();
        recording.wire_request = Some(wire.to_string().into());
        let span = sent(CHAT, recording);
        assert_eq!(
            attribute(&span, "mlflow.chat.tools"),
            Some(expected.clone())
        );
        assert_eq!(attribute(&span, "mlflow.spanInputs"), Some(wire.clone()));
        assert_eq!(attribute(&span, "tools"), wire.get("tools").cloned());
        for conversation in ["messages", "input"] {
            assert_eq!(
                attribute(&span, conversation),
                None,
                "the conversation is no parameter"
            );
        }
    }
}

#[test]
fn responses_are_shown_as_the_other_wire_of_openai() {
    let mut recording = Recording::default();
    recording.dialect = Some("openai_responses");
    let request = json!({"model": "gpt-4o", "input": [{"role": "user", "content": "?"}], "max_output_tokens": 9});
    recording.wire_request = Some(request.to_string().into());
    for (response, reason) in [
        (
            json!({"id": "resp_1", "status": "completed", "incomplete_details": null}),
            "completed",
        ),
        (
            json!({"id": "resp_1", "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}),
            "max_output_tokens",
        ),
    ] {
        recording.wire_response = Some(response.to_string().into());
        let span = sent(CHAT, recording.clone());
        for (name, expected) in [
            ("mlflow.message.format", json!("openai")),
            ("gen_ai.request.max_tokens", json!(9)),
            ("gen_ai.response.id", json!("resp_1")),
            ("gen_ai.response.finish_reasons", json!([reason])),
            ("mlflow.spanInputs", request.clone()),
            ("mlflow.spanOutputs", response.clone()),
        ] {
            assert_eq!(attribute(&span, name), Some(expected), "{name}");
        }
    }
}

#[test]
fn an_answer_that_is_not_json_is_shown_as_text() {
    let mut recording = Recording::default();
    recording.wire_response = Some("<html>Bad gateway</html>".into());
    let span = sent(CHAT, recording);
    assert_eq!(
        attribute(&span, "mlflow.spanOutputs"),
        Some("<html>Bad gateway</html>".into())
    );
}

#[test]
fn every_invalid_field_is_an_exception_event() {
    let root = Path::ROOT;
    let mut errors = ValidationErrors::new();
    errors.push(
        ValidationError::new(&root.key("age"), ErrorCode::Type, "expected an integer")
            .with_input(&"thirty-four".into()),
    );
    errors.push(ValidationError::new(
        &root.key("name"),
        ErrorCode::Missing,
        "is required",
    ));
    let mut recording = Recording::default();
    recording.payload = Some(r#"{"age":"thirty-four"}"#.into());
    recording.errors = Some(Arc::new(errors));
    let span = sent(VALIDATE, recording);

    assert_eq!(attribute(&span, "mlflow.spanType"), Some("PARSER".into()));
    assert_eq!(
        attribute(&span, "mlflow.spanInputs"),
        Some(json!({"age": "thirty-four"}))
    );
    let (code, message) = status(&span);
    assert_eq!(code, StatusCode::Error as i32);
    assert!(message.contains("age: expected an integer"), "{message}");
    let events: Vec<Json> = span
        .events
        .iter()
        .map(|event| {
            let attributes = AnyValue::object(
                event
                    .attributes
                    .iter()
                    .map(|attribute| (attribute.key.as_str(), attribute.value.clone())),
            );
            serde_json::to_value(attributes).expect("a value is JSON")
        })
        .collect();
    assert_eq!(
        events,
        [
            json!({"exception.type": "type", "exception.message": "age: expected an integer",
                "instructor.path": "age", "instructor.input": "\"thirty-four\""}),
            json!({"exception.type": "missing", "exception.message": "name: is required",
                "instructor.path": "name"}),
        ]
    );
}

#[test]
fn an_llm_validator_shows_rule_value_and_verdict() {
    let mut recording = Recording::default();
    let validator = Validator::new("tags[0]".into(), "is a real tag", json!({"text": "x"}));
    recording.validator = Some(Arc::new(validator));
    recording.output = Some(r#"{"is_valid":false,"reason":"it is not"}"#.into());
    let span = sent(LLM_VALIDATE, recording);
    assert_eq!(span.name, "llm_validate tags[0]");
    assert_eq!(
        attribute(&span, "mlflow.spanInputs"),
        Some(json!({"validation_rule": "is a real tag", "candidate_value": {"text": "x"}}))
    );
    assert_eq!(
        attribute(&span, "mlflow.spanOutputs"),
        Some(json!({"is_valid": false, "reason": "it is not"}))
    );
}
