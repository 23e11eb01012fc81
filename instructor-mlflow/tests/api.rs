//! What users ask of the tracking server themselves.
//!
//! The tests against a real server need `INSTRUCTOR_TEST_MLFLOW_URI`, and those that read back with MLflow's Python client
//! `INSTRUCTOR_TEST_PYTHON`.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::time::Duration;

use futures_util::TryStreamExt;
use instructor_mlflow::{
    AssessmentKind, AssessmentSource, Guard, SourceKind, SpanStatus, TraceStatus, Tracking,
    TrackingError,
};
use serde_json::json;
use support::calls::{self, Dialect, Ending};
use support::real_server::{python, server, unique};
use support::scripted_server::{ScriptedServer, dead_port};
use support::traced;

/// One call in an experiment of its own, which may still be on its way.
fn one_call(uri: &str, experiment: &str) -> Guard {
    let builder = instructor_mlflow::layer()
        .tracking_uri(uri)
        .experiment(experiment);
    traced(builder, || {
        calls::email(Dialect::OpenAi, Ending::Accepted);
    })
}

#[tokio::test]
async fn a_trace_is_found_tagged_and_read() {
    let Some(uri) = server() else { return };
    let experiment = unique("api");
    let guard = one_call(&uri, &experiment);
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes it");
    let tracking = Tracking::new(&uri).expect("an address");
    let found = tracking
        .search_traces()
        .experiment(&experiment)
        .await
        .expect("it answers");
    let [info] = found.traces.as_slice() else {
        panic!("one call was made: {found:?}");
    };
    assert_eq!(info.state, TraceStatus::Ok);
    assert_eq!(info.name(), Some("create EmailSubject"));
    assert_eq!(info.request_preview.as_deref(), Some(calls::PROMPT));
    let id = &info.trace_id;

    tracking
        .set_trace_tag(id, "reviewed", "it's done")
        .await
        .expect("set");
    let trace = tracking.get_trace(id).await.expect("it is there");
    assert_eq!(
        trace.info.tags.get("reviewed").map(String::as_str),
        Some("it's done")
    );
    let root = trace.root().expect("it has arrived");
    assert_eq!(root.span_type(), Some("CHAIN"));
    assert_eq!(root.status, SpanStatus::Ok);
    assert_eq!(
        root.inputs().expect("there are")["messages"][0],
        json!({"role": "user", "content": calls::PROMPT})
    );
    assert_eq!(
        root.outputs().expect("there are")["subject"],
        calls::GOOD_SUBJECT
    );
    let failed: Vec<_> = trace
        .spans
        .iter()
        .filter(|span| span.status == SpanStatus::Error)
        .collect();
    let [validate] = failed.as_slice() else {
        panic!("the first attempt was wrong: {failed:?}");
    };
    assert_eq!(validate.parent_id.as_ref(), Some(&root.id));
    assert_eq!(validate.events[0].name, "exception");
    assert_eq!(
        validate.events[0].attributes["instructor.path"],
        json!("subject")
    );
    assert!(root.duration().expect("it has ended") >= validate.duration().expect("so has this"));

    tracking
        .delete_trace_tag(id, "reviewed")
        .await
        .expect("deleted");
    let trace = tracking.get_trace(id).await.expect("it is there");
    assert_eq!(trace.info.tags.get("reviewed"), None);
    let again = tracking.delete_trace_tag(id, "reviewed").await;
    assert!(again.expect_err("there is none").status().is_some());
}

#[tokio::test]
async fn pages_of_a_search_are_read_as_one_stream() {
    let Some(uri) = server() else { return };
    let experiment = unique("pages");
    let builder = instructor_mlflow::layer()
        .tracking_uri(&uri)
        .experiment(&experiment);
    let guard = traced(builder, || {
        for _ in 0..5 {
            calls::email(Dialect::OpenAi, Ending::Accepted);
        }
        calls::email(Dialect::OpenAi, Ending::Exhausted);
    });
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes them");
    let tracking = Tracking::new(&uri).expect("an address");
    let search = tracking
        .search_traces()
        .experiment(&experiment)
        .page_size(2);
    let page = search.clone().await.expect("it answers");
    assert_eq!(page.traces.len(), 2);
    let second = page.next_page_token.expect("there are more");
    let second = search.clone().page_token(second).await.expect("it answers");
    assert_ne!(second.traces[0].trace_id, page.traces[0].trace_id);
    let all: Vec<_> = search
        .clone()
        .stream()
        .try_collect()
        .await
        .expect("all pages");
    let mut ids: Vec<_> = all.iter().map(|trace| &trace.trace_id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!((all.len(), ids.len()), (6, 6));
    let failed: Vec<_> = search
        .filter("trace.status = 'ERROR'")
        .stream()
        .try_collect()
        .await
        .expect("all pages");
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].state, TraceStatus::Error);
}

const READ_ASSESSMENTS: &str = "
import json, sys, mlflow
trace = mlflow.get_trace(sys.argv[1])
print(json.dumps({a.name: {
    'type': type(a).__name__, 'value': a.value, 'source': [a.source.source_type, a.source.source_id],
    'rationale': a.rationale, 'metadata': a.metadata, 'span': a.span_id, 'error': a.error_code if hasattr(a, 'error_code') else None,
} for a in trace.info.assessments if a.valid is not False}))
";

#[tokio::test]
async fn feedback_and_expectations_are_what_python_reads() {
    let Some(uri) = server() else { return };
    let experiment = unique("feedback");
    let guard = one_call(&uri, &experiment);
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes it");
    let tracking = Tracking::new(&uri).expect("an address");
    let found = tracking.search_traces().experiment(&experiment);
    let id = found.await.expect("it answers").traces[0].trace_id.clone();
    let trace = tracking.get_trace(&id).await.expect("it is there");
    let root = &trace.root().expect("it is there").id;

    let helpful = tracking
        .log_feedback(&id, "helpful")
        .value(true)
        .source(AssessmentSource::human("ann"))
        .rationale("short and clear")
        .span_id(root)
        .metadata("page", "7")
        .await
        .expect("taken");
    assert_eq!(helpful.value, json!(true));
    assert_eq!(helpful.kind, AssessmentKind::Feedback);
    assert_eq!(helpful.source.kind, SourceKind::Human);
    tracking
        .log_feedback(&id, "faithful")
        .error("RATE_LIMIT", "the judge was busy")
        .source(AssessmentSource::llm_judge("gpt-4o"))
        .await
        .expect("taken");
    tracking
        .log_expectation(&id, "answer", json!({"subject": ["Q3", 1]}))
        .await
        .expect("taken");
    let score = tracking
        .log_feedback(&id, "score")
        .value(0.5)
        .await
        .expect("taken");
    let score = tracking
        .override_feedback(&id, &score.id)
        .value(0.75)
        .rationale("read again")
        .await
        .expect("taken");
    let changed = tracking
        .update_assessment(&id, &score.id)
        .value(0.8)
        .name("rating")
        .rationale("read once more")
        .metadata("reader", "bob")
        .await
        .expect("taken");
    assert_eq!(changed.value, json!(0.8));
    let answer = tracking.get_trace(&id).await.expect("it is there");
    let answer = answer
        .info
        .assessments_of("answer")
        .next()
        .expect("logged")
        .clone();
    tracking
        .update_assessment(&id, &answer.id)
        .value([1, 2])
        .await
        .expect("taken");

    if let Some(read) = python(&uri, READ_ASSESSMENTS, &[&id]) {
        let expected = json!({
            "helpful": {"type": "Feedback", "value": true, "source": ["HUMAN", "ann"], "rationale": "short and clear",
                "metadata": {"page": "7"}, "span": root, "error": null},
            "faithful": {"type": "Feedback", "value": null, "source": ["LLM_JUDGE", "gpt-4o"], "rationale": null,
                "metadata": null, "span": null, "error": "RATE_LIMIT"},
            "answer": {"type": "Expectation", "value": [1, 2], "source": ["HUMAN", "default"], "rationale": null,
                "metadata": null, "span": null, "error": null},
            "rating": {"type": "Feedback", "value": 0.8, "source": ["CODE", "default"], "rationale": "read once more",
                "metadata": {"reader": "bob"}, "span": null, "error": null},
        });
        assert_eq!(read, expected);
    }
    let filter = "feedback.helpful = 'true' AND expectation.answer = '[1, 2]'";
    let found = tracking
        .search_traces()
        .experiment(&experiment)
        .filter(filter);
    assert_eq!(found.await.expect("it answers").traces.len(), 1);

    let read = tracking.get_assessment(&id, &helpful.id).await;
    assert_eq!(read.expect("it is there").rationale, helpful.rationale);
    tracking
        .delete_assessment(&id, &helpful.id)
        .await
        .expect("deleted");
    let gone = tracking.get_assessment(&id, &helpful.id).await;
    assert!(gone.expect_err("it is gone").is_not_found());
}

#[tokio::test]
async fn a_trace_that_is_not_there_is_named() {
    let Some(uri) = server() else { return };
    let tracking = Tracking::new(&uri).expect("an address");
    let id = "tr-00000000000000000000000000000001";
    let tag = tracking.set_trace_tag(id, "a", "b").await.err();
    let read = tracking.get_trace(id).await.err();
    let feedback = tracking.log_feedback(id, "a").value(1).await.err();
    for error in [tag, read, feedback] {
        let error = error.expect("it is not there");
        assert!(
            matches!(&error, TrackingError::TraceNotFound { trace_id, .. } if trace_id == id),
            "{error:?}"
        );
        assert!(error.is_not_found());
    }
}

#[tokio::test]
async fn an_error_has_the_status_and_mlflows_name_of_it() {
    let Some(uri) = server() else { return };
    let tracking = Tracking::new(&uri).expect("an address");
    let error = tracking
        .search_traces()
        .experiment_id("0")
        .filter("nonsense")
        .await
        .expect_err("no filter");
    assert_eq!(error.status(), Some(400));
    assert_eq!(error.code(), Some("INVALID_PARAMETER_VALUE"));
    let text = error.to_string();
    assert!(
        text.contains("POST api/3.0/mlflow/traces/search") && text.contains("nonsense"),
        "{text}"
    );
    let error = tracking.search_traces().experiment("there is none").await;
    let text = error.expect_err("there is none").to_string();
    assert!(text.contains("there is none"), "{text}");
}

#[tokio::test]
async fn an_older_server_is_told_from_a_missing_trace() {
    const GET: &str = "/api/3.0/mlflow/traces/get";
    let page = "<!doctype html><title>404 Not Found</title>";
    let as_id = json!({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Trace with ID 'get' not found."});
    let old = ScriptedServer::start()
        .reply(GET, 404, page)
        .reply(GET, 404, as_id.to_string());
    let tracking = Tracking::new(old.uri()).expect("an address");
    for _ in 0..2 {
        let error = tracking.get_trace("tr-1").await.expect_err("it is old");
        assert!(
            matches!(error, TrackingError::Unsupported { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("MLflow 3.7"), "{error}");
    }
    assert_eq!(old.received_at(GET).len(), 2, "asked once each");
}

#[tokio::test]
async fn no_error_shows_a_secret() {
    let server = ScriptedServer::start()
        .reply("/api/3.0/mlflow/traces/get", 401, "who are you?")
        .reply("/api/3.0/mlflow/traces/get", 200, "<html>a proxy</html>");
    let uri = server.uri().replace("http://", "http://ann:hunter2@");
    let tracking = Tracking::new(uri).expect("an address");
    let refused = tracking.get_trace("tr-1").await.expect_err("401");
    assert_eq!((refused.status(), refused.code()), (Some(401), None));
    let unreadable = tracking.get_trace("tr-1").await.expect_err("not JSON");
    assert!(matches!(unreadable, TrackingError::Unreadable { .. }));
    let dead = Tracking::new(format!("http://ann:hunter2@127.0.0.1:{}", dead_port()));
    let dead = dead.expect("an address");
    let unreachable = dead.get_trace("tr-1").await.expect_err("nobody is there");
    assert!(matches!(unreachable, TrackingError::Unreachable { .. }));
    let texts = format!(
        "{refused} {refused:?} {unreadable} {unreadable:?} {unreachable} {unreachable:?} {tracking:?}"
    );
    assert!(!texts.contains("hunter2"), "{texts}");
    let authorization = &server.received()[0].headers["authorization"];
    assert_eq!(authorization, "Basic YW5uOmh1bnRlcjI=");
}

#[tokio::test]
async fn feedback_without_a_value_is_not_sent() {
    let server = ScriptedServer::start();
    let tracking = Tracking::new(server.uri()).expect("an address");
    let error = tracking.log_feedback("tr-1", "helpful").await;
    let text = error.expect_err("it says nothing").to_string();
    assert!(
        text.contains("helpful") && text.contains(".value("),
        "{text}"
    );
    let odd = std::collections::HashMap::from([(vec![1], 1)]);
    let error = tracking.log_feedback("tr-1", "odd").value(odd).await;
    let text = error.expect_err("it is no JSON").to_string();
    assert!(text.contains("odd") && text.contains("JSON"), "{text}");
    assert!(server.received().is_empty());
}
