//! What people read when traces do not arrive: on standard error, so each program is a process of its own.
#![allow(clippy::expect_used)] // A test may panic, its functions too.

mod support;

use std::process::Command;
use std::time::Duration;

use instructor_mlflow::{anthropic, layer, openai};
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{SPANS, ScriptedServer, TRACES, VERSION, dead_port};
use tracing_subscriber::layer::SubscriberExt;

/// Names the server to a program; without it, this is not the program's process.
const SERVER: &str = "INSTRUCTOR_TEST_PROGRAM_SERVER";

/// Not a test by itself: a program with two guards.
#[test]
fn program_with_autolog() {
    let Ok(uri) = std::env::var(SERVER) else {
        return;
    };
    let openai = openai::autolog().tracking_uri(uri).init();
    let _openai = openai.expect("no subscriber is installed yet");
    let anthropic = anthropic::autolog().init();
    let _anthropic = anthropic.expect("it is our own subscriber");
    calls::email(Dialect::OpenAi, Ending::Accepted);
    calls::email(Dialect::Anthropic, Ending::Accepted);
}

/// Not a test by itself: a program that prints events itself.
#[test]
fn program_with_a_subscriber() {
    let Ok(uri) = std::env::var(SERVER) else {
        return;
    };
    let (mlflow, _guard) = layer().tracking_uri(uri).build().expect("it is valid");
    let print = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    let subscriber = tracing_subscriber::registry().with(print).with(mlflow);
    tracing::subscriber::set_global_default(subscriber).expect("the first one");
    calls::email(Dialect::OpenAi, Ending::Accepted);
}

/// Not a test by itself: a program whose traces belong to a model.
#[test]
fn program_with_a_model() {
    let Ok(uri) = std::env::var(SERVER) else {
        return;
    };
    let autolog = openai::autolog().tracking_uri(uri).active_model("writer");
    let guard = autolog.init().expect("no subscriber is installed yet");
    for _ in 0..2 {
        calls::email(Dialect::OpenAi, Ending::Accepted);
        guard.flush(Duration::from_secs(20)).expect("they arrive");
    }
}

/// The lines that `program` writes to standard error.
#[track_caller]
fn said_by(program: &str, server: &str) -> Vec<String> {
    said_with(&[], program, server)
}

/// The same with these variables in its environment.
#[track_caller]
fn said_with(variables: &[(&str, &str)], program: &str, server: &str) -> Vec<String> {
    let this = std::env::current_exe().expect("it runs");
    let spool = tempfile::tempdir().expect("a directory");
    let output = Command::new(this)
        .args(["--exact", program, "--nocapture"])
        .env(SERVER, server)
        .env("MLFLOW_SPOOL_DIR", spool.path())
        .envs(variables.iter().copied())
        .output()
        .expect("it can be started");
    let said = String::from_utf8(output.stderr).expect("it is text");
    assert!(output.status.success(), "{said}");
    let spool = spool.path().display().to_string();
    let lines = said.lines();
    lines.map(|line| line.replace(&spool, "SPOOL")).collect()
}

fn refusing_server() -> ScriptedServer {
    (0..100).fold(ScriptedServer::start(), |server, _| {
        server.reply(VERSION, 401, "")
    })
}

#[track_caller]
fn assert_parts(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
}

#[test]
fn an_unreachable_server_is_said_once_with_the_cure_and_the_loss() {
    let server = support::scripted_server::uri(dead_port());
    let said = said_by("program_with_autolog", &server);
    let [outage, loss] = said.as_slice() else {
        panic!("two lines were expected: {said:#?}");
    };
    assert_parts(
        outage,
        &[
            &format!("instructor: no MLflow server can be reached at {server} ("),
            "refused",
            "calls go on and their traces wait",
            "start one with `mlflow server`, or set MLFLOW_TRACKING_URI",
        ],
    );
    assert_parts(
        loss,
        &[
            "instructor: 2 of 2 traces were not delivered to MLflow (2 still waiting in SPOOL for the next program \
             that sends to this server, 0 refused by the server, 0 dropped because there was no room; ",
            "refused",
        ],
    );
}

#[test]
fn wrong_credentials_are_said_once_with_the_variables_to_set() {
    let server = refusing_server();
    let said = said_by("program_with_autolog", &server.uri());
    let [refusal, loss] = said.as_slice() else {
        panic!("two lines were expected: {said:#?}");
    };
    assert_eq!(
        *refusal,
        format!(
            "instructor: the MLflow server at {} refuses the credentials (HTTP 401), so traces wait; set \
             MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to an account that may \
             write to the experiment; ~/.mlflow/credentials is read again before each try",
            server.uri()
        )
    );
    assert_eq!(
        loss,
        "instructor: 2 of 2 traces were not delivered to MLflow (2 still waiting in SPOOL for the next program that \
         sends to this server, 0 refused by the server, 0 dropped because there was no room; HTTP 401 Unauthorized)"
    );
}

#[test]
fn an_outage_is_said_once_and_so_is_its_end() {
    // Five in a row are an outage.
    let busy = |times| {
        (0..times).fold(ScriptedServer::start(), |server, _| {
            server.reply(SPANS, 503, "busy")
        })
    };
    let server = busy(6);
    let said = said_by("program_with_autolog", &server.uri());
    let [outage, end] = said.as_slice() else {
        panic!("two lines were expected: {said:#?}");
    };
    let expected = format!(
        "instructor: the MLflow server at {} does not answer (HTTP 503 Service Unavailable: busy); calls go on, and 2 \
         traces wait; it is tried again from time to time",
        server.uri()
    );
    assert_eq!(*outage, expected);
    assert_parts(
        end,
        &[&format!(
            "instructor: the MLflow server at {} takes traces again; ",
            server.uri()
        )],
    );
    let said = said_by("program_with_autolog", &busy(4).uri());
    assert!(said.is_empty(), "{said:#?}");
}

#[test]
fn a_server_without_logged_models_is_said_once() {
    let search = "/api/2.0/mlflow/logged-models/search";
    let server = ScriptedServer::start().reply(search, 404, "<!doctype html>");
    let said = said_by("program_with_a_model", &server.uri());
    let expected = format!(
        "instructor: the MLflow server at {} does not keep the active model, so traces arrive without it: it has no \
         logged models, which exist since MLflow 3.0",
        server.uri()
    );
    assert_eq!(said, [expected]);
}

#[test]
fn a_program_with_a_subscriber_gets_a_warning() {
    let server = refusing_server();
    let said = said_by("program_with_a_subscriber", &server.uri());
    let [warning, loss] = said.as_slice() else {
        panic!("two lines were expected: {said:#?}");
    };
    assert_parts(
        warning,
        &[" WARN ", "instructor::mlflow: ", "MLFLOW_TRACKING_TOKEN"],
    );
    assert_parts(loss, &["instructor: 1 of 1 traces were not delivered"]);
}

/// Not a test by itself: a program one of whose processors fails.
#[test]
fn program_with_a_processor_that_panics() {
    let Ok(uri) = std::env::var(SERVER) else {
        return;
    };
    let autolog = openai::autolog().tracking_uri(uri);
    let autolog = autolog.span_processor(|_| std::panic::resume_unwind(Box::new("of no interest")));
    let _guard = autolog.init().expect("no subscriber is installed yet");
    calls::email(Dialect::OpenAi, Ending::Accepted);
    calls::email(Dialect::OpenAi, Ending::Accepted);
}

#[test]
fn a_processor_that_panics_is_said_once() {
    let server = ScriptedServer::start();
    let said = said_by("program_with_a_processor_that_panics", &server.uri());
    let [warning] = said.as_slice() else {
        panic!("one line was expected: {said:#?}");
    };
    assert_parts(
        warning,
        &["a span processor panicked", "sent without its content"],
    );
}

/// Not a test by itself: a program whose calls arrive one after the other.
#[test]
fn program_with_two_batches() {
    let Ok(uri) = std::env::var(SERVER) else {
        return;
    };
    let guard = openai::autolog().tracking_uri(uri).init();
    let guard = guard.expect("no subscriber is installed yet");
    for _ in 0..2 {
        calls::email(Dialect::OpenAi, Ending::Accepted);
        let flushed = guard.flush(std::time::Duration::from_secs(20));
        flushed.expect("the server is well");
    }
}

#[test]
fn what_an_old_server_lacks_is_said_once() {
    for (version, parts) in [
        ("3.4.0", vec!["(MLflow 3.4)", "cannot be searched"]),
        (
            "2.22.5",
            vec!["(MLflow 2.22)", "traces have another id there"],
        ),
    ] {
        let server = ScriptedServer::of_version(version);
        let said = said_by("program_with_two_batches", &server.uri());
        let [limits] = said.as_slice() else {
            panic!("one line was expected: {said:#?}");
        };
        assert_parts(limits, &parts);
    }
}

#[test]
fn a_place_for_files_that_only_clients_reach_is_said_once() {
    let answer =
        r#"{"trace": {"trace_info": {"tags": {"mlflow.artifactLocation": "/srv/mlruns/0"}}}}"#;
    let server = ScriptedServer::of_version("3.4.0")
        .reply(TRACES, 200, answer)
        .reply(TRACES, 200, answer);
    let said = said_by("program_with_two_batches", &server.uri());
    let [_, place] = said.as_slice() else {
        panic!("two lines were expected: {said:#?}");
    };
    assert_parts(place, &["\"/srv/mlruns/0\"", "`--artifacts-destination`"]);
}

#[test]
fn a_place_that_takes_no_files_is_said_once_and_traces_arrive() {
    let server = ScriptedServer::start();
    let file = tempfile::NamedTempFile::new().expect("a file");
    let below = file.path().join("traces");
    let place = [("MLFLOW_SPOOL_DIR", below.to_str().expect("text"))];
    let said = said_with(&place, "program_with_two_batches", &server.uri());
    let [warning] = said.as_slice() else {
        panic!("one line was expected: {said:#?}");
    };
    let place = below.display().to_string();
    assert_parts(
        warning,
        &[&place, "they wait in memory", "MLFLOW_SPOOL_DIR"],
    );
    assert_eq!(server.received_at(TRACES).len(), 2);
}

#[test]
fn the_environment_sets_the_queue() {
    let server = support::scripted_server::uri(dead_port());
    let queue = [("MLFLOW_ASYNC_TRACE_LOGGING_MAX_QUEUE_SIZE", "1")];
    let said = said_with(&queue, "program_with_autolog", &server);
    let full = said.iter().any(|line| line.contains("(1 traces or"));
    assert!(full, "{said:#?}");
    let loss = said.last().expect("the loss is said");
    assert_parts(loss, &["1 dropped because there was no room"]);
}

#[test]
fn the_environment_sets_the_sample() {
    let server = ScriptedServer::start();
    let sample = |ratio| [("MLFLOW_TRACE_SAMPLING_RATIO", ratio)];
    let nothing: [String; 0] = [];
    let said = said_with(&sample("0.0"), "program_with_autolog", &server.uri());
    assert_eq!(said, nothing);
    assert_eq!(server.received_at(TRACES).len(), 0);
    let said = said_with(&sample("1"), "program_with_autolog", &server.uri());
    assert_eq!(said, nothing);
    assert_eq!(server.received_at(TRACES).len(), 2);
}
