//! The active model: what is asked of the server, and which traces carry it.
#![allow(clippy::expect_used, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::time::Duration;

use instructor_core::{ResponseModel as _, Schema};
use instructor_derive::ResponseModel;
use instructor_mlflow::{Guard, InitError, LayerBuilder, layer};
use serde::Deserialize;
use serde_json::{Value, json};
use support::calls::{self, Dialect};
use support::scripted_server::{ScriptedServer, TRACES};
use support::traced;

const LONG: Duration = Duration::from_secs(20);
const MODELS: &str = "/api/2.0/mlflow/logged-models";
const SEARCH: &str = "/api/2.0/mlflow/logged-models/search";
const MODEL: &str = "/api/2.0/mlflow/logged-models/m-1";

/// The subject of an email.
#[derive(Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code)]
struct Subject {
    #[validate(length(max = 60))]
    #[llm_validate("concise")]
    subject: String,
}

#[derive(Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code)]
struct Sender {
    name: String,
}

fn model(id: &str, status: &str) -> Value {
    json!({"info": {"model_id": id, "status": status, "artifact_uri": format!("mlflow-artifacts:/7/models/{id}/artifacts")}})
}

fn found(models: &[Value]) -> String {
    json!({"models": models}).to_string()
}

/// A server that has no model yet, and calls the first one `m-1`.
fn server() -> ScriptedServer {
    let new = model("m-1", "LOGGED_MODEL_PENDING");
    ScriptedServer::start()
        .reply(SEARCH, 200, "{}")
        .reply(SEARCH, 200, found(std::slice::from_ref(&new)))
        .reply(MODELS, 200, json!({"model": new}).to_string())
}

fn to(server: &ScriptedServer) -> LayerBuilder {
    layer()
        .tracking_uri(server.uri())
        .experiment("emails")
        .active_model("writer")
}

fn call(schema: &'static Schema) {
    calls::answered(Dialect::OpenAi, schema);
}

fn flush(guard: &Guard) {
    guard.flush(LONG).expect("the server is well");
    let statistics = guard.statistics();
    assert_eq!(statistics.sent, statistics.emitted, "{statistics:?}");
}

/// What the traces say of their model, in its own order: they arrive side by side.
fn models_of_traces(server: &ScriptedServer) -> Vec<Value> {
    let traces = server.received_at(TRACES).into_iter();
    let models = traces.map(|trace| {
        trace.json()["trace"]["trace_info"]["trace_metadata"]["mlflow.modelId"].clone()
    });
    let mut models: Vec<_> = models.collect();
    models.sort_by_key(Value::to_string);
    models
}

fn value<'a>(pairs: &'a Value, key: &str) -> &'a Value {
    let pairs = pairs.as_array().expect("a list");
    let found = pairs.iter().find(|pair| pair["key"] == key);
    found.map_or(&Value::Null, |pair| &pair["value"])
}

#[test]
fn a_model_that_is_not_there_is_created_once_from_what_defines_it() {
    let server = server();
    let guard = traced(to(&server), || {
        call(Subject::SCHEMA);
        call(Subject::SCHEMA);
    });
    flush(&guard);
    assert_eq!(models_of_traces(&server), ["m-1", "m-1"]);

    let created = server.received_at(MODELS);
    assert_eq!(created.len(), 1);
    let created = created[0].json();
    assert_eq!(created["experiment_id"], "7");
    assert_eq!(created["name"], "writer");
    let param = |key| value(&created["params"], key);
    assert_eq!(param("response_model"), "Subject");
    assert_eq!(param("description"), "The subject of an email.");
    assert_eq!(param("schema"), Subject::SCHEMA.standard());
    assert_eq!(param("rules"), "Subject.subject: length(max = 60)");
    assert_eq!(
        param("llm_rules"),
        r#"Subject.subject: llm_validate("concise")"#
    );
    assert_eq!(param("provider"), "openai");
    assert_eq!(param("model"), "gpt-4o");
    assert_eq!(param("mode"), "tools");
    assert_eq!(param("instructor_version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(param("schema_hash").as_str().map(str::len), Some(64));
    let tag = |key| value(&created["tags"], key);
    assert_eq!(tag("mlflow.model.isExternal"), "true");
    assert_eq!(tag("mlflow.note.content"), "The subject of an email.");
    assert!(tag("mlflow.source.name").is_string());

    let searched = server.received_at(SEARCH);
    let hash = tag("instructor.definition_hash").as_str().expect("a tag");
    assert_eq!(
        searched[0].json()["filter"],
        format!("name = 'writer' AND tags.`instructor.definition_hash` = '{hash}'")
    );
    let ready = server.received_at(MODEL);
    assert_eq!(ready.len(), 1);
    assert_eq!(
        ready[0].json(),
        json!({"model_id": "m-1", "status": "LOGGED_MODEL_READY"})
    );
}

#[test]
fn a_model_that_is_there_is_taken_as_it_is() {
    let there = model("m-9", "LOGGED_MODEL_READY");
    let server = ScriptedServer::start().reply(SEARCH, 200, found(&[there]));
    let guard = traced(to(&server), || call(Subject::SCHEMA));
    flush(&guard);
    assert_eq!(models_of_traces(&server), ["m-9"]);
    assert!(server.received_at(MODELS).is_empty());
}

#[test]
fn another_response_model_and_another_provider_are_other_versions() {
    let versions = ["m-1", "m-2", "m-3"].map(|id| model(id, "LOGGED_MODEL_READY"));
    let server = versions
        .iter()
        .fold(ScriptedServer::start(), |server, model| {
            server.reply(SEARCH, 200, found(std::slice::from_ref(model)))
        });
    let guard = traced(to(&server), || {
        call(Subject::SCHEMA);
        call(Sender::SCHEMA);
        calls::answered(Dialect::Anthropic, Subject::SCHEMA);
        call(Subject::SCHEMA);
    });
    flush(&guard);
    assert_eq!(models_of_traces(&server), ["m-1", "m-1", "m-2", "m-3"]);
}

#[test]
fn of_two_processes_that_create_at_the_same_moment_both_take_the_older() {
    let older = model("m-0", "LOGGED_MODEL_READY");
    let new = model("m-1", "LOGGED_MODEL_PENDING");
    let server = ScriptedServer::start()
        .reply(SEARCH, 200, "{}")
        .reply(SEARCH, 200, found(&[older, new.clone()]))
        .reply(MODELS, 200, json!({"model": new}).to_string());
    let guard = traced(to(&server), || call(Subject::SCHEMA));
    flush(&guard);
    assert_eq!(models_of_traces(&server), ["m-0"]);
    let deleted = server.received_at(MODEL);
    assert_eq!(deleted.len(), 1);
    assert!(deleted[0].body.is_empty(), "a DELETE");
}

#[tracing::instrument]
fn answer_mail() {
    call(Sender::SCHEMA);
    call(Subject::SCHEMA);
}

#[test]
fn the_trace_of_a_function_belongs_to_the_model_of_its_first_call() {
    let server = server();
    let guard = traced(to(&server), answer_mail);
    flush(&guard);
    assert_eq!(models_of_traces(&server), ["m-1"]);
    let created = server.received_at(MODELS)[0].json();
    assert_eq!(value(&created["params"], "response_model"), "Sender");
}

#[test]
fn a_server_without_logged_models_gets_the_traces_without() {
    let server = ScriptedServer::start().reply(SEARCH, 404, "<!doctype html>");
    let guard = traced(to(&server), || {
        call(Subject::SCHEMA);
        call(Subject::SCHEMA);
    });
    flush(&guard);
    assert_eq!(models_of_traces(&server), [Value::Null, Value::Null]);
    assert_eq!(server.received_at(SEARCH).len(), 1, "it is asked once");
}

#[test]
fn a_server_that_gives_no_answer_about_models_does_not_hold_the_traces_for_ever() {
    let server = (0..9).fold(ScriptedServer::start(), |server, _| {
        server.reply(SEARCH, 503, "")
    });
    let guard = traced(to(&server), || call(Subject::SCHEMA));
    flush(&guard);
    assert_eq!(models_of_traces(&server), [Value::Null]);
    assert_eq!(server.received_at(SEARCH).len(), 3);
}

#[test]
fn a_trace_waits_for_the_model_while_the_server_is_away() {
    let there = model("m-9", "LOGGED_MODEL_READY");
    let server = ScriptedServer::start()
        .reply(SEARCH, 503, "")
        .reply(SEARCH, 200, found(&[there]));
    let guard = traced(to(&server), || call(Subject::SCHEMA));
    flush(&guard);
    assert_eq!(models_of_traces(&server), ["m-9"]);
}

#[test]
fn a_name_that_the_server_would_refuse_is_an_error_at_once() {
    let outcome = layer()
        .active_model("a/b")
        .build::<tracing_subscriber::Registry>();
    assert!(matches!(
        outcome,
        Err(InitError::InvalidModelName { name }) if name == "a/b"
    ));
}
