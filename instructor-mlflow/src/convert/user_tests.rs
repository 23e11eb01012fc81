//! From the user's spans to what goes over the wire: the layer, the conversion, and the bytes read back with prost.

use std::sync::{Arc, Mutex};

use instructor_core::trace::TARGET;
use prost::Message as _;
use serde_json::{Value as Json, json};
use tracing::{Span as OpenedSpan, info_span};
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::notice::{Audience, Notices};
use crate::processor::Processor;
use crate::record::tests::reread;
use crate::span::Frame;
use crate::wire::StatusCode;
use crate::{
    LayerBuilder, Sink, SpanType, TraceContext, TraceScope, TraceState, current_span, layer,
    start_span, update_current_trace,
};

/// Keeps the frames.
#[derive(Debug, Default)]
struct Shelf(Mutex<Vec<Frame>>);

impl Sink for Shelf {
    fn accept(&self, frame: Frame) {
        self.0.lock().expect("not poisoned").push(frame);
    }
}

fn frames_by(builder: LayerBuilder, program: impl FnOnce()) -> Vec<Frame> {
    let shelf = Arc::new(Shelf::default());
    let (layer, _guard) = builder.sink(shelf.clone()).build().expect("it is valid");
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), program);
    let mut frames = shelf.0.lock().expect("not poisoned");
    std::mem::take(&mut *frames)
}

pub(super) fn frames(program: impl FnOnce()) -> Vec<Frame> {
    frames_by(layer(), program)
}

/// A call, as core opens it.
pub(super) fn call() {
    info_span!(target: TARGET, "create").in_scope(|| info_span!(target: TARGET, "chat"));
}

/// What arrives of the frames.
pub(super) struct Sent {
    pub(super) spans: Vec<Span>,
    pub(super) info: Option<Json>,
}

pub(super) fn sent_through(frames: &[Frame], processors: &Processors) -> Sent {
    let mut sent = Sent {
        spans: vec![],
        info: None,
    };
    for frame in frames {
        let record = reread(frame);
        let Converted { spans, info, .. } = Converted::from_record(&record, processors, true);
        let read =
            |span: &Span| Span::decode(span.encode_to_vec().as_slice()).expect("it is protobuf");
        sent.spans.extend(spans.iter().map(read));
        if let Some(info) = info {
            let info = serde_json::to_value(info).expect("it is JSON");
            assert_eq!(sent.info.replace(info), None, "one root, one info");
        }
    }
    sent
}

pub(super) fn processors(list: Vec<Processor>) -> Processors {
    Processors::new(list, Notices::new(Audience::Subscriber))
}

pub(super) fn sent(frames: &[Frame]) -> Sent {
    sent_through(frames, &processors(vec![]))
}

impl Sent {
    #[track_caller]
    pub(super) fn span(&self, name: &str) -> &Span {
        let span = self.spans.iter().find(|span| span.name == name);
        span.unwrap_or_else(|| panic!("no {name:?} among {:?}", self.spans))
    }

    #[track_caller]
    pub(super) fn info(&self) -> &Json {
        self.info.as_ref().expect("the root arrived")
    }
}

pub(super) fn attribute(span: &Span, key: &str) -> Json {
    let of_that_name: Vec<_> = span
        .attributes
        .iter()
        .filter(|attribute| attribute.key == key)
        .collect();
    assert!(of_that_name.len() < 2, "{key} stands there twice");
    let value = of_that_name.first().and_then(|first| first.value.as_ref());
    serde_json::to_value(value).expect("a value is JSON")
}

#[test]
fn what_is_said_below_the_root_reaches_its_info_and_its_attributes() {
    let frames = frames(|| {
        let _root = info_span!("serve", session.id = "first").entered();
        info_span!("inner").in_scope(|| {
            update_current_trace()
                .session_id("second")
                .user("ann")
                .tag("team", "growth")
                .metadata("release", "2.4.1")
                .model_id("m-7")
                .client_request_id("request-1")
                .request_preview("asked")
                .response_preview("answered")
                .apply()
                .expect("there is a trace");
            call();
        });
        update_current_trace().tag("team", "sales").apply();
    });
    assert_eq!(frames.len(), 3, "the call, the function inside, the root");
    let sent = sent(&frames);
    let root = sent.span("serve");
    assert_eq!(attribute(root, "session.id"), "second");
    assert_eq!(attribute(root, "user.id"), "ann");
    assert_eq!(attribute(root, "mlflow.traceTag.team"), "sales");
    assert_eq!(attribute(root, "mlflow.traceTag.mlflow.traceName"), "serve");
    let info = sent.info();
    assert_eq!(info["client_request_id"], "request-1");
    assert_eq!(info["request_preview"], "asked");
    assert_eq!(info["response_preview"], "answered");
    assert_eq!(info["state"], "OK");
    let tags = json!({"mlflow.traceName": "serve", "team": "sales"});
    assert_eq!(info["tags"], tags);
    let metadata = &info["trace_metadata"];
    assert_eq!(metadata["release"], "2.4.1");
    assert_eq!(metadata["mlflow.modelId"], "m-7");
    assert_eq!(metadata["mlflow.trace.session"], "second");
    assert_eq!(metadata["mlflow.trace.user"], "ann");
    for name in ["inner", "create"] {
        assert_eq!(attribute(sent.span(name), "session.id"), Json::Null);
    }
}

#[test]
fn a_scope_gives_calls_without_a_root_of_the_users_their_session() {
    let frames = frames(|| {
        let scope = TraceScope::new().session_id("talk").tag("channel", "mail");
        scope.in_scope(call);
        scope.in_scope(call);
        call();
    });
    let [first, second, outside] = frames.as_slice() else {
        panic!("three calls: {frames:?}");
    };
    assert_ne!(first.trace_id, second.trace_id);
    for frame in [first, second] {
        let sent = sent(std::slice::from_ref(frame));
        assert_eq!(attribute(sent.span("create"), "session.id"), "talk");
        let metadata = &sent.info()["trace_metadata"];
        assert_eq!(metadata["mlflow.trace.session"], "talk");
        assert_eq!(sent.info()["tags"]["channel"], "mail");
    }
    assert_eq!(outside.notes, None);
}

#[test]
fn nothing_below_a_scope_that_is_off_is_recorded() {
    let frames = frames(|| {
        let off = TraceScope::new().enabled(false);
        off.in_scope(call);
        info_span!("serve").in_scope(|| {
            call();
            off.in_scope(|| {
                call();
                info_span!("inner").in_scope(call);
                let update = update_current_trace().tag("a", "b");
                assert!(update.apply().is_some(), "the function is recorded");
            });
        });
    });
    let sent = sent(&frames);
    let names: Vec<&str> = sent.spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names, ["chat", "create", "serve"]);
}

#[test]
fn a_started_span_says_everything_and_needs_no_call() {
    let frames = frames(|| {
        let span = start_span(format!("search {}", 7))
            .span_type(SpanType::Retriever)
            .inputs(&json!({"query": "parcel"}))
            .attribute("k", 5);
        assert_eq!(crate::current_trace_id(), None, "it is not entered");
        span.in_scope(|| {
            assert_eq!(crate::current_trace_id(), span.trace_id());
            start_span("rerank").end();
        });
        span.set_outputs(&["a", "b"]);
        span.add_event("cache", &json!({"hit": true}));
        span.add_event("note", "plain");
        span.record_exception(&std::fmt::Error);
    });
    assert_eq!(frames.len(), 1, "what is below travels along");
    let sent = sent(&frames);
    let root = sent.span("search 7");
    assert_eq!(attribute(root, "mlflow.spanType"), "RETRIEVER");
    assert_eq!(
        attribute(root, "mlflow.spanInputs"),
        json!({"query": "parcel"})
    );
    assert_eq!(attribute(root, "mlflow.spanOutputs"), json!(["a", "b"]));
    assert_eq!(attribute(root, "k"), 5);
    assert_eq!(attribute(root, "code.file.path"), file!());
    let status = root.status.as_ref().expect("every span has one");
    assert_eq!(status.code, StatusCode::Error as i32);
    assert_eq!(status.message, std::fmt::Error.to_string());
    let events: Vec<(&str, Json)> = root
        .events
        .iter()
        .map(|event| {
            assert!(event.time_unix_nano >= root.start_time_unix_nano);
            assert!(event.time_unix_nano <= root.end_time_unix_nano);
            let key = event.attributes.first().map(|first| first.key.as_str());
            (event.name.as_str(), json!(key))
        })
        .collect();
    let expected = [
        ("cache", json!("hit")),
        ("note", json!("value")),
        ("exception", json!("exception.message")),
    ];
    assert_eq!(events, expected);
    assert_eq!(sent.info()["state"], "ERROR");
    assert_eq!(sent.info()["tags"]["mlflow.traceName"], "search 7");
    let child = sent.span("rerank");
    assert_eq!(child.parent_span_id, root.span_id);
    assert_eq!(attribute(child, "mlflow.spanType"), "UNKNOWN");
}

#[test]
fn a_started_span_in_which_the_program_panics_has_failed() {
    let frames = frames(|| {
        let outcome = std::panic::catch_unwind(|| {
            let _span = start_span("risky");
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        assert!(outcome.is_err());
    });
    let sent = sent(&frames);
    let status = sent.span("risky").status.as_ref();
    assert_eq!(status.expect("every span has one").message, "panicked");
}

#[test]
fn a_started_span_below_a_function_brings_the_function_along() {
    let frames = frames(|| {
        info_span!("serve").in_scope(|| {
            info_span!("query").in_scope(|| ());
            start_span("search").end();
        });
        info_span!("idle").in_scope(|| ());
    });
    let sent = sent(&frames);
    let names: Vec<&str> = sent.spans.iter().map(|span| &*span.name).collect();
    assert_eq!(names, ["search", "query", "serve"]);
}

#[test]
fn fields_that_are_said_for_tracing_are_no_inputs() {
    #[tracing::instrument(ret, fields(
        mlflow.spanType = "TOOL",
        mlflow.traceTag.team = "growth",
        otel.name = "weather",
        otel.status_code = "ERROR",
        otel.status_description = "no rain",
        gen_ai.tool.name = "get_weather",
        user.id = "ann",
    ))]
    fn tool(city: &str) -> u32 {
        call();
        7
    }
    let frames = frames(|| {
        tool("Bonn");
    });
    let sent = sent(&frames);
    let root = sent.span("weather");
    assert_eq!(attribute(root, "mlflow.spanType"), "TOOL");
    assert_eq!(
        attribute(root, "mlflow.spanInputs"),
        json!({"city": "Bonn"})
    );
    assert_eq!(attribute(root, "mlflow.spanOutputs"), 7);
    assert_eq!(attribute(root, "gen_ai.tool.name"), "get_weather");
    assert_eq!(sent.info()["tags"]["team"], "growth");
    assert_eq!(sent.info()["trace_metadata"]["mlflow.trace.user"], "ann");
    assert_eq!(sent.info()["state"], "ERROR");
    let status = root.status.as_ref().expect("every span has one");
    assert_eq!(status.message, "no rain");
}

#[test]
fn a_function_may_say_more_than_its_fields() {
    #[tracing::instrument(ret)]
    fn search(query: &str) -> bool {
        call();
        let span = current_span().span_type(SpanType::Retriever);
        span.set_outputs(&json!([query]));
        true
    }
    let frames = frames(|| {
        assert!(search("parcel"));
        info_span!(target: TARGET, "create").in_scope(|| {
            let inside = current_span().attribute("seen", true);
            assert!(!inside.is_recorded(), "it is not the user's");
        });
        current_span().set_outputs(&7);
    });
    let sent = sent(&frames[..2]);
    let root = sent.span("search");
    assert_eq!(attribute(root, "mlflow.spanType"), "RETRIEVER");
    assert_eq!(
        attribute(root, "mlflow.spanInputs"),
        json!({"query": "parcel"})
    );
    assert_eq!(attribute(root, "mlflow.spanOutputs"), json!(["parcel"]));
    assert_eq!(attribute(root, "code.file.path"), file!());
}

#[test]
fn the_program_may_say_how_a_trace_ended() {
    let frames = frames(|| {
        let span = start_span("judge");
        span.in_scope(|| update_current_trace().state(TraceState::Error).apply());
    });
    assert_eq!(sent(&frames).info()["state"], "ERROR");
}

#[test]
fn what_is_not_in_the_sample_is_left_out_whole() {
    let frames = frames_by(layer().sampling_ratio(0.5), || {
        for _ in 0..200 {
            let root = start_span("root");
            let _inside = root.span().enter();
            call();
            let mut headers = http::HeaderMap::new();
            let context = TraceContext::current().expect("it can be traced");
            assert_eq!(context.is_sampled(), root.is_recorded());
            context.add_to(&mut headers);
            let trace_id = update_current_trace().tag("a", "b").apply();
            assert_eq!(trace_id, root.trace_id());
        }
    });
    let roots = frames.iter().filter(|frame| frame.root().is_some()).count();
    assert_eq!(frames.len(), roots * 2, "each root with its call");
    // Seven standard deviations of 7.
    assert!((50..150).contains(&roots), "{roots}");
}

const REMOTE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[test]
fn a_span_that_continues_anothers_trace_is_below_its_span_and_has_no_info() {
    let remote = TraceContext::parse(REMOTE).expect("it is valid");
    let not_sampled = TraceContext::parse(&REMOTE.replace("-01", "-00")).expect("it is valid");
    let frames = frames(|| {
        let served = info_span!("serve");
        assert!(remote.adopt(&served));
        assert!(!remote.adopt(&served), "it is part of a trace");
        served.in_scope(|| {
            call();
            update_current_trace().session_id("s").tag("a", "b").apply();
        });
        let busy = info_span!("busy");
        busy.in_scope(call);
        assert!(!remote.adopt(&busy), "it has a child");
        drop(busy);
        TraceScope::new().remote(remote).in_scope(call);
        TraceScope::new().remote(not_sampled).in_scope(call);
        let left_out = info_span!("left out");
        assert!(not_sampled.adopt(&left_out));
        left_out.in_scope(call);
        assert!(!remote.adopt(&OpenedSpan::none()));
    });
    let of_remote: Vec<Frame> = frames
        .iter()
        .filter(|frame| frame.trace_id == remote.trace_id())
        .cloned()
        .collect();
    assert_eq!(frames.len() - of_remote.len(), 2, "only `busy` is our own");
    let sent = sent(&of_remote);
    assert_eq!(sent.info, None);
    assert_eq!(sent.spans.len(), 5);
    let root = sent.span("serve");
    assert_eq!(root.parent_span_id, remote.parent().to_bytes());
    assert_eq!(attribute(root, "session.id"), "s");
    assert_eq!(attribute(root, "mlflow.traceTag.a"), Json::Null);
    let last = sent.spans.last().expect("five");
    assert_eq!(last.parent_span_id, remote.parent().to_bytes());
}

#[test]
fn another_programs_sampling_wins() {
    let remote = TraceContext::parse(REMOTE).expect("it is valid");
    let frames = frames_by(layer().sampling_ratio(0.0), || {
        call();
        TraceScope::new().remote(remote).in_scope(call);
        let span = info_span!("serve");
        assert!(remote.adopt(&span));
        span.in_scope(call);
    });
    let ids: Vec<_> = frames.iter().map(|frame| frame.trace_id).collect();
    assert_eq!(ids, [remote.trace_id(); 3]);
}
