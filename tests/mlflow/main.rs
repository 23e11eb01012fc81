//! Calls over the true wire, read back from a real MLflow by MLflow's own Python client.
//!
//! `cargo xtask test` starts the server and sets `INSTRUCTOR_TEST_MLFLOW_URI` and `INSTRUCTOR_TEST_PYTHON`. All calls are made once,
//! under one `autolog`; each test looks at one of their traces.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

#[path = "../it/answers.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod answers;
mod calls;
mod content;
mod conversation;
#[path = "../it/events.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod events;
mod feedback;
mod outcomes;
mod programs;
mod reading;
#[path = "../it/server.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod server;
#[path = "../it/strict_schema.rs"]
#[allow(dead_code, reason = "shared with the tests of the schemas")]
mod strict_schema;
#[path = "../../instructor-mlflow/tests/support/scripted_server.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests of delivery, which use all of it"
)]
mod tracking_server;

use calls::traces;
use reading::{Span, Trace};
use serde_json::{Value, json};

/// What Python's autolog shows of a chat span: `golden/01_openai_email_llm_validator` of the project's reference traces.
const PYTHON_CHAT_ATTRIBUTES: [&str; 13] = [
    "mlflow.traceRequestId",
    "mlflow.spanType",
    "mlflow.spanInputs",
    "mlflow.spanOutputs",
    "model",
    "tools",
    "tool_choice",
    "mlflow.message.format",
    "mlflow.chat.tools",
    "mlflow.llm.model",
    "mlflow.chat.tokenUsage",
    "mlflow.spanLogLevel",
    "mlflow.llm.cost",
];

/// The same for the metadata of a trace. What stands for the state of a Git checkout is not looked up.
const PYTHON_METADATA: [&str; 11] = [
    "mlflow.trace.sizeBytes",
    "mlflow.trace.sizeStats",
    "mlflow.traceInputs",
    "mlflow.traceOutputs",
    "mlflow.user",
    "mlflow.source.name",
    "mlflow.source.type",
    "mlflow.trace.tokenUsage",
    "mlflow.trace.cost",
    "mlflow.trace_schema.version",
    "mlflow.trace.infoFinalized",
];

/// Name and type of a span and of everything below it.
fn outline(trace: &Trace, span: &Span, depth: usize, lines: &mut Vec<String>) {
    lines.push(format!(
        "{}{} {} {}",
        "  ".repeat(depth),
        span.span_type(),
        span.name,
        span.status
    ));
    for child in trace.children(span) {
        outline(trace, child, depth + 1, lines);
    }
}

fn lines(trace: &Trace) -> Vec<String> {
    let mut lines = Vec::new();
    outline(trace, trace.root(), 0, &mut lines);
    lines
}

/// The run that the issue describes: an answer with a wrong type, a rejected subject, then a good one.
fn email_is_one_trace(trace: &Trace, chat: &str, provider: &str, tokens: u64) {
    let model = trace
        .root()
        .name
        .strip_prefix("create ")
        .unwrap()
        .to_owned();
    let judged = |verdict: &str| {
        vec![
            format!("    CHAIN llm_validate subject {verdict}"),
            format!("      CHAT_MODEL {chat} OK"),
            "      PARSER validate OK".to_owned(),
        ]
    };
    let mut expected = vec![
        format!("CHAIN create {model} OK"),
        format!("  CHAT_MODEL {chat} OK"),
        "  PARSER validate ERROR".to_owned(),
        format!("  CHAT_MODEL {chat} OK"),
        "  PARSER validate ERROR".to_owned(),
    ];
    expected.extend(judged("OK"));
    expected.extend([
        format!("  CHAT_MODEL {chat} OK"),
        "  PARSER validate OK".to_owned(),
    ]);
    expected.extend(judged("OK"));
    assert_eq!(lines(trace), expected);

    assert_eq!(trace.info["state"], "OK");
    assert_eq!(
        trace.info["tags"]["mlflow.traceName"],
        format!("create {model}")
    );
    let root = trace.root();
    assert_eq!(root.inputs()["messages"][0]["content"], calls::PROMPT);
    assert_eq!(
        root.outputs(),
        json!({"recipient": "bob@example.com", "subject": calls::SHORT})
    );
    assert!(
        trace.info["request_preview"]
            .as_str()
            .unwrap()
            .contains(calls::PROMPT)
    );
    assert!(
        trace.info["response_preview"]
            .as_str()
            .unwrap()
            .contains(calls::SHORT)
    );

    let usage = trace.metadata_json("mlflow.trace.tokenUsage");
    assert_eq!(usage["total_tokens"], tokens, "five requests: {usage}");
    assert!(
        trace.metadata_json("mlflow.trace.cost")["total_cost"]
            .as_f64()
            .unwrap()
            > 0.0
    );

    let checks: Vec<_> = trace
        .children(root)
        .filter(|span| span.name == "validate")
        .collect();
    let first = checks[0].exceptions();
    assert_eq!(first.len(), 1, "{first:?}");
    assert!(first[0].1.contains("recipient"), "{first:?}");
    let second = checks[1].exceptions();
    assert_eq!(second.len(), 1, "{second:?}");
    assert!(
        second[0]
            .1
            .contains("subject: The subject is long and vague."),
        "{second:?}"
    );

    let chat = trace
        .children(root)
        .find(|span| span.span_type() == "CHAT_MODEL")
        .unwrap();
    assert_eq!(chat.attribute("mlflow.llm.provider"), json!(provider));
    let missing: Vec<_> = PYTHON_CHAT_ATTRIBUTES
        .iter()
        .filter(|key| !chat.attributes.contains_key(**key))
        .collect();
    assert_eq!(missing, [&""; 0], "Python shows more");
    let metadata = trace.info["trace_metadata"].as_object().unwrap();
    let missing: Vec<_> = PYTHON_METADATA
        .iter()
        .filter(|key| !metadata.contains_key(**key))
        .collect();
    assert_eq!(missing, [&""; 0], "Python shows more");
}

#[test]
fn an_openai_email_is_one_trace() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create OpenaiEmail");
    email_is_one_trace(trace, "chat gpt-4o", "openai", 5 * 174);

    let chat = trace
        .spans
        .iter()
        .find(|span| span.name == "chat gpt-4o")
        .unwrap();
    assert_eq!(chat.attribute("mlflow.message.format"), "openai");
    assert_eq!(chat.inputs()["messages"][0]["content"], calls::PROMPT);
    assert_eq!(chat.outputs()["id"], "chatcmpl-1");
    let usage = json!({"input_tokens": 150, "output_tokens": 24, "total_tokens": 174, "cache_read_input_tokens": 64});
    assert_eq!(chat.attribute("mlflow.chat.tokenUsage"), usage);
    assert_eq!(chat.attribute("mlflow.llm.model"), "gpt-4o-2024-08-06");
    assert_eq!(
        chat.attribute("mlflow.chat.tools")[0]["function"]["name"],
        "OpenaiEmail"
    );
}

#[test]
fn an_anthropic_email_is_one_trace() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create AnthropicEmail");
    let model = "claude-sonnet-4-5";
    email_is_one_trace(trace, &format!("chat {model}"), "anthropic", 5 * 598);

    let chat = trace
        .spans
        .iter()
        .find(|span| span.span_type() == "CHAT_MODEL")
        .unwrap();
    assert_eq!(chat.attribute("mlflow.message.format"), "anthropic");
    assert_eq!(
        chat.attribute("mlflow.chat.tools")[0]["function"]["name"],
        "AnthropicEmail"
    );
    assert_eq!(
        chat.attribute("mlflow.chat.tokenUsage")["input_tokens"],
        540
    );
}

#[test]
fn exhausted_retries_are_an_error() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Exhausted");
    assert_eq!(trace.info["state"], "ERROR");
    assert_eq!(trace.root().status, "ERROR");
    assert!(
        trace
            .root()
            .status_message
            .contains("no valid answer after 2 attempts"),
        "{:?}",
        trace.root()
    );
    let chats = trace
        .spans
        .iter()
        .filter(|span| span.span_type() == "CHAT_MODEL")
        .count();
    assert_eq!(chats, 2);
}

#[test]
fn a_failed_request_is_an_error_with_the_providers_words() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Unauthorized");
    assert_eq!(trace.info["state"], "ERROR");
    let chat = trace
        .spans
        .iter()
        .find(|span| span.span_type() == "CHAT_MODEL")
        .unwrap();
    assert_eq!(chat.status, "ERROR");
    assert!(chat.status_message.contains("401"), "{chat:?}");
}

#[test]
fn a_function_of_the_users_is_the_root() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("answer_mail");
    assert_eq!(trace.root().status, "OK");
    let below: Vec<_> = trace
        .children(trace.root())
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(below, ["create Instrumented", "create Instrumented"]);
    assert_eq!(
        trace.metadata_json("mlflow.trace.tokenUsage")["total_tokens"],
        2 * 174
    );
    assert!(trace.info["execution_duration_ms"].as_u64().is_some());
}

#[test]
fn the_output_is_the_answer_as_it_was_read() {
    let Some(traces) = traces() else { return };
    assert_eq!(
        traces.named("create Corrected").root().outputs(),
        json!({"total": 12.50, "is_paid": true, "lines": ["Tea"]})
    );
    assert_eq!(
        traces.named("create Reread").root().outputs(),
        json!({"numbers": [1]})
    );
}

#[test]
fn a_dropped_call_is_shown_as_cancelled() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Cancelled");
    assert_eq!(trace.info["state"], "ERROR");
    assert!(
        trace.root().status_message.contains("cancel"),
        "{:?}",
        trace.root()
    );
    // What it waited for is what people want to know.
    let chat = trace
        .spans
        .iter()
        .find(|span| span.span_type() == "CHAT_MODEL")
        .unwrap();
    assert_eq!(chat.name, "chat gpt-4o");
    assert_eq!(chat.inputs()["messages"][0]["content"], "Who?");
}

/// A stream whose first answer is wrong and whose second is right.
fn stream_is_one_trace<'a>(trace: &'a Trace, model: &str) -> Vec<&'a Span> {
    let name = trace.root().name.clone();
    assert_eq!(
        lines(trace),
        [
            format!("CHAIN {name} OK"),
            format!("  CHAT_MODEL chat {model} OK"),
            "  PARSER validate ERROR".to_owned(),
            format!("  CHAT_MODEL chat {model} OK"),
            "  PARSER validate OK".to_owned(),
        ]
    );
    assert_eq!(trace.info["state"], "OK");
    let answer = json!({"name": "Ann", "place": "Paris on the Seine"});
    assert_eq!(trace.root().outputs(), answer);
    for span in &trace.spans {
        let others = span.events.len() - span.exceptions().len();
        assert_eq!(others, 0, "no event tells of a piece: {}", span.name);
    }
    let chats = trace.children(trace.root());
    let chats: Vec<_> = chats
        .filter(|span| span.span_type() == "CHAT_MODEL")
        .collect();
    for chat in &chats {
        assert_eq!(chat.attribute("gen_ai.request.stream"), true);
        let seconds = |key| chat.attribute(key).as_f64().unwrap_or(f64::NAN);
        let token = seconds("gen_ai.response.time_to_first_chunk");
        let field = seconds("instructor.time_to_first_field");
        assert!(0.0 < token && token <= field && field < 60.0, "{chat:?}");
    }
    chats
}

#[test]
fn a_stream_is_one_trace_and_shows_whole_answers() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Streamed");
    let chats = stream_is_one_trace(trace, "gpt-4o");
    let usage = trace.metadata_json("mlflow.trace.tokenUsage");
    assert_eq!(usage["total_tokens"], 2 * 174);
    let cost = trace.metadata_json("mlflow.trace.cost");
    assert!(cost["total_cost"].as_f64().unwrap() > 0.0);

    // As if it had not been a stream.
    let whole = traces.named("create Whole");
    let whole = whole.children(whole.root()).next().unwrap();
    assert_eq!(whole.attribute("gen_ai.request.stream"), Value::Null);
    let (whole, streamed) = (whole.outputs(), chats[1].outputs());
    assert_eq!(streamed["object"], whole["object"]);
    let (whole, streamed) = (&whole["choices"][0], &streamed["choices"][0]);
    let call = &streamed["message"]["tool_calls"][0];
    assert_eq!(call["type"], whole["message"]["tool_calls"][0]["type"]);
    assert_eq!(call["function"]["name"], "Streamed");
    let arguments = call["function"]["arguments"].as_str().unwrap();
    let arguments: Value = serde_json::from_str(arguments).unwrap();
    assert_eq!(arguments, trace.root().outputs());
}

#[test]
fn a_stream_of_anthropic_shows_whole_answers_too() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create StreamedAnthropic");
    let chats = stream_is_one_trace(trace, "claude-sonnet-4-5");
    let outputs = chats[1].outputs();
    assert_eq!(outputs["content"][0]["type"], "tool_use");
    assert_eq!(outputs["content"][0]["input"], trace.root().outputs());
}

#[test]
fn a_stream_that_was_stopped_says_so() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Stopped");
    let chats = stream_is_one_trace(trace, "gpt-4o");
    assert_eq!(chats[0].attribute("instructor.is_stopped"), true);
    assert_eq!(chats[1].attribute("instructor.is_stopped"), Value::Null);
    let arguments = &chats[0].outputs()["choices"][0]["message"]["tool_calls"][0]["function"];
    let arguments = arguments["arguments"].as_str().unwrap();
    assert!(!arguments.contains("Seine"), "what came: {arguments}");
}

#[test]
fn a_dropped_stream_is_shown_as_cancelled() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Dropped");
    assert_eq!(trace.info["state"], "ERROR");
    assert_eq!(
        lines(trace),
        [
            "CHAIN create Dropped ERROR",
            "  CHAT_MODEL chat gpt-4o ERROR"
        ]
    );
    for span in &trace.spans {
        assert!(span.status_message.contains("cancel"), "{span:?}");
        assert_eq!(span.exceptions().len(), 1, "{span:?}");
        assert_eq!(span.events.len(), 1, "{span:?}");
        assert_eq!(span.attribute("gen_ai.request.stream"), true);
    }
}

#[test]
fn no_trace_shows_the_key() {
    let Some(traces) = traces() else { return };
    assert!(!traces.text.contains(calls::CANARY));
    assert!(
        traces.text.contains("bob@example.com"),
        "the texts are what is looked through"
    );
}

#[test]
fn inputs_and_outputs_are_values_and_not_text() {
    let Some(traces) = traces() else { return };
    for span in &traces.named("create OpenaiEmail").spans {
        assert!(
            span.inputs().is_object(),
            "{}: {}",
            span.name,
            span.inputs()
        );
        let failed = span.status == "ERROR";
        assert!(
            failed || span.outputs().is_object() || span.outputs() == Value::Null,
            "{}",
            span.name
        );
    }
}
