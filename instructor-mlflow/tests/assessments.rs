//! What the checks of a call found, as feedback of its trace.
//!
//! The tests against a real server need `INSTRUCTOR_TEST_MLFLOW_URI`.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::collections::HashSet;
use std::time::Duration;

use instructor_mlflow::{Guard, LayerBuilder, SourceKind, Tracking};
use serde_json::{Value, json};
use support::calls::{self, Dialect, Ending};
use support::real_server::{python, server, unique};
use support::scripted_server::{GET_EXPERIMENT, SPANS, ScriptedServer, TRACES};
use support::traced;

const READ: &str = "
import json, sys, mlflow
traces = mlflow.search_traces(locations=[mlflow.get_experiment_by_name(sys.argv[1]).experiment_id],
                              filter_string=sys.argv[2], return_type='list')
print(json.dumps([sorted([a.name, a.value, a.source.source_type, a.source.source_id] for a in t.info.assessments) for t in traces]))
";

#[tokio::test]
async fn verdicts_and_outcomes_are_found_as_feedback() {
    let Some(uri) = server() else { return };
    let experiment = unique("assessments");
    let builder = instructor_mlflow::layer()
        .tracking_uri(&uri)
        .experiment(&experiment)
        .log_assessments(true);
    let guard = traced(builder, || {
        calls::email(Dialect::OpenAi, Ending::Accepted);
        calls::email(Dialect::Anthropic, Ending::Exhausted);
        calls::email(Dialect::OpenAi, Ending::Cancelled);
        let _root = tracing::info_span!("answer").entered();
        calls::email(Dialect::OpenAi, Ending::Accepted);
    });
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes them");
    assert_eq!(guard.statistics().undelivered(), 0);
    let tracking = Tracking::new(&uri).expect("an address");
    let find = async |filter: &str| {
        let search = tracking.search_traces().experiment(&experiment);
        search.filter(filter).await.expect("it answers").traces
    };
    let failed =
        find("feedback.`subject.llm_validate` = 'false' AND feedback.valid = 'false'").await;
    assert_eq!(failed.len(), 1);
    let verdict = failed[0]
        .assessments_of("subject.llm_validate")
        .next()
        .expect("it was found by it");
    assert_eq!(verdict.value, json!(false));
    assert_eq!(verdict.source.kind, SourceKind::LlmJudge);
    assert_eq!(verdict.source.id, "claude-sonnet-4-5");
    assert_eq!(verdict.rationale.as_deref(), Some("too long"));
    assert_eq!(verdict.metadata["failed_attempts"], "1,2");
    assert_eq!(verdict.metadata["statement"], calls::RULE);

    let mended = find("feedback.`subject.llm_validate` = 'true' AND feedback.valid = 'true'").await;
    assert_eq!(
        mended.len(),
        2,
        "the call alone, and the one below a function"
    );
    for info in &mended {
        assert_eq!(info.assessments.len(), 2, "{:?}", info.assessments);
        let trace = tracking
            .get_trace(&info.trace_id)
            .await
            .expect("it is there");
        let valid = info
            .assessments_of("valid")
            .next()
            .expect("it was found by it");
        assert_eq!(valid.metadata["attempt"], "2");
        assert_eq!(valid.metadata["failed_attempts"], "1");
        assert_eq!(valid.source.id, "EmailSubject");
        let span = valid.span_id.as_ref().expect("it is about one");
        let span = trace.spans.iter().find(|other| other.id == *span);
        assert_eq!(span.expect("it is in the trace").name, "validate");
        let verdict = info.assessments_of("subject.llm_validate").next();
        let span = verdict.expect("found").span_id.as_ref().expect("about one");
        let span = trace.spans.iter().find(|other| other.id == *span);
        assert_eq!(span.expect("in the trace").name, "llm_validate subject");
    }
    let all = tracking.search_traces().experiment(&experiment);
    let without: Vec<_> = all.await.expect("it answers").traces;
    let without = without.iter().filter(|trace| trace.assessments.is_empty());
    assert_eq!(without.count(), 1, "the cancelled call was never checked");

    if let Some(read) = python(&uri, READ, &[&experiment, "feedback.valid = 'false'"]) {
        let expected = json!([[
            [
                "subject.llm_validate",
                false,
                "LLM_JUDGE",
                "claude-sonnet-4-5"
            ],
            ["valid", false, "CODE", "EmailSubject"],
        ]]);
        assert_eq!(read, expected);
    }
}

/// A server in front of the real one would be needed to lose a reply there; so the same bodies are sent to it twice.
#[tokio::test]
async fn what_is_sent_twice_is_there_once() {
    let Some(uri) = server() else { return };
    let experiment = unique("twice");
    let guard = {
        let builder = instructor_mlflow::layer()
            .tracking_uri(&uri)
            .experiment(&experiment)
            .log_assessments(true);
        traced(builder, || {
            calls::email(Dialect::OpenAi, Ending::Accepted);
        })
    };
    guard.flush(Duration::from_secs(60)).expect("taken");
    let tracking = Tracking::new(&uri).expect("an address");
    let search = || tracking.search_traces().experiment(&experiment);
    let first = search().await.expect("it answers").traces.remove(0);
    assert_eq!(first.assessments.len(), 2);

    // The same trace again, as the exporter says it.
    let scripted = ScriptedServer::start();
    let builder = instructor_mlflow::layer()
        .tracking_uri(scripted.uri())
        .log_assessments(true);
    let guard = traced(builder, || {
        calls::email(Dialect::OpenAi, Ending::Accepted);
    });
    guard.flush(Duration::from_secs(60)).expect("taken");
    let mut body = scripted.received_at(TRACES)[0].json();
    let info = &mut body["trace"]["trace_info"];
    info["trace_id"] = json!(first.trace_id);
    info["trace_location"]["mlflow_experiment"]["experiment_id"] =
        json!(first.experiment_id.expect("it is in one"));
    for (assessment, known) in info["assessments"]
        .as_array_mut()
        .expect("a list")
        .iter_mut()
        .zip(&first.assessments)
    {
        assessment["trace_id"] = json!(first.trace_id);
        assessment["assessment_id"] = json!(known.id);
    }
    for _ in 0..2 {
        let request = reqwest::Client::new()
            .post(format!("{uri}{TRACES}"))
            .header("content-type", "application/json")
            .body(body.to_string());
        assert!(
            request
                .send()
                .await
                .expect("it answers")
                .status()
                .is_success()
        );
    }
    let again = search().await.expect("it answers").traces.remove(0);
    assert_eq!(again.assessments.len(), 2, "{:?}", again.assessments);
}

#[tokio::test]
async fn a_lost_reply_changes_no_id() {
    let server = ScriptedServer::start().reply(TRACES, 503, "busy");
    let guard = traced(judging(&server), || {
        calls::email(Dialect::OpenAi, Ending::Accepted);
    });
    guard.flush(Duration::from_secs(60)).expect("taken");
    let sent: Vec<Value> = server
        .received_at(TRACES)
        .iter()
        .map(|one| one.json())
        .collect();
    assert_eq!(sent.len(), 2);
    let of = |body: &Value| body["trace"]["trace_info"]["assessments"].clone();
    assert_eq!(of(&sent[0]), of(&sent[1]));
    assert_eq!(of(&sent[0]).as_array().map(Vec::len), Some(2));
}

fn judging(server: &ScriptedServer) -> LayerBuilder {
    instructor_mlflow::layer()
        .tracking_uri(server.uri())
        .log_assessments(true)
}

/// A call whose assessments cannot travel with the info of its trace.
fn below_an_open_root(builder: LayerBuilder) -> Guard {
    traced(builder, || {
        let _root = tracing::info_span!("answer").entered();
        calls::email(Dialect::OpenAi, Ending::Accepted);
    })
}

#[tokio::test]
async fn below_an_open_root_they_are_said_one_by_one_and_never_in_the_way() {
    let old = "<!doctype html><title>404 Not Found</title>";
    let twice = json!({"error_code": "INTERNAL_ERROR", "message": "Failed to create assessment due to a constraint violation."});
    for (status, body, posts) in [
        (200, "{}".to_owned(), 2),
        (404, old.to_owned(), 2),
        (405, old.to_owned(), 2),
        (500, twice.to_string(), 2),
        // After a refusal nothing more is said of the trace.
        (400, "no".to_owned(), 1),
        // Of this alone: the credentials are good for everything else.
        (401, "no".to_owned(), 1),
        (403, "no".to_owned(), 1),
    ] {
        let server = ScriptedServer::start().reply_all("/assessments", status, body);
        let guard = below_an_open_root(judging(&server));
        guard.flush(Duration::from_secs(60)).expect("taken");
        let statistics = guard.statistics();
        let refused = u64::from(posts == 1);
        assert_eq!(
            (statistics.sent, statistics.quarantined),
            (2 - refused, refused),
            "{status}"
        );
        let received = server.received();
        let said = received
            .iter()
            .filter(|one| one.path.ends_with("/assessments"));
        assert_eq!(said.count(), posts, "{status}");
        let spans = received.iter().position(|one| one.path == SPANS);
        let first = received
            .iter()
            .position(|one| one.path.ends_with("/assessments"));
        assert!(spans < first, "the trace must be there");
    }
}

#[tokio::test]
async fn what_a_server_refuses_to_hear_of_a_trace_is_kept_for_people() {
    let server = ScriptedServer::start().reply_all("/assessments", 400, "no");
    let folder = tempfile::tempdir().expect("a directory");
    let guard = below_an_open_root(judging(&server).spool_dir(folder.path()));
    let statistics = guard.flush(Duration::from_secs(60)).expect("settled");
    assert_eq!((statistics.sent, statistics.quarantined), (1, 1));
    let kept = std::fs::read_dir(folder.path().join("quarantine")).expect("it is there");
    let kept = kept.map(|entry| entry.expect("it can be read").path());
    let kept: Vec<_> = kept
        .filter(|path| path.extension().is_some_and(|end| end == "bytes"))
        .collect();
    let [kept] = kept.as_slice() else {
        panic!("one file was expected: {kept:?}");
    };
    let content = std::fs::read(kept).expect("it can be read");
    let content: Value = serde_json::from_slice(&content).expect("JSON");
    assert_eq!(content["assessments"].as_array().map(Vec::len), Some(2));
    let said = std::fs::read_to_string(kept.with_extension("txt")).expect("its reason");
    assert!(
        said.contains("assessments") && said.contains("400"),
        "{said}"
    );
}

#[tokio::test]
async fn what_is_said_of_a_trace_waits_for_credentials_and_for_the_right_server() {
    for status in [401, 503] {
        // Neither of this trace nor of anything else, once the spans are there.
        let server = ScriptedServer::start()
            .reply_all("/assessments", status, "no")
            .reply_all(GET_EXPERIMENT, status, "no");
        let guard = below_an_open_root(judging(&server));
        let error = guard.flush(Duration::from_secs(60)).expect_err("not all");
        let reason = error.reason.unwrap_or_default();
        assert!(reason.contains(&status.to_string()), "{reason}");
        server.heal();
        guard.flush(Duration::from_secs(60)).expect("taken");
        let statistics = guard.statistics();
        assert_eq!((statistics.sent, statistics.quarantined), (2, 0));
        let received = server.received();
        let said = received
            .iter()
            .filter(|one| one.path.ends_with("/assessments"));
        assert!(said.count() > 2, "they are said again");
        let spans = server.spans();
        let ids: HashSet<_> = spans.iter().map(|span| &span.span_id).collect();
        assert_eq!(ids.len(), spans.len(), "they are not sent again");
    }
}

#[tokio::test]
async fn where_spans_are_redacted_nothing_is_quoted() {
    let server = ScriptedServer::start();
    let builder = instructor_mlflow::layer()
        .tracking_uri(server.uri())
        .log_assessments(true)
        .span_processor(|_| {});
    let guard = traced(builder, || {
        calls::email(Dialect::OpenAi, Ending::Exhausted);
    });
    guard.flush(Duration::from_secs(60)).expect("taken");
    let body = server.received_at(TRACES)[0].json();
    let assessments = body["trace"]["trace_info"]["assessments"].as_array();
    let assessments = assessments.expect("they are there");
    assert_eq!(assessments.len(), 2);
    for assessment in assessments {
        assert_eq!(assessment["feedback"]["value"], false);
        let text = assessment.to_string();
        assert!(
            !text.contains("too long") && !text.contains(calls::RULE),
            "{text}"
        );
    }
}

#[tokio::test]
async fn without_being_asked_nothing_is_judged() {
    let server = ScriptedServer::start();
    let builder = instructor_mlflow::layer().tracking_uri(server.uri());
    let guard = traced(builder, || {
        calls::email(Dialect::OpenAi, Ending::Exhausted);
    });
    guard.flush(Duration::from_secs(60)).expect("taken");
    let body = server.received_at(TRACES)[0].json();
    assert_eq!(body["trace"]["trace_info"].get("assessments"), None);
}
