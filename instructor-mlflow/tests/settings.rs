//! Settings that change what a server gets: workspaces, credentials in files, Databricks.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

mod support;

use std::env;
use std::fs;
use std::process::Command;
use std::time::Duration;

use instructor_mlflow::layer;
use serde_json::json;
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{FIND_EXPERIMENT, SPANS, ScriptedServer, TRACES, VERSION};
use support::traced;

const LONG: Duration = Duration::from_secs(20);

fn one_call() {
    calls::email(Dialect::OpenAi, Ending::Accepted);
}

/// The program of a test that needs an environment of its own: `test` of this file, run again with these variables.
fn run_again(test: &str, variables: &[(&str, &str)]) {
    let output = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", test, "--nocapture"])
        .env("INSTRUCTOR_TEST_INSIDE", test)
        .envs(variables.iter().copied())
        .output()
        .expect("it can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

/// Whether this is the program that [`run_again`] started for `test`; then it makes one call.
fn is_inside(test: &str) -> bool {
    let inside = env::var("INSTRUCTOR_TEST_INSIDE").is_ok_and(|name| name == test);
    if inside {
        let guard = traced(layer(), one_call);
        guard.flush(LONG).expect("the server is well");
        assert_eq!(guard.statistics().sent, 1);
    }
    inside
}

#[test]
fn every_request_names_the_workspace() {
    let server = ScriptedServer::start();
    let builder = layer()
        .tracking_uri(server.uri())
        .experiment("emails")
        .workspace("team-a");
    traced(builder, one_call)
        .flush(LONG)
        .expect("the server is well");
    let received = server.received();
    assert_eq!(received.len(), 4);
    for request in received {
        assert_eq!(request.headers["x-mlflow-workspace"], "team-a");
    }
}

#[test]
fn the_file_of_credentials_is_used() {
    if is_inside("the_file_of_credentials_is_used") {
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    fs::create_dir(home.path().join(".mlflow")).expect("a folder");
    fs::write(
        home.path().join(".mlflow/credentials"),
        "[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password = secret\n",
    )
    .expect("a file");
    let server = ScriptedServer::start();
    run_again(
        "the_file_of_credentials_is_used",
        &[
            ("HOME", &home.path().to_string_lossy()),
            ("MLFLOW_TRACKING_URI", &server.uri()),
        ],
    );
    let spans = &server.received_at(SPANS)[0];
    // ann:secret
    assert_eq!(spans.headers["authorization"], "Basic YW5uOnNlY3JldA==");
}

#[test]
fn a_databricks_workspace_gets_the_trace_and_its_storage_the_spans() {
    const TEST: &str = "a_databricks_workspace_gets_the_trace_and_its_storage_the_spans";
    if is_inside(TEST) {
        return;
    }
    for (kind, puts) in [
        ("AWS_PRESIGNED_URL", vec!["PUT /storage?signature=secret"]),
        ("AZURE_SAS_URI", vec!["PUT /storage?signature=secret"]),
        (
            "AZURE_ADLS_GEN2_SAS_URI",
            vec![
                "PUT /storage?signature=secret&resource=file",
                "PATCH /storage?signature=secret&action=append&position=0",
                "PATCH /storage?signature=secret&action=flush&position=",
            ],
        ),
    ] {
        let server = ScriptedServer::start();
        let signed = format!("{}/storage?signature=secret", server.uri());
        let place = json!({"credential_info": {
            "signed_uri": signed, "type": kind, "headers": [{"name": "x-storage", "value": "yes"}]}});
        // Storage turns the first one away.
        let server = server.reply_to_data_upload(place.to_string()).reply(
            "/storage",
            403,
            "the signature secret has expired",
        );
        run_again(
            TEST,
            &[
                ("MLFLOW_TRACKING_URI", "databricks"),
                ("MLFLOW_EXPERIMENT_NAME", "/Users/ann@example.com/emails"),
                ("DATABRICKS_HOST", &server.uri()),
                ("DATABRICKS_TOKEN", "secret-token"),
            ],
        );
        let received = server.received();
        assert!(received.iter().all(|request| request.path != VERSION));
        assert_eq!(received[0].path, FIND_EXPERIMENT);
        for request in received.iter().filter(|request| request.path != "/storage") {
            assert_eq!(request.headers["authorization"], "Bearer secret-token");
        }
        let started = server.received_at(TRACES);
        assert_eq!(
            started.len(),
            1,
            "it is known, also when storage was not ready"
        );
        let info = &started[0].json()["trace"]["trace_info"];
        assert_eq!(info["state"], "OK");
        let metadata = &info["trace_metadata"];
        assert!(
            metadata["mlflow.trace.cost"].is_string(),
            "nobody else knows: {metadata}"
        );

        let stored = server.received_at("/storage");
        let stored: Vec<_> = stored.iter().skip(1).collect();
        assert_eq!(stored.len(), puts.len());
        for (request, expected) in stored.iter().zip(puts) {
            let line = format!("{} {}", request.method, request.target);
            assert!(line.starts_with(expected), "{line}");
            assert!(!request.headers.contains_key("authorization"));
            assert_eq!(request.headers["x-storage"], "yes");
        }
        let content = stored.iter().find(|request| !request.body.is_empty());
        let spans = content.expect("the file").json()["spans"].clone();
        let spans = spans.as_array().expect("a list");
        assert_eq!(spans.len(), 9);
        assert_eq!(
            spans[0]["attributes"]["mlflow.traceRequestId"],
            info["trace_id"].to_string()
        );
    }
}

#[test]
fn credentials_that_are_put_right_are_used_without_a_restart() {
    const NAME: &str = "credentials_that_are_put_right_are_used_without_a_restart";
    let write = |home: &std::path::Path, password: &str| {
        fs::create_dir_all(home.join(".mlflow")).expect("a folder");
        let text = format!(
            "[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password = {password}\n"
        );
        fs::write(home.join(".mlflow/credentials"), text).expect("a file");
    };
    if env::var("INSTRUCTOR_TEST_INSIDE").is_ok_and(|name| name == NAME) {
        let home = env::var_os("HOME").expect("the other program sets it");
        let guard = traced(layer(), one_call);
        let error = guard.flush(LONG).expect_err("the password is wrong");
        assert!(error.reason.is_some_and(|reason| reason.contains("401")));
        assert_eq!(guard.statistics().spooled, 1);
        write(home.as_ref(), "hunter2!");
        guard.flush(LONG).expect("the password is right");
        assert_eq!(guard.statistics().sent, 1);
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    write(home.path(), "wrong");
    // ann:hunter2!
    let server = ScriptedServer::start().demand_authorization("Basic YW5uOmh1bnRlcjIh");
    run_again(
        NAME,
        &[
            ("HOME", &home.path().to_string_lossy()),
            ("MLFLOW_TRACKING_URI", &server.uri()),
        ],
    );
    assert_eq!(server.received_at(TRACES).len(), 1);
}

/// The server repeats what it was sent.
#[test]
fn credentials_that_were_read_again_are_not_shown_either() {
    const NAME: &str = "credentials_that_were_read_again_are_not_shown_either";
    let write = |home: &std::path::Path, token: &str| {
        fs::create_dir_all(home.join(".mlflow")).expect("a folder");
        let text = format!(
            "[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password = {token}\n"
        );
        fs::write(home.join(".mlflow/credentials"), text).expect("a file");
    };
    if env::var("INSTRUCTOR_TEST_INSIDE").is_ok_and(|name| name == NAME) {
        let home = env::var_os("HOME").expect("the other program sets it");
        let guard = traced(layer(), one_call);
        guard.flush(LONG).expect_err("the password is wrong");
        write(home.as_ref(), "secret!");
        let error = guard.flush(LONG).expect_err("the server is in trouble");
        let reason = error.reason.expect("the server gave one");
        assert!(reason.contains("who knows"), "{reason}");
        assert!(!reason.contains("secret"), "{reason}");
        return;
    }
    let home = tempfile::tempdir().expect("a folder");
    write(home.path(), "wrong");
    // ann:secret!
    let server = ScriptedServer::start()
        .demand_authorization("Basic YW5uOnNlY3JldCE=")
        .reply_all("/traces", 503, "who knows secret!");
    run_again(
        NAME,
        &[
            ("HOME", &home.path().to_string_lossy()),
            ("MLFLOW_TRACKING_URI", &server.uri()),
        ],
    );
}

#[test]
fn no_proxy_stands_before_a_server_on_this_machine() {
    const NAME: &str = "no_proxy_stands_before_a_server_on_this_machine";
    if is_inside(NAME) {
        // One that is not known to be here is asked through the proxy, so the variable counts.
        let directory = tempfile::tempdir().expect("a directory");
        let elsewhere = layer()
            .tracking_uri("http://no-such-host.invalid")
            .spool_dir(directory.path());
        let guard = traced(elsewhere, one_call);
        let error = guard.flush(LONG).expect_err("there is no proxy");
        assert!(
            error
                .reason
                .is_some_and(|reason| reason.contains("refused"))
        );
        return;
    }
    let server = ScriptedServer::start();
    let proxy = "http://127.0.0.1:1";
    run_again(
        NAME,
        &[
            ("MLFLOW_TRACKING_URI", &server.uri()),
            ("HTTP_PROXY", proxy),
            ("http_proxy", proxy),
            ("NO_PROXY", ""),
            ("no_proxy", ""),
        ],
    );
    assert_eq!(server.received_at(SPANS).len(), 1);
}
