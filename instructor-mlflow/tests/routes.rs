//! Which requests a server gets, by its version and by what it can store.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

mod support;

use std::time::Duration;

use instructor_mlflow::{Guard, LayerBuilder, layer};
use serde_json::{Value, json};
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{
    ARTIFACTS, CREATE_EXPERIMENT, FILE, FIND_EXPERIMENT, GET_EXPERIMENT, LOST, REQUEST_ID,
    Received, SPANS, ScriptedServer, TRACE_V2, TRACES, TRACES_V2, VERSION, eventually,
};
use support::traced;

const LONG: Duration = Duration::from_secs(20);

fn one_call() {
    calls::email(Dialect::OpenAi, Ending::Accepted);
}

fn to(server: &ScriptedServer) -> LayerBuilder {
    layer().tracking_uri(server.uri()).experiment("emails")
}

/// Sends one call; the requests that came of it after version and experiment.
fn requests_of_a_call(server: &ScriptedServer) -> Vec<String> {
    let guard = traced(to(server), one_call);
    guard.flush(LONG).expect("the server is well");
    check(&guard, 1, 0);
    let received = server.received();
    let about_the_server = [VERSION, FIND_EXPERIMENT];
    received
        .iter()
        .filter(|request| !about_the_server.contains(&request.path.as_str()))
        .map(Received::line)
        .collect()
}

#[track_caller]
fn check(guard: &Guard, sent: u64, failed: u64) {
    let statistics = guard.statistics();
    assert_eq!((statistics.sent, statistics.quarantined), (sent, failed));
    assert_eq!(statistics.spooled, 0);
}

fn start_v2() -> String {
    format!("POST {TRACES_V2}")
}

fn find_v2() -> String {
    format!("GET {TRACES_V2}")
}

fn end_v2() -> String {
    format!("PATCH {TRACE_V2}")
}

fn start_v3() -> String {
    format!("POST {TRACES}")
}

fn spans() -> String {
    format!("POST {SPANS}")
}

fn file() -> String {
    format!("PUT {FILE}")
}

fn info(request: &Received) -> Value {
    request.json()["trace"]["trace_info"].clone()
}

/// The spans of the file that was written last, by name.
fn spans_in_file(server: &ScriptedServer) -> Vec<Value> {
    let files = server.received_at(FILE);
    let content = files.last().expect("a file was written").json();
    serde_json::from_value(content["spans"].clone()).expect("a list")
}

/// A member of a list of `{"key": ..., "value": ...}`.
fn pair(list: &Value, key: &str) -> Option<String> {
    let pairs = list.as_array()?;
    let pair = pairs.iter().find(|pair| pair["key"] == key)?;
    Some(pair["value"].as_str()?.to_owned())
}

#[test]
fn a_server_of_mlflow_2_is_told_begin_file_and_end() {
    for version in ["2.14.0", "2.22.5", "3.1.4"] {
        let server = ScriptedServer::of_version(version);
        assert_eq!(
            requests_of_a_call(&server),
            [start_v2(), file(), end_v2()],
            "{version}"
        );

        let start = server.received_at(TRACES_V2)[0].json();
        assert_eq!(start["experiment_id"], "7");
        let metadata = |key| pair(&start["request_metadata"], key);
        assert_eq!(
            metadata("mlflow.trace_schema.version").as_deref(),
            Some("2")
        );
        assert_eq!(
            metadata("mlflow.traceInputs").as_deref(),
            Some(calls::PROMPT),
            "what the list of traces shows"
        );
        assert_eq!(
            metadata("mlflow.trace.tokenUsage").as_deref(),
            Some(
                r#"{"input_tokens":600,"output_tokens":96,"total_tokens":696,"cache_read_input_tokens":256}"#
            )
        );
        let name = pair(&start["tags"], "mlflow.traceName");
        assert_eq!(name.as_deref(), Some("create EmailSubject"));
        let id = pair(&start["tags"], "instructor.traceId").expect("the id of the spans");

        let end = server.received_at(TRACE_V2)[0].json();
        assert_eq!(
            (&end["status"], &end["request_id"]),
            (&"OK".into(), &REQUEST_ID.into())
        );
        assert!(end["timestamp_ms"].as_u64() >= start["timestamp_ms"].as_u64());

        let spans = spans_in_file(&server);
        assert_eq!(spans.len(), 9);
        let root = spans.last().expect("the root comes last");
        assert_eq!(root["parent_id"], Value::Null);
        assert_eq!(spans[0]["parent_id"], root["context"]["span_id"]);
        let trace = root["context"]["trace_id"].as_str().expect("text");
        assert_eq!(trace.replace("0x", "tr-"), id);
        assert_eq!(
            root["attributes"]["mlflow.traceRequestId"],
            json!(REQUEST_ID).to_string()
        );
        assert_eq!(root["attributes"]["mlflow.spanType"], r#""CHAIN""#);
        assert_eq!(root["status_code"], "OK");
        let failed = spans.iter().find(|span| span["status_code"] == "ERROR");
        let event = &failed.expect("the first answer is wrong")["events"][0];
        assert_eq!(event["name"], "exception");
        assert_eq!(event["attributes"]["exception.type"], "llm_validate");
        let content = server.received_at(FILE)[0].json();
        let answer = json!({"recipient": "bob@example.com", "subject": calls::GOOD_SUBJECT});
        assert_eq!(content["response"], answer.to_string());
    }
}

#[test]
fn a_server_that_cannot_find_spans_again_is_told_of_the_trace_and_gets_a_file() {
    for version in ["3.2.0", "3.4.0", "3.5.1"] {
        let server = ScriptedServer::of_version(version);
        assert_eq!(
            requests_of_a_call(&server),
            [start_v3(), file()],
            "{version}"
        );
        let info = info(&server.received_at(TRACES)[0]);
        assert_eq!(info["state"], "OK");
        assert_eq!(info["request_preview"], calls::PROMPT);
        let usage = info["trace_metadata"]["mlflow.trace.tokenUsage"].as_str();
        assert!(usage.is_some_and(|usage| usage.contains("\"total_tokens\":696")));

        let spans = spans_in_file(&server);
        let root = spans.last().expect("the root comes last");
        assert_eq!(root["parent_span_id"], Value::Null);
        assert_eq!(spans[0]["parent_span_id"], root["span_id"]);
        assert_eq!(
            root["status"],
            json!({"code": "STATUS_CODE_OK", "message": ""})
        );
        assert_eq!(
            root["attributes"]["mlflow.traceRequestId"],
            info["trace_id"].to_string()
        );
        assert_eq!(root["attributes"]["mlflow.spanType"], r#""CHAIN""#);
    }
}

#[test]
fn spans_are_compressed_for_servers_that_read_that() {
    for (version, encoding) in [
        ("3.6.0", None),
        ("3.7.0", Some("gzip")),
        ("3.17.2", Some("gzip")),
    ] {
        let server = ScriptedServer::of_version(version);
        assert_eq!(
            requests_of_a_call(&server),
            [spans(), start_v3()],
            "{version}"
        );
        let request = &server.received_at(SPANS)[0];
        let found = request.headers.get("content-encoding").map(String::as_str);
        assert_eq!(found, encoding, "{version}");
        let magic = request.body.starts_with(&[0x1f, 0x8b]);
        assert_eq!(magic, encoding.is_some());
    }
}

#[test]
fn a_server_before_traces_gets_none() {
    let server = ScriptedServer::of_version("2.13.2");
    let guard = traced(to(&server), one_call);
    assert_waits(&guard, "it is MLflow 2.13");
    let paths: Vec<String> = server.received().iter().map(Received::line).collect();
    assert!(
        paths.iter().all(|path| *path == format!("GET {VERSION}")),
        "{paths:?}"
    );
}

/// Nothing is lost: a person can mend it.
#[track_caller]
fn assert_waits(guard: &Guard, why: &str) {
    let error = guard.flush(LONG).expect_err("the server takes no traces");
    let reason = error.reason.unwrap_or_default();
    assert!(reason.contains(why), "{reason}");
    let statistics = guard.statistics();
    assert_eq!((statistics.sent, statistics.spooled), (0, 1));
}

#[test]
fn a_store_of_files_gets_a_file() {
    let server = ScriptedServer::of_version("3.6.0").reply(SPANS, 501, "FileStore");
    assert_eq!(requests_of_a_call(&server), [spans(), start_v3(), file()]);
}

#[test]
fn what_was_found_out_of_a_server_outlives_an_outage() {
    let server = ScriptedServer::of_version("3.6.0")
        .reply(SPANS, 501, "FileStore")
        .reply(FILE, 503, "starting");
    let expected = [spans(), start_v3(), file(), file()];
    assert_eq!(requests_of_a_call(&server), expected);
}

#[test]
fn a_server_that_lost_its_endpoints_is_tried_by_older_ones() {
    let server = ScriptedServer::start()
        .reply(SPANS, 404, r#"{"detail":"Not Found"}"#)
        .reply(TRACES, 404, "<html>Not Found</html>");
    let expected = [spans(), start_v3(), start_v2(), file(), end_v2()];
    assert_eq!(requests_of_a_call(&server), expected);
}

#[test]
fn traces_wait_for_a_server_without_any_endpoint_for_them_to_get_some() {
    let server = ScriptedServer::start()
        .reply_all(SPANS, 404, "")
        .reply_all(TRACES, 404, "")
        .reply_all(TRACES_V2, 404, "");
    let guard = traced(to(&server), one_call);
    assert_waits(&guard, "HTTP 404");
    server.heal();
    guard.flush(LONG).expect("it is another server now");
    check(&guard, 1, 0);
    assert_eq!(server.spans().len(), 9, "by the best route again");
}

#[test]
fn a_hidden_version_is_found_out_by_what_the_server_answers() {
    let stored = json!({"trace": {"trace_info": {
        "tags": {"mlflow.trace.spansLocation": "TRACKING_STORE"}}}});
    let without_version = || ScriptedServer::start().reply(VERSION, 404, "<html>");

    // 3.6 and later: sent once, and the trace is only completed again.
    let server = without_version().reply(TRACES, 200, stored.to_string());
    assert_eq!(
        requests_of_a_call(&server),
        [spans(), start_v3(), start_v3()]
    );
    // 3.4 and 3.5 take spans, and nothing finds them.
    let server = without_version();
    let expected = [spans(), start_v3(), start_v3(), file()];
    assert_eq!(requests_of_a_call(&server), expected);
    // A store of files.
    let server = without_version().reply(SPANS, 501, "FileStore");
    assert_eq!(requests_of_a_call(&server), expected);
    // Before 3.2.
    let server = without_version()
        .reply(SPANS, 404, "")
        .reply(TRACES, 404, "");
    let expected = [spans(), start_v3(), start_v2(), file(), end_v2()];
    assert_eq!(requests_of_a_call(&server), expected);
}

#[test]
fn a_begin_whose_answer_was_lost_is_looked_for_before_it_is_repeated() {
    let known = json!({"traces": [{"request_id": REQUEST_ID, "tags": [
        {"key": "mlflow.artifactLocation", "value": "mlflow-artifacts:/7/traces/a trace/artifacts"}]}]});
    for (status, found, then) in [
        (LOST, known.to_string(), vec![]),
        (500, "{}".to_owned(), vec![start_v2()]),
    ] {
        let server = ScriptedServer::of_version("2.14.3")
            .reply(TRACES_V2, status, "")
            .reply(TRACES_V2, 200, found);
        let mut expected = vec![start_v2(), find_v2()];
        expected.extend(then);
        expected.extend([file(), end_v2()]);
        assert_eq!(requests_of_a_call(&server), expected);
        let requests = server.received_at(TRACES_V2);
        let id = pair(&requests[0].json()["tags"], "instructor.traceId").expect("a tag");
        assert!(requests[1].query.contains(&id), "{}", requests[1].query);
    }
}

#[test]
fn what_arrived_is_not_sent_again_after_a_lost_answer() {
    let server = ScriptedServer::of_version("2.14.3")
        .reply(FILE, LOST, "")
        .reply(TRACE_V2, LOST, "");
    let expected = [start_v2(), file(), file(), end_v2(), end_v2()];
    assert_eq!(requests_of_a_call(&server), expected);

    let server = ScriptedServer::of_version("3.4.0")
        .reply(TRACES, LOST, "")
        .reply(FILE, LOST, "");
    let expected = [start_v3(), start_v3(), file(), file()];
    assert_eq!(requests_of_a_call(&server), expected);

    let server = ScriptedServer::start()
        .reply(SPANS, LOST, "")
        .reply(TRACES, LOST, "");
    let expected = [spans(), spans(), start_v3(), start_v3()];
    assert_eq!(requests_of_a_call(&server), expected);
    let sent = server.received_at(SPANS);
    assert_eq!(sent[0].body, sent[1].body);
}

#[test]
fn a_store_of_files_that_knows_the_trace_already_is_told_its_end() {
    // The answer was lost; the repetition is an internal error.
    let server = ScriptedServer::of_version("3.4.0")
        .reply(TRACES, LOST, "")
        .reply(TRACES, 500, "Yaml file exists");
    let requests = requests_of_a_call(&server);
    let started = info(&server.received_at(TRACES)[0]);
    let id = started["trace_id"].as_str().expect("an id");
    let known = format!("GET {TRACES}/{id}");
    let end = format!("PATCH {TRACES_V2}/{id}");
    assert_eq!(requests, [start_v3(), start_v3(), known, end, file()]);

    // Or it is an internal error, and the trace is not known.
    let server = ScriptedServer::of_version("3.4.0").reply(TRACES, 500, "database is locked");
    let server = server.reply_to_unknown_traces();
    let requests = requests_of_a_call(&server);
    assert_eq!(requests.len(), 4, "{requests:?}");
    assert_eq!(requests[2..], [start_v3(), file()]);
}

#[test]
fn spans_that_belong_in_a_folder_or_bucket_stay_at_home() {
    for place in ["/srv/mlruns/7", "s3://bucket/7"] {
        let tags = json!({"mlflow.artifactLocation": place});
        let v3 = json!({"trace": {"trace_info": {"tags": tags}}});
        let server = ScriptedServer::of_version("3.4.0").reply(TRACES, 200, v3.to_string());
        assert_eq!(requests_of_a_call(&server), [start_v3()]);

        let tags = json!([{"key": "mlflow.artifactLocation", "value": place}]);
        let v2 = json!({"trace_info": {"request_id": REQUEST_ID, "tags": tags}});
        let server = ScriptedServer::of_version("2.14.3").reply(TRACES_V2, 200, v2.to_string());
        assert_eq!(requests_of_a_call(&server), [start_v2(), end_v2()]);
    }
}

#[test]
fn a_server_that_serves_no_artifacts_is_not_asked_for_ever() {
    let told =
        "Endpoint: ... disabled due to the mlflow server running with `--no-serve-artifacts`";
    let server = ScriptedServer::of_version("2.22.5").reply(FILE, 503, told);
    assert_eq!(requests_of_a_call(&server), [start_v2(), file(), end_v2()]);
}

#[test]
fn an_experiment_is_created_where_its_files_are_served() {
    let local = r#"{"experiment": {"experiment_id": "0", "artifact_location": "/srv/mlruns/0"}}"#;
    let missing = r#"{"error_code": "RESOURCE_DOES_NOT_EXIST"}"#;
    for (version, place, gets_place) in [
        ("2.14.3", Some(local), true),
        ("3.4.0", Some(local), true),
        ("3.4.0", None, false),
        ("3.17.2", Some(local), false),
    ] {
        let mut server = ScriptedServer::of_version(version).reply(FIND_EXPERIMENT, 404, missing);
        if let Some(place) = place {
            server = server.reply(GET_EXPERIMENT, 200, place);
        }
        let guard = traced(to(&server), one_call);
        guard.flush(LONG).expect("the server is well");
        let created = server.received_at(CREATE_EXPERIMENT)[0].json();
        assert_eq!(created["name"], "emails");
        let place = created["artifact_location"].as_str();
        let is_served =
            place.is_some_and(|place| place.starts_with("mlflow-artifacts:/instructor-"));
        assert_eq!(is_served, gets_place, "{version} {place:?}");
    }
    // It would be a place that nobody serves.
    let told = "disabled due to the mlflow server running with `--no-serve-artifacts`";
    let server = ScriptedServer::of_version("3.4.0")
        .reply(FIND_EXPERIMENT, 404, missing)
        .reply(GET_EXPERIMENT, 200, local)
        .reply(ARTIFACTS, 503, told);
    let guard = traced(to(&server), one_call);
    guard.flush(LONG).expect("the server is well");
    let created = server.received_at(CREATE_EXPERIMENT)[0].json();
    assert_eq!(created, json!({"name": "emails"}));
}

#[test]
fn a_function_around_calls_is_one_file_when_it_returns() {
    for (version, expected) in [
        ("2.22.5", vec![start_v2(), file(), end_v2()]),
        ("3.4.0", vec![start_v3(), file()]),
    ] {
        let server = ScriptedServer::of_version(version);
        let guard = traced(to(&server), || {
            let root = tracing::info_span!("answer_mails");
            root.in_scope(|| {
                one_call();
                one_call();
            });
        });
        guard.flush(LONG).expect("the server is well");
        check(&guard, 3, 0);
        let lines: Vec<String> = server
            .received()
            .iter()
            .skip(2)
            .map(Received::line)
            .collect();
        assert_eq!(lines, expected);
        let spans = spans_in_file(&server);
        assert_eq!(spans.len(), 19);
        assert_eq!(spans[18]["name"], "answer_mails");
    }
}

#[test]
fn a_flush_writes_what_there_is_of_a_trace_in_progress_and_its_end_writes_all() {
    for (version, is_v2) in [("2.22.5", true), ("3.4.0", false)] {
        let server = ScriptedServer::of_version(version);
        let (layer, guard) = to(&server).build().expect("the settings are valid");
        let subscriber =
            tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), layer);
        tracing::subscriber::with_default(subscriber, || {
            let root = tracing::info_span!("answer_mails");
            root.in_scope(|| {
                one_call();
                eventually("the call is taken", || {
                    let path = if is_v2 { TRACES_V2 } else { TRACES };
                    assert!(server.received_at(path).is_empty(), "it waits for its root");
                    !server.received_at(VERSION).is_empty()
                });
                assert_eq!(guard.statistics().spooled, 1);
                guard.flush(LONG).expect("the server is well");
                check(&guard, 1, 0);
                assert_eq!(spans_in_file(&server).len(), 9);
                assert!(server.received_at(TRACE_V2).is_empty(), "it has not ended");
                one_call();
            });
        });
        guard.flush(LONG).expect("the server is well");
        check(&guard, 3, 0);
        let spans = spans_in_file(&server);
        assert_eq!(spans.len(), 19);
        assert_eq!(spans[18]["name"], "answer_mails");
        if is_v2 {
            assert_eq!(server.received_at(TRACES_V2).len(), 1, "one trace");
            let end = &server.received_at(TRACE_V2)[0].json();
            let usage = pair(&end["request_metadata"], "mlflow.trace.tokenUsage");
            assert!(usage.is_some_and(|usage| usage.contains("\"input_tokens\":1200,")));
        } else {
            let states: Vec<Value> = server.received_at(TRACES).iter().map(info).collect();
            assert_eq!(states[0]["state"], "IN_PROGRESS");
            assert_eq!(states[1]["state"], "OK");
            assert_eq!(states[0]["trace_id"], states[1]["trace_id"]);
            let usage = states[1]["trace_metadata"]["mlflow.trace.tokenUsage"].as_str();
            assert!(usage.is_some_and(|usage| usage.contains("\"input_tokens\":1200,")));
        }
    }
}

/// Names the server and the directory to the process of [`program_that_is_ended`].
const SERVER: &str = "INSTRUCTOR_TEST_ROUTES_SERVER";
const DIRECTORY: &str = "INSTRUCTOR_TEST_ROUTES_DIRECTORY";

/// Not a test but a program, when it is told where to send to: it ends below an open span, of which one call has arrived.
#[test]
fn program_that_is_ended() {
    let Ok(server) = std::env::var(SERVER) else {
        return;
    };
    let directory = std::env::var(DIRECTORY).expect("it is named");
    let builder = layer().tracking_uri(&server).experiment("emails");
    let builder = builder.spool_dir(directory);
    let (layer, guard) = builder.build().expect("the settings are valid");
    let subscriber =
        tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), layer);
    tracing::subscriber::with_default(subscriber, || {
        tracing::info_span!("answer_mails").in_scope(|| {
            one_call();
            guard.flush(LONG).expect("the server is well");
            std::process::abort();
        });
    });
}

#[test]
fn what_completes_a_trace_is_added_to_the_file_of_the_program_that_was_ended() {
    for (version, is_v2, can_be_read) in [
        ("2.22.5", true, true),
        ("3.4.0", false, true),
        // An internal error, though the file is there: it is read at another time.
        ("3.4.0", false, false),
    ] {
        let mut server = ScriptedServer::of_version(version);
        let directory = tempfile::tempdir().expect("a directory");
        let ended = std::process::Command::new(std::env::current_exe().expect("it runs"))
            .args(["--exact", "program_that_is_ended", "--nocapture"])
            .env(SERVER, server.uri())
            .env(DIRECTORY, directory.path())
            .output()
            .expect("it starts");
        assert!(!ended.status.success(), "it was to be ended");
        assert_eq!(spans_in_file(&server).len(), 9);
        let asked_of = server.clone();
        let asked = || {
            asked_of
                .received()
                .iter()
                .filter(|one| one.line() == find_v2())
                .count()
        };
        assert_eq!(asked(), 0);
        if !can_be_read {
            server = server.reply(FILE, 500, "busy");
        }
        let guard = traced(to(&server).spool_dir(directory.path()), || {});
        guard.flush(LONG).expect("the server is well");
        eventually("the trace is completed", || {
            spans_in_file(&server).len() != 9
        });
        let spans = spans_in_file(&server);
        assert_eq!(spans.len(), 10, "what was there stays: {version}");
        assert_eq!(spans[9]["name"], "answer_mails");
        assert_eq!(asked() > 0, is_v2, "it is asked whether it knows the trace");
    }
}

#[test]
fn a_trace_too_large_for_one_file_goes_on_in_another() {
    let server = ScriptedServer::of_version("3.4.0");
    let (layer, guard) = to(&server).build().expect("the settings are valid");
    let subscriber =
        tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), layer);
    tracing::subscriber::with_default(subscriber, || {
        let root = tracing::info_span!("serve");
        root.in_scope(|| {
            for _ in 0..2 {
                (0..300).for_each(|_| one_call());
                guard.flush(LONG).expect("the server is well");
            }
        });
    });
    guard.flush(LONG).expect("the server is well");
    check(&guard, 601, 0);
    let infos: Vec<Value> = server.received_at(TRACES).iter().map(info).collect();
    let mut ids: Vec<&Value> = infos.iter().map(|info| &info["trace_id"]).collect();
    ids.dedup();
    assert_eq!(ids.len(), 3, "two that were full, and what is left");
    let last = infos.last().expect("the root");
    assert_eq!(last["state"], "OK");
    assert_eq!(last["tags"]["instructor.continues"], *ids[0]);
    assert_eq!(last["tags"]["mlflow.traceName"], "serve");
    // Calls count where they are: 88 of the 600.
    let usage = last["trace_metadata"]["mlflow.trace.tokenUsage"].as_str();
    assert!(
        usage.is_some_and(|usage| usage.contains("\"input_tokens\":52800,")),
        "{usage:?}"
    );
    assert_eq!(spans_in_file(&server).len(), 88 * 9 + 1);
}
