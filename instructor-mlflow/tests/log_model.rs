//! `log_model` says what happened and what to do. It writes to where the process writes, so this is one test.
#![allow(clippy::expect_used, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::collections::HashMap;

use instructor_derive::ResponseModel;
use instructor_mlflow::{
    InitError, LogModel, LoggedModel, ModelError, log_model, set_experiment, set_tracking_uri,
};
use serde::Deserialize;
use serde_json::{Value, json};
use support::scripted_server::{ScriptedServer, dead_port};

const MODELS: &str = "/api/2.0/mlflow/logged-models";
const SEARCH: &str = "/api/2.0/mlflow/logged-models/search";
const MODEL: &str = "/api/2.0/mlflow/logged-models/m-1";
const MANIFEST: &str = "/api/2.0/mlflow-artifacts/artifacts/7/models/m-1/artifacts/MLmodel";
const SCHEMA: &str = "/api/2.0/mlflow-artifacts/artifacts/7/models/m-1/artifacts/schema.json";

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
#[allow(dead_code)]
struct Subject {
    subject: String,
}

fn server(artifact_uri: &str) -> ScriptedServer {
    let info =
        json!({"model_id": "m-1", "artifact_uri": artifact_uri, "status": "LOGGED_MODEL_PENDING"});
    ScriptedServer::start().reply(SEARCH, 200, "{}").reply(
        MODELS,
        200,
        json!({"model": {"info": info}}).to_string(),
    )
}

const PROXIED: &str = "mlflow-artifacts:/7/models/m-1/artifacts";

async fn logged_by(
    server: &ScriptedServer,
    model: LogModel<Subject>,
) -> Result<LoggedModel, ModelError> {
    set_tracking_uri(server.uri()).expect("it is valid");
    model.await
}

fn status(server: &ScriptedServer) -> Value {
    let concluded = server.received_at(MODEL);
    assert_eq!(concluded.len(), 1);
    concluded[0].json()["status"].clone()
}

#[tokio::test]
async fn a_model_is_logged_with_its_files_or_the_error_says_what_to_do() {
    set_experiment("emails").expect("it is valid");

    // All is well.
    let well = server(PROXIED);
    let model = log_model::<Subject>("writer").input_example("Write to Bob");
    let logged = logged_by(&well, model).await.expect("all is well");
    assert_eq!(
        (logged.id.as_str(), logged.name.as_str()),
        ("m-1", "writer")
    );
    assert_eq!(logged.uri(), "models:/m-1");
    assert_eq!(logged.experiment_id, "7");
    assert_eq!(status(&well), "LOGGED_MODEL_READY");
    let manifest = well.received_at(MANIFEST)[0].json();
    let flavor = &manifest["flavors"]["instructor"];
    assert_eq!(flavor["response_model"], "Subject");
    assert_eq!(flavor["provider"], Value::Null, "no client was named");
    assert_eq!(well.received_at(SCHEMA).len(), 1);

    // A name, and an example, that cannot be used.
    let error = log_model::<Subject>("a/b").await;
    assert!(matches!(
        error,
        Err(ModelError::Settings(InitError::InvalidModelName { name })) if name == "a/b"
    ));
    let no_json = HashMap::from([((1, 2), 3)]);
    let error = log_model::<Subject>("writer").input_example(no_json).await;
    assert!(matches!(error, Err(ModelError::Example(_))), "{error:?}");

    // A server without logged models.
    let old = ScriptedServer::start().reply(SEARCH, 404, "<!doctype html>");
    let error = logged_by(&old, log_model("writer")).await;
    assert!(
        matches!(&error, Err(ModelError::Unsupported { reason, .. }) if reason.contains("3.0"))
    );
    assert!(old.received_at(MODELS).is_empty());

    // Credentials.
    let strict = ScriptedServer::start().reply(SEARCH, 403, "");
    let error = logged_by(&strict, log_model("writer")).await;
    assert!(
        matches!(error, Err(ModelError::Unauthorized { status: 403, .. })),
        "{error:?}"
    );

    // Files elsewhere, and a file that cannot be stored: the model says so, too.
    let elsewhere = server("s3://bucket/7/models/m-1/artifacts");
    let error = logged_by(&elsewhere, log_model("writer"))
        .await
        .expect_err("S3");
    assert!(error.to_string().contains("s3://bucket"), "{error}");
    assert_eq!(status(&elsewhere), "LOGGED_MODEL_UPLOAD_FAILED");
    let full = server(PROXIED).reply(SCHEMA, 500, "no space left");
    let error = logged_by(&full, log_model("writer"))
        .await
        .expect_err("full");
    assert!(matches!(&error, ModelError::Upload { file, .. } if file == "schema.json"));
    assert!(error.to_string().contains("no space left"), "{error}");
    assert_eq!(status(&full), "LOGGED_MODEL_UPLOAD_FAILED");

    // Nobody there.
    set_tracking_uri(support::scripted_server::uri(dead_port())).expect("it is valid");
    let error = log_model::<Subject>("writer").await.expect_err("nobody");
    assert!(matches!(error, ModelError::Unavailable { .. }), "{error:?}");
}
