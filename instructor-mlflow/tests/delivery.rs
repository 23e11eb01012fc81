//! From a finished call to the requests that a tracking server gets, on good days and on bad ones.

mod support;

use std::net::TcpListener;
use std::thread;
use std::time::{Duration, Instant};

use instructor_mlflow::{Guard, LayerBuilder, Statistics, layer};
use serde_json::json;
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{
    CREATE_EXPERIMENT, FIND_EXPERIMENT, GET_EXPERIMENT, SPANS, ScriptedServer, TRACE_INFOS, TRACES,
    TRACES_V2, VERSION, dead_port, eventually,
};
use support::traced;
use tracing_subscriber::layer::SubscriberExt;

const LONG: Duration = Duration::from_secs(20);

fn one_call() {
    calls::email(Dialect::OpenAi, Ending::Accepted);
}

fn to(server: &ScriptedServer) -> LayerBuilder {
    layer().tracking_uri(server.uri()).experiment("emails")
}

#[track_caller]
fn check(guard: &Guard, emitted: u64, sent: u64, spooled: u64, dropped: u64, quarantined: u64) {
    let Statistics {
        emitted: all,
        sent: arrived,
        spooled: waiting,
        dropped: forgotten,
        quarantined: refused,
        bytes,
        oldest,
        ..
    } = guard.statistics();
    assert_eq!(
        (all, arrived, waiting, forgotten, refused),
        (emitted, sent, spooled, dropped, quarantined),
        "emitted, sent, spooled, dropped, quarantined"
    );
    assert_eq!(
        (bytes > 0, oldest.is_some()),
        (spooled > 0, spooled > 0),
        "something waits: {bytes} bytes, {oldest:?}"
    );
}

#[test]
fn a_call_becomes_spans_and_then_a_finished_trace() {
    let server = ScriptedServer::start();
    let guard = traced(to(&server), one_call);
    guard.flush(LONG).expect("the server is well");
    check(&guard, 1, 1, 0, 0, 0);

    let received = server.received();
    let paths: Vec<&str> = received
        .iter()
        .map(|request| request.path.as_str())
        .collect();
    assert_eq!(paths, [VERSION, FIND_EXPERIMENT, SPANS, TRACES]);
    assert_eq!(received[1].query, "experiment_name=emails");
    assert_eq!(received[2].headers["x-mlflow-experiment-id"], "7");
    assert_eq!(
        received[2].headers["content-type"],
        "application/x-protobuf"
    );

    let info = &received[3].json()["trace"]["trace_info"];
    assert_eq!(
        info["trace_location"]["mlflow_experiment"]["experiment_id"],
        "7"
    );
    assert_eq!(info["state"], "OK");
    assert_eq!(info["request_preview"], calls::PROMPT);
    let answer = json!({"recipient": "bob@example.com", "subject": calls::GOOD_SUBJECT});
    assert_eq!(info["response_preview"], answer.to_string());
    assert_eq!(info["tags"]["mlflow.traceName"], "create EmailSubject");
    let metadata = &info["trace_metadata"];
    assert_eq!(metadata["mlflow.trace_schema.version"], "3");
    assert_eq!(
        metadata["mlflow.trace.tokenUsage"],
        r#"{"input_tokens":600,"output_tokens":96,"total_tokens":696,"cache_read_input_tokens":256}"#
    );
}

#[test]
fn the_outcome_of_the_call_is_the_state_of_the_trace() {
    let server = ScriptedServer::start();
    let guard = traced(to(&server), || {
        calls::email(Dialect::OpenAi, Ending::Exhausted);
        calls::email(Dialect::OpenAi, Ending::Cancelled);
    });
    guard.flush(LONG).expect("the server is well");
    for request in server.received_at(TRACES) {
        assert_eq!(request.json()["trace"]["trace_info"]["state"], "ERROR");
    }
    check(&guard, 2, 2, 0, 0, 0);
}

#[test]
fn a_missing_experiment_is_created_once() {
    let server = ScriptedServer::start().reply(FIND_EXPERIMENT, 404, "{}");
    let guard = traced(to(&server), || {
        one_call();
        one_call();
    });
    guard.flush(LONG).expect("the server is well");
    let created = server.received_at(CREATE_EXPERIMENT);
    assert_eq!(created.len(), 1);
    assert_eq!(created[0].json(), json!({"name": "emails"}));
    assert_eq!(
        server.received_at(SPANS)[0].headers["x-mlflow-experiment-id"],
        "8"
    );
    assert_eq!(
        server.received_at(SPANS).len(),
        1,
        "two traces, one request"
    );
    check(&guard, 2, 2, 0, 0, 0);
}

#[test]
fn an_experiment_that_somebody_else_creates_meanwhile_is_used() {
    let server = ScriptedServer::start()
        .reply(FIND_EXPERIMENT, 404, "{}")
        .reply(
            CREATE_EXPERIMENT,
            400,
            r#"{"error_code":"RESOURCE_ALREADY_EXISTS"}"#,
        );
    let guard = traced(to(&server), one_call);
    guard.flush(LONG).expect("the server is well");
    assert_eq!(
        server.received_at(SPANS)[0].headers["x-mlflow-experiment-id"],
        "7"
    );
    check(&guard, 1, 1, 0, 0, 0);
}

#[test]
fn traces_wait_for_an_experiment_in_the_trash_until_it_is_restored() {
    let in_the_trash = r#"{"experiment": {"experiment_id": "7", "lifecycle_stage": "deleted"}}"#;
    let server = ScriptedServer::start().reply_all(FIND_EXPERIMENT, 200, in_the_trash);
    let guard = traced(to(&server), || {
        one_call();
        one_call();
    });
    let error = guard.flush(LONG).expect_err("there is no place for them");
    let reason = error.reason.unwrap_or_default();
    assert!(reason.contains("is deleted: restore it"), "{reason}");
    check(&guard, 2, 0, 2, 0, 0);
    assert!(server.received_at(CREATE_EXPERIMENT).is_empty());
    assert!(server.received_at(SPANS).is_empty());
    server.heal();
    guard.flush(LONG).expect("it is restored");
    check(&guard, 2, 2, 0, 0, 0);
}

#[test]
fn an_experiment_that_was_deleted_meanwhile_is_looked_up_again() {
    let server = ScriptedServer::start().reply(
        SPANS,
        404,
        r#"{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"No Experiment with id=7 exists"}"#,
    );
    let guard = traced(to(&server), one_call);
    guard.flush(LONG).expect("the second try succeeds");
    assert_eq!(server.received_at(FIND_EXPERIMENT).len(), 2);
    check(&guard, 1, 1, 0, 0, 0);
}

#[test]
fn an_experiment_that_is_deleted_meanwhile_is_no_fault_of_the_traces() {
    let stage = |stage| {
        json!({"experiment": {
            "experiment_id": "7", "lifecycle_stage": stage, "artifact_location": ""}})
        .to_string()
    };
    let by_name = |builder: LayerBuilder| builder.experiment("emails");
    let by_number = |builder: LayerBuilder| builder;
    for configure in [by_name, by_number] {
        let server = ScriptedServer::start()
            .reply(FIND_EXPERIMENT, 200, stage("active"))
            .reply_all(SPANS, 400, "INVALID_PARAMETER_VALUE: state is deleted")
            .reply_all(FIND_EXPERIMENT, 200, stage("deleted"))
            .reply_all(GET_EXPERIMENT, 200, stage("deleted"));
        let builder = configure(layer().tracking_uri(server.uri()));
        let guard = traced(builder, one_call);
        let error = guard.flush(LONG).expect_err("there is no place for it");
        let reason = error.reason.unwrap_or_default();
        assert!(reason.contains("is deleted: restore it"), "{reason}");
        check(&guard, 1, 0, 1, 0, 0);
        server.heal();
        guard.flush(LONG).expect("it is restored");
        check(&guard, 1, 1, 0, 0, 0);
    }
}

#[test]
fn an_internal_error_is_tried_again() {
    let server = ScriptedServer::start()
        .reply(SPANS, 500, "database is locked")
        .reply(TRACES, 503, "busy");
    let guard = traced(to(&server), one_call);
    guard.flush(LONG).expect("the second try succeeds");
    let [refused, accepted] = server
        .received_at(SPANS)
        .try_into()
        .expect("spans that arrived are not sent again");
    assert_eq!(refused.body, accepted.body);
    assert_eq!(server.received_at(TRACES).len(), 2);
    check(&guard, 1, 1, 0, 0, 0);
}

#[test]
fn an_outage_uses_up_none_of_the_tries_after_an_internal_error() {
    // As many as an internal error is repeated, and one.
    let mut server = ScriptedServer::start();
    for _ in 0..8 {
        server = server.reply(SPANS, 503, "starting");
    }
    let server = server.reply(SPANS, 500, "database is locked");
    let guard = traced(to(&server), one_call);
    eventually("the outage is over", || guard.flush(LONG).is_ok());
    check(&guard, 1, 1, 0, 0, 0);
    assert_eq!(server.received_at(SPANS).len(), 10);
}

#[test]
fn what_is_refused_only_together_arrives_in_parts() {
    let server = ScriptedServer::start()
        .reply(SPANS, 422, "bad span")
        .reply(SPANS, 422, "bad span");
    let guard = traced(to(&server), || {
        one_call();
        one_call();
    });
    guard.flush(LONG).expect("everything is settled");
    check(&guard, 2, 2, 0, 0, 0);
}

/// The name of the one span that a server refuses whatever is sent with it.
fn a_span_of_mine() {
    tracing::info_span!("my function", secret = "unbearable").in_scope(one_call);
}

#[test]
fn a_span_that_is_refused_is_a_stub_and_all_others_arrive() {
    for status in [400, 413, 422, 500] {
        let server = ScriptedServer::start().refuse_containing("unbearable", status);
        let guard = traced(to(&server), || {
            one_call();
            a_span_of_mine();
            one_call();
        });
        guard.flush(LONG).expect("everything is settled");
        // The call below the function is a frame of its own.
        check(&guard, 4, 3, 0, 0, 1);
        let spans = server.spans();
        let stubs: Vec<_> = spans
            .iter()
            .filter(|span| span.attribute("instructor.withheld").is_some())
            .collect();
        let [stub] = stubs.as_slice() else {
            panic!("{status}: one stub is expected: {stubs:#?}");
        };
        assert_eq!(stub.name, "my function");
        assert!(stub.parent_span_id.is_empty());
        assert!(stub.start_time_unix_nano > 0 && stub.end_time_unix_nano > 0);
        let reason = stub.attribute("instructor.withheld").unwrap_or_default();
        assert!(reason.contains(&status.to_string()), "{reason}");
        // Every parent is there.
        for span in &spans {
            let parent = &span.parent_span_id;
            let is_there = |other: &support::scripted_server::Span| other.span_id == *parent;
            assert!(parent.is_empty() || spans.iter().any(is_there), "{span:?}");
        }
        assert_eq!(spans.len(), 3 * 9 + 1);
        assert_eq!(server.received_at(TRACES).len(), 3, "all are completed");
    }
}

#[test]
fn a_frame_that_is_refused_whatever_is_left_of_it_is_in_nobodys_way() {
    // The name stays on a stub.
    let server = ScriptedServer::start().refuse_containing("my function", 500);
    let guard = traced(to(&server), || {
        a_span_of_mine();
        one_call();
    });
    guard.flush(LONG).expect("everything is settled");
    check(&guard, 3, 2, 0, 0, 1);
}

#[test]
fn internal_errors_for_everything_are_the_fault_of_the_server() {
    let server = ScriptedServer::start().reply_all(SPANS, 500, "disk full");
    let guard = traced(to(&server), || {
        one_call();
        one_call();
    });
    let error = guard.flush(LONG).expect_err("nothing is taken");
    assert!(error.reason.is_some_and(|reason| reason.contains("500")));
    check(&guard, 2, 0, 2, 0, 0);
    server.heal();
    guard.flush(LONG).expect("there is room again");
    check(&guard, 2, 2, 0, 0, 0);
}

#[test]
fn a_single_trace_waits_too_while_a_server_has_nothing_but_internal_errors() {
    let waits = |version, ending, layer: LayerBuilder| {
        let server = ScriptedServer::of_version(version)
            .reply_to_unknown_traces()
            .reply_all(ending, 500, "disk full");
        let guard = traced(layer.tracking_uri(server.uri()), one_call);
        let flushed = guard.flush(LONG);
        let reason = flushed.err().and_then(|error| error.reason);
        assert!(
            reason.is_some_and(|reason| reason.contains("500")),
            "{version}, {ending:?}: {:?}",
            guard.statistics()
        );
        check(&guard, 1, 0, 1, 0, 0);
        server.heal();
        guard.flush(LONG).expect("the server is well");
        check(&guard, 1, 1, 0, 0, 0);
    };
    thread::scope(|scope| {
        for (version, ending) in [
            ("3.17.2", VERSION),
            ("3.17.2", SPANS),
            ("3.17.2", ""),
            ("3.4.0", TRACES),
            ("3.4.0", ""),
            ("2.14.1", TRACES_V2),
            ("2.14.1", ""),
        ] {
            // The experiment that every server has is not asked for.
            scope.spawn(move || waits(version, ending, layer()));
            scope.spawn(move || waits(version, ending, layer().experiment("emails")));
        }
    });
}

#[test]
fn what_waits_for_its_root_does_not_speak_for_a_server_with_internal_errors() {
    let server = ScriptedServer::of_version("3.4.0")
        .reply_to_unknown_traces()
        .reply_all(TRACES, 500, "disk full");
    let (layer, guard) = to(&server).build().expect("it is valid");
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        one_call();
        guard.flush(LONG).expect_err("nothing is taken");
        tracing::info_span!("serve").in_scope(|| {
            one_call();
            // It is company for the first one, and is held.
            let tries = server.received_at(TRACES).len();
            eventually("it is tried again", || {
                server.received_at(TRACES).len() > tries + 1
            });
            check(&guard, 2, 0, 2, 0, 0);
            server.heal();
        });
    });
    guard.flush(LONG).expect("the server is well");
    check(&guard, 3, 3, 0, 0, 0);
}

#[test]
fn a_trace_whose_info_is_refused_is_completed_without_what_the_program_said() {
    let server = ScriptedServer::start().reply(TRACES, 400, "bad tag");
    let guard = traced(to(&server), one_call);
    guard.flush(LONG).expect("everything is settled");
    check(&guard, 1, 0, 0, 0, 1);
    let [refused, bare] = server
        .received_at(TRACES)
        .try_into()
        .expect("one that is refused, and one that is not");
    let info = |request: &support::scripted_server::Received| {
        request.json()["trace"]["trace_info"].clone()
    };
    let (refused, bare) = (info(&refused), info(&bare));
    for key in ["trace_id", "state", "request_time", "execution_duration"] {
        assert_eq!(refused[key], bare[key], "{key}");
    }
    assert!(bare.get("request_preview").is_none());
    let reason = bare["tags"]["instructor.withheld"].as_str();
    assert!(reason.is_some_and(|reason| reason.contains("bad tag")));
    assert!(!bare.to_string().contains("bob@example.com"), "{bare}");
}

#[test]
fn two_requests_are_under_way_and_a_trace_keeps_its_order() {
    let server = ScriptedServer::start().delay(SPANS, Duration::from_millis(200));
    let guard = traced(to(&server), || {
        // Each is two frames.
        for number in 0..50 {
            tracing::info_span!("answer", number).in_scope(one_call);
        }
    });
    guard.flush(LONG).expect("the server is well");
    check(&guard, 100, 100, 0, 0, 0);
    assert_eq!(server.most_delayed(), 2);
    // The function closes last, and travels last.
    let mut finished = std::collections::HashSet::new();
    for span in server.spans() {
        assert!(!finished.contains(&span.trace()), "{span:?}");
        if span.name == "answer" {
            finished.insert(span.trace());
        }
    }
    assert_eq!(finished.len(), 50);
}

#[test]
fn a_body_that_is_too_long_is_sent_in_shorter_ones() {
    let server = ScriptedServer::start().longest_body(64 * 1024);
    let guard = traced(to(&server), || (0..16).for_each(|_| one_call()));
    guard.flush(LONG).expect("everything is settled");
    check(&guard, 16, 16, 0, 0, 0);
    let (tries, traces) = (server.received_at(SPANS).len(), server.received_at(TRACES));
    assert_eq!(traces.len(), 16);
    assert!(tries < 2 * 16, "{tries} requests for 16 traces");
}

#[test]
fn what_a_server_takes_and_forgets_is_sent_again_if_it_is_asked_for() {
    for (losses, sent, quarantined, requests) in [(0, 2, 0, 1), (2, 2, 0, 3), (9, 0, 2, 4)] {
        let server = ScriptedServer::start().lose_spans(losses);
        let guard = traced(to(&server).verify_delivery(true), || {
            one_call();
            one_call();
        });
        guard.flush(LONG).expect("everything is settled");
        check(&guard, 2, sent, 0, 0, quarantined);
        assert_eq!(server.received_at(SPANS).len(), requests);
        assert_eq!(server.received_at(TRACE_INFOS).len(), requests);
        assert_eq!(server.spans().len(), 9 * sent as usize);
    }
    // It is not asked unless that is wanted.
    let server = ScriptedServer::start().lose_spans(1);
    let guard = traced(to(&server), one_call);
    guard.flush(LONG).expect("it says so");
    assert!(server.received_at(TRACE_INFOS).is_empty());
}

#[test]
fn an_older_server_is_asked_for_each_trace() {
    let server = ScriptedServer::of_version("3.6.0").reply(TRACE_INFOS, 404, "<html>");
    let guard = traced(to(&server).verify_delivery(true), one_call);
    guard.flush(LONG).expect("the server is well");
    check(&guard, 1, 1, 0, 0, 0);
    let trace = server.spans()[0].trace();
    assert_eq!(server.received_at(&format!("{TRACES}/{trace}")).len(), 1);
}

#[test]
fn wrong_credentials_keep_traces_and_never_ask_in_a_hot_loop() {
    let server = ScriptedServer::start().reply_all(VERSION, 401, "");
    let begin = Instant::now();
    let mut calls = 0;
    let guard = traced(to(&server), || {
        while begin.elapsed() < Duration::from_secs(1) {
            one_call();
            calls += 1;
            std::thread::sleep(Duration::from_millis(20));
        }
    });
    // One at once, one after the first pause of at least half a second, and the next pause is twice as long.
    let asked = server.received().len();
    assert!((1..=2).contains(&asked), "{asked} requests in a second");
    let error = guard.flush(LONG).expect_err("nobody mends it");
    assert!(error.reason.is_some_and(|reason| reason.contains("401")));
    check(&guard, calls, 0, calls, 0, 0);
    server.heal();
    guard.flush(LONG).expect("the account may write now");
    check(&guard, calls, calls, 0, 0, 0);
}

#[test]
fn a_server_that_sends_elsewhere_gets_nothing_and_keeps_the_credentials_here() {
    let right = ScriptedServer::start();
    let server = ScriptedServer::start().redirect_to(right.uri());
    let uri = server.uri().replace("http://", "http://ann:hunter2@");
    let guard = traced(layer().tracking_uri(uri), one_call);
    let error = guard.flush(LONG).expect_err("the address is wrong");
    let reason = error.reason.unwrap_or_default();
    assert!(reason.contains(&right.uri()), "{reason}");
    check(&guard, 1, 0, 1, 0, 0);
    assert!(right.received().is_empty());
}

#[test]
fn a_pause_that_the_server_asks_for_is_made_even_in_a_flush() {
    for after in ["1", "date"] {
        let server = ScriptedServer::start()
            .reply(SPANS, 503, "busy")
            .retry_after(after);
        let guard = traced(to(&server), one_call);
        eventually("the pause is over", || guard.flush(LONG).is_ok());
        let [first, second] = server
            .received_at(SPANS)
            .try_into()
            .expect("no try in between");
        let pause = second.at - first.at;
        // A date has no fractions of a second.
        let least = if after == "1" { 1000 } else { 500 };
        assert!(pause >= Duration::from_millis(least), "{after}: {pause:?}");
        check(&guard, 1, 1, 0, 0, 0);
    }
}

#[test]
fn traces_wait_for_a_server_that_comes_back() {
    let port = dead_port();
    let builder = layer().tracking_uri(support::scripted_server::uri(port));
    let guard = traced(builder, one_call);
    let error = guard
        .flush(Duration::from_millis(500))
        .expect_err("nobody listens");
    assert_eq!(error.statistics.spooled, 1);
    assert!(error.to_string().contains("1 of 1"), "{error}");
    check(&guard, 1, 0, 1, 0, 0);

    let server = ScriptedServer::start_at(port);
    guard.flush(LONG).expect("the server is back");
    check(&guard, 1, 1, 0, 0, 0);
    assert_eq!(server.received_at(TRACES).len(), 1);
}

#[test]
fn a_full_queue_drops_the_newest_and_counts_them() {
    let uri = support::scripted_server::uri(dead_port());
    let guard = traced(layer().tracking_uri(uri).queue_capacity(2), || {
        (0..5).for_each(|_| one_call());
    });
    check(&guard, 5, 0, 2, 3, 0);
}

#[test]
fn dropping_the_guard_does_not_wait_long_for_a_dead_server() {
    let uri = support::scripted_server::uri(dead_port());
    let guard = traced(layer().tracking_uri(uri), one_call);
    let begin = Instant::now();
    drop(guard);
    let waited = begin.elapsed();
    assert!(waited < Duration::from_secs(6), "{waited:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn dropping_the_guard_does_not_wait_long_where_nothing_answers() {
    let (port, _kept) = support::scripted_server::mute_port();
    let guard = traced(
        layer().tracking_uri(support::scripted_server::uri(port)),
        one_call,
    );
    let begin = Instant::now();
    guard.flush(LONG).expect_err("nobody answers");
    let first = begin.elapsed();
    drop(guard);
    let second = begin.elapsed() - first;
    // The first has to find out.
    assert!(first < Duration::from_millis(6500), "{first:?}");
    assert!(second < Duration::from_millis(3500), "{second:?}");
}

#[test]
fn a_flush_is_patient_with_a_server_that_has_come_back() {
    let port = dead_port();
    let builder = layer().tracking_uri(support::scripted_server::uri(port));
    let guard = traced(builder, one_call);
    guard
        .flush(Duration::from_millis(500))
        .expect_err("nobody listens");
    let server = ScriptedServer::start_at(port).delay(SPANS, Duration::from_secs(4));
    guard.flush(LONG).expect("it loads its price list first");
    assert_eq!(server.received_at(TRACES).len(), 1);
}

#[test]
fn dropping_the_guard_waits_no_longer_than_told_for_a_silent_server() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let uri = format!("http://{}", silent.local_addr().expect("bound"));
    let builder = layer()
        .tracking_uri(uri)
        .flush_timeout(Duration::from_millis(400));
    let guard = traced(builder, one_call);
    let begin = Instant::now();
    drop(guard);
    let waited = begin.elapsed();
    assert!(
        (Duration::from_millis(400)..Duration::from_secs(3)).contains(&waited),
        "{waited:?}"
    );
}

#[test]
fn a_caller_never_waits_for_the_server() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let uri = format!("http://{}", silent.local_addr().expect("bound"));
    let builder = layer().tracking_uri(uri).flush_timeout(Duration::ZERO);
    let begin = Instant::now();
    let guard = traced(builder, || (0..100).for_each(|_| one_call()));
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    check(&guard, 100, 0, 100, 0, 0);
}

#[tracing::instrument(skip_all, ret, err, fields(sender = "ann", session.id = "session-9"))]
fn answer_mail(server: &ScriptedServer, fail: bool) -> Result<u32, std::fmt::Error> {
    one_call();
    // The call does not wait for this function to end.
    eventually("the spans of the call arrive", || {
        !server.received_at(SPANS).is_empty()
    });
    assert!(server.received_at(TRACES).is_empty());
    tracing::error!(error = "busy", "what a function logs is not its outcome");
    one_call();
    if fail { Err(std::fmt::Error) } else { Ok(2) }
}

#[test]
fn a_function_around_calls_is_the_root_of_their_trace() {
    for (fail, state) in [(false, "OK"), (true, "ERROR")] {
        let server = ScriptedServer::start();
        let guard = traced(to(&server), || {
            let _ = answer_mail(&server, fail);
        });
        guard.flush(LONG).expect("the server is well");
        check(&guard, 3, 3, 0, 0, 0);
        let finished = server.received_at(TRACES);
        assert_eq!(finished.len(), 1, "two calls, one trace");
        let info = &finished[0].json()["trace"]["trace_info"];
        assert_eq!(info["state"], state);
        assert_eq!(info["tags"]["mlflow.traceName"], "answer_mail");
        assert_eq!(info["request_preview"], r#"{"sender":"ann"}"#);
        assert_eq!(info["trace_metadata"]["mlflow.trace.session"], "session-9");
        let usage = info["trace_metadata"]["mlflow.trace.tokenUsage"].as_str();
        assert!(
            usage.is_some_and(|usage| usage.contains("\"input_tokens\":1200,")),
            "{usage:?}"
        );
        let response = info
            .get("response_preview")
            .and_then(|preview| preview.as_str());
        assert_eq!(response, (!fail).then_some("2"));
    }
}

#[test]
fn functions_without_calls_are_not_sent() {
    let server = ScriptedServer::start();
    let guard = traced(to(&server), || {
        tracing::info_span!("query", table = "users").in_scope(|| {});
    });
    check(&guard, 0, 0, 0, 0, 0);
}

#[test]
fn credentials_are_sent_and_never_shown() {
    let server = ScriptedServer::start();
    let uri = server.uri().replace("http://", "http://ann:hunter2%21@");
    let (layer, guard) = layer().tracking_uri(uri).build().expect("valid");
    let shown = format!("{guard:?} {layer:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    let subscriber = {
        use tracing_subscriber::layer::SubscriberExt;
        tracing_subscriber::registry().with(layer)
    };
    tracing::subscriber::with_default(subscriber, one_call);
    guard.flush(LONG).expect("the server is well");
    for request in server.received() {
        // ann:hunter2!
        assert_eq!(request.headers["authorization"], "Basic YW5uOmh1bnRlcjIh");
    }
}

#[test]
fn a_prompt_of_40_mebibytes_is_shortened_and_arrives() {
    let server = ScriptedServer::start();
    let directory = tempfile::tempdir().expect("a directory");
    let guard = traced(to(&server).spool_dir(directory.path()), || {
        let prompt = instructor_core::Message::user("0123456789".repeat(4 * 1024 * 1024));
        calls::email_to(Dialect::OpenAi, Ending::Accepted, vec![prompt]);
    });
    guard.flush(LONG).expect("the server is well");
    check(&guard, 1, 1, 0, 0, 0);
    let spans = server.spans();
    let shortened: Vec<_> = spans
        .iter()
        .filter(|it| it.has("instructor.shortened"))
        .collect();
    assert_eq!(shortened.len(), 1, "the others are whole");
    assert_eq!(shortened[0].name, "create EmailSubject");
    let info = &server.received_at(TRACES)[0].json()["trace"]["trace_info"];
    assert_eq!(info["state"], "OK");
}
