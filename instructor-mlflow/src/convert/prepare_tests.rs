//! What of a trace is written down where something is taken out of it, and that it arrives as it would have otherwise.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value as Json, json};
use tracing::info_span;

use super::user_tests::{call, frames, processors};
use super::*;
use crate::config::{Destination, Settings};
use crate::record::Ancestor;
use crate::record::tests::{full_frame, written};
use crate::span::Frame;
use crate::span_draft::{INPUTS, SpanDraft};
use crate::{start_span, update_current_trace};

fn destination(capture_content: bool) -> Destination {
    let settings = Settings {
        capture_content: Some(capture_content),
        log_assessments: Some(true),
        ..Settings::default()
    };
    settings.resolve(|_| None).expect("it is valid")
}

/// A trace in which the user and the model have written `secret` wherever they can.
fn secretive() -> Vec<Frame> {
    frames(|| {
        let span = start_span("read").inputs(&json!({"mail": [{"deep": "a secret"}]}));
        let span = span.attribute("note", "secret");
        span.in_scope(|| {
            info_span!("inner", mail = "secret").in_scope(call);
            update_current_trace()
                .request_preview("secret")
                .response_preview("secret")
                .tag("team", "growth")
                .user("ann")
                .apply();
            info_span!("inner", mail = "secret").in_scope(call);
        });
        span.set_outputs("secret");
        span.add_event("read", &json!({"what": "secret"}));
        span.set_error("secret");
    })
}

fn redacting() -> Processors {
    let redact = |span: &mut SpanDraft| {
        span.for_each_text(|text| *text = text.replace("secret", "[hidden]"));
    };
    processors(vec![Arc::new(redact)])
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// Everything that is sent of it.
fn shown(mut converted: Converted, record: &Record<'_>) -> (Vec<Span>, Json) {
    let info = converted.take_info(record);
    (
        converted.spans,
        serde_json::to_value(info).expect("it is JSON"),
    )
}

#[track_caller]
fn arrives_as_without_the_detour(frame: &Frame, destination: &Destination, taken_out: &Processors) {
    let whole = written(&Record::of(frame, destination));
    let direct = Converted::from_record(&whole, taken_out, destination.capture_content);
    let spending = direct.spending;
    let direct = shown(direct, &whole);
    let record = written(&Record::of(frame, destination).prepare(destination, taken_out));
    let prepared = record.prepared.as_ref().expect("something is taken out");
    let converted = Converted::prepared(&record, prepared);
    assert_eq!(converted.spending.usage, spending.usage);
    assert_eq!(converted.spending.cost, spending.cost);
    assert_eq!(shown(converted, &record), direct);
    let found = assessments::assessments(&whole, false);
    assert_eq!(prepared.assessments, found);
}

/// What is written down of all frames.
fn bytes_of(frames: &[Frame], destination: &Destination, taken_out: &Processors) -> Vec<u8> {
    let records = frames.iter().map(|frame| Record::of(frame, destination));
    let bytes = records.map(|record| record.prepare(destination, taken_out).encoded().bytes);
    bytes.flatten().collect()
}

#[test]
fn what_is_withheld_is_not_written_down_and_the_rest_arrives() {
    let frames = secretive();
    let none = processors(vec![]);
    assert!(holds(
        &bytes_of(&frames, &destination(true), &none),
        "secret"
    ));
    let destination = destination(false);
    assert!(!holds(&bytes_of(&frames, &destination, &none), "secret"));
    for frame in &frames {
        arrives_as_without_the_detour(frame, &destination, &none);
    }
}

#[test]
fn what_a_processor_takes_out_is_not_written_down_and_the_rest_arrives() {
    let frames = secretive();
    let destination = destination(true);
    let redacting = redacting();
    let bytes = bytes_of(&frames, &destination, &redacting);
    assert!(!holds(&bytes, "secret"));
    assert!(!holds(&bytes, &BASE64.encode("secret")));
    assert!(holds(&bytes, "[hidden]"));
    for frame in &frames {
        arrives_as_without_the_detour(frame, &destination, &redacting);
    }
}

/// One in which nothing is left out.
#[test]
fn a_call_arrives_as_without_the_detour() {
    let frame = full_frame();
    for captures in [true, false] {
        let destination = destination(captures);
        arrives_as_without_the_detour(&frame, &destination, &redacting());
    }
    arrives_as_without_the_detour(&frame, &destination(false), &processors(vec![]));
}

#[test]
fn what_may_be_written_down_is_not_converted_by_the_caller() {
    let destination = destination(true);
    let none = processors(vec![]);
    let frame = full_frame();
    let record = Record::of(&frame, &destination);
    assert_eq!(record.clone().prepare(&destination, &none), record);
}

/// The ancestors of the first frame, as they are written down.
fn ancestors(
    program: impl FnOnce(),
    to: &Destination,
    through: &Processors,
) -> Vec<Ancestor<'static>> {
    let frames = frames(program);
    let frame = frames.first().expect("a call below an open span");
    let record = written(&Record::of(frame, to).prepare(to, through));
    let bytes = record.encoded().bytes;
    assert!(!holds(&bytes, "secret"));
    record.ancestors
}

#[test]
fn open_spans_are_written_down_as_processors_leave_them() {
    let program = || {
        start_span("read secret").in_scope(|| {
            let notes = update_current_trace().tag("about", "secret");
            notes.user("secret").response_preview("secret").apply();
            call();
        });
    };
    let ancestors = ancestors(program, &destination(true), &redacting());
    let [root] = ancestors.as_slice() else {
        panic!("{ancestors:?}");
    };
    assert_eq!(root.name, "read [hidden]");
    let notes = root.notes.as_ref().expect("they are said there");
    assert_eq!(notes.user.as_deref(), Some("[hidden]"));
    assert_eq!(notes.response_preview.as_deref(), Some("[hidden]"));
    assert_eq!(notes.tags["about"], "[hidden]");
}

#[test]
fn open_spans_lose_their_previews_where_content_is_withheld() {
    let program = || {
        start_span("read").in_scope(|| {
            let notes = update_current_trace().user("ann");
            notes.request_preview("secret").apply();
            call();
        });
    };
    let ancestors = ancestors(program, &destination(false), &processors(vec![]));
    let notes = ancestors[0].notes.as_ref().expect("they are said there");
    assert_eq!(
        (notes.user.as_deref(), &notes.request_preview),
        (Some("ann"), &None)
    );
    assert_eq!(ancestors[0].name, "read");
}

#[test]
fn an_open_span_whose_processor_panics_is_nameless_and_is_not_counted() {
    let never = processors(vec![Arc::new(|_: &mut SpanDraft| panic!("secret"))]);
    let program = || start_span("read secret").in_scope(call);
    let ancestors = ancestors(program, &destination(true), &never);
    assert_eq!(ancestors[0].name, "span");
    assert_eq!(never.withheld(), 2, "those that are sent");
}

/// Readers of protobuf go 100 messages deep.
#[test]
fn a_value_that_nests_too_deep_is_written_as_text() {
    let deep = format!("{}7{}", "[".repeat(90), "]".repeat(90));
    let frames = frames(|| {
        let span =
            start_span("read").inputs(&serde_json::from_str::<Json>(&deep).expect("it is JSON"));
        drop(span);
    });
    let destination = destination(true);
    let record = Record::of(&frames[0], &destination).prepare(&destination, &redacting());
    let record = written(&record);
    let prepared = record.prepared.expect("it was written down and read");
    let inputs = prepared.spans[0]
        .attributes
        .iter()
        .find(|it| it.key == INPUTS);
    let text = inputs
        .and_then(|it| it.value.as_ref())
        .expect("it is there")
        .to_json();
    assert!(text.contains('7') && text.len() >= deep.len(), "{text}");
}
