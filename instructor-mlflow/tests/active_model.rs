//! `set_active_model` is of the whole process, so this test is alone in its own.
#![allow(clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::time::Duration;

use instructor_mlflow::{
    InitError, clear_active_model, layer, set_active_model, set_active_model_id,
};
use serde_json::json;
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{ScriptedServer, TRACES};
use tracing_subscriber::layer::SubscriberExt;

#[test]
fn traces_belong_to_the_model_that_was_active_when_their_call_ended() {
    let search = "/api/2.0/mlflow/logged-models/search";
    let model = json!({"info": {"model_id": "m-9", "status": "LOGGED_MODEL_READY", "artifact_uri": "s3://b"}});
    let server = ScriptedServer::start().reply(search, 200, json!({"models": [model]}).to_string());
    let refused = set_active_model("50%");
    assert!(matches!(refused, Err(InitError::InvalidModelName { .. })));
    set_active_model("writer").expect("it is valid, and tracing is not on yet");

    let builder = layer().tracking_uri(server.uri());
    let (layer, guard) = builder.build().expect("the settings are valid");
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let call = || calls::email(Dialect::OpenAi, Ending::Accepted);
        call();
        set_active_model_id("m-2").expect("valid");
        call();
        clear_active_model().expect("valid");
        call();
        set_active_model("writer").expect("valid");
        call();
    });
    guard
        .flush(Duration::from_secs(20))
        .expect("the server is well");

    // Several requests are on their way at once, so they arrive in any order.
    let traces = server.received_at(TRACES).into_iter();
    let models = traces.map(|trace| {
        trace.json()["trace"]["trace_info"]["trace_metadata"]["mlflow.modelId"].to_string()
    });
    let mut models: Vec<String> = models.collect();
    models.sort();
    assert_eq!(models, ["\"m-2\"", "\"m-9\"", "\"m-9\"", "null"]);
    assert_eq!(
        server.received_at(search).len(),
        1,
        "what is known is not asked again"
    );
}
