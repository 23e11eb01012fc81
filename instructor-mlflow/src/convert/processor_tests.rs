//! What span processors leave of a trace.

use super::user_tests::{Sent, attribute, call, frames, processors, sent, sent_through};
use crate::span::{Content, Frame};
use crate::span_draft::SpanDraft;
use crate::{start_span, update_current_trace};

use instructor_core::trace::Recording;
use serde_json::json;
use std::sync::Arc;
use tracing::info_span;

/// A trace that holds `secret` wherever it can.
fn secretive() -> Vec<Frame> {
    frames(|| {
        let span = start_span("read secret")
            .inputs(&json!({"secret": [{"deep": "a secret"}]}))
            .attribute("note", "secret");
        span.in_scope(|| {
            info_span!("inner", mail = "secret").in_scope(call);
            update_current_trace()
                .user("secret")
                .tag("about", "secret")
                .response_preview("secret")
                .apply();
        });
        span.set_outputs("secret");
        span.add_event("read", &json!({"what": "secret"}));
        span.set_error("secret");
    })
}

fn bytes_of(sent: &Sent) -> String {
    let info = sent.info().to_string();
    let spans = sent.spans.iter().map(|span| format!("{span:?}"));
    spans.chain([info]).collect()
}

#[test]
fn processors_run_in_order_and_nothing_they_take_out_is_sent() {
    let frames = secretive();
    assert!(bytes_of(&sent(&frames)).contains("secret"));
    let redact = |span: &mut SpanDraft| {
        span.for_each_text(|text| *text = text.replace("secret", "[hidden]"));
    };
    let second = |span: &mut SpanDraft| {
        if span.is_root() {
            assert_eq!(span.name, "read [hidden]");
            assert_eq!(span.span_type(), Some("CHAIN"));
            span.attributes.insert("seen".into(), true.into());
            span.outputs = None;
        }
    };
    let processors = processors(vec![Arc::new(redact), Arc::new(second)]);
    let sent = sent_through(&frames, &processors);
    assert!(!bytes_of(&sent).contains("secret"), "{}", bytes_of(&sent));
    let root = sent.span("read [hidden]");
    let inputs = json!({"[hidden]": [{"deep": "a [hidden]"}]});
    assert_eq!(attribute(root, "mlflow.spanInputs"), inputs);
    assert_eq!(
        attribute(root, "mlflow.spanOutputs"),
        serde_json::Value::Null
    );
    assert_eq!(attribute(root, "seen"), true);
    let info = sent.info();
    assert_eq!(info["request_preview"], inputs.to_string());
    assert_eq!(info["response_preview"], "[hidden]");
    assert_eq!(info["tags"]["about"], "[hidden]");
    assert_eq!(info["trace_metadata"]["mlflow.trace.user"], "[hidden]");
    assert_eq!(processors.withheld(), 0);
}

#[test]
fn a_preview_does_not_tell_what_was_taken_out_of_the_inputs() {
    let mut frames = frames(call);
    let frame = frames.first_mut().expect("one call");
    let mut recording = Recording::default();
    let prompt = instructor_core::Message::user("secret");
    recording.request = Some(Arc::new(instructor_core::Request::new(
        "gpt-4o",
        vec![prompt],
        <Answer as instructor_core::ResponseModel>::SCHEMA,
        instructor_core::Mode::Tools,
    )));
    frame.spans.last_mut().expect("its root").content = Content::Call(Box::new(recording));
    assert_eq!(sent(&frames).info()["request_preview"], "secret");
    let redact = |span: &mut SpanDraft| span.inputs = Some(json!("nothing"));
    let sent = sent_through(&frames, &processors(vec![Arc::new(redact)]));
    assert_eq!(sent.info()["request_preview"], "nothing");
}

#[derive(serde::Deserialize, instructor_derive::ResponseModel)]
#[response_model(crate = instructor_core)]
struct Answer {}

#[test]
fn a_processor_that_panics_withholds_the_span_and_is_counted() {
    let frames = secretive();
    let never = |_: &mut SpanDraft| panic!("secret");
    let processors = processors(vec![Arc::new(never)]);
    let sent = sent_through(&frames, &processors);
    assert!(!bytes_of(&sent).contains("secret"), "{}", bytes_of(&sent));
    assert_eq!(processors.withheld(), sent.spans.len() as u64);
    assert_eq!(sent.info()["state"], "ERROR");
    let reason = attribute(sent.span("inner"), "instructor.withheld");
    assert_eq!(reason, "a span processor panicked");
}
