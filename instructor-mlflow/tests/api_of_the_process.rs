//! The functions that ask the server which traces of the process go to: one process, one pipeline.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use instructor_mlflow::TrackingError;
use serde_json::json;
use support::calls::{self, Dialect, Ending};
use support::scripted_server::{ScriptedServer, TRACES};

#[tokio::test]
async fn a_trace_that_waits_is_delivered_before_it_is_asked_for_again() {
    const GET: &str = "/api/3.0/mlflow/traces/get";
    let missing = json!({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Trace with ID tr-1 is not found."});
    let there = json!({"trace": {"trace_info": {"trace_id": "tr-1", "state": "OK"}}});
    let server = ScriptedServer::start()
        .reply(GET, 404, missing.to_string())
        .reply(GET, 200, there.to_string())
        .reply(GET, 404, missing.to_string())
        .reply(GET, 404, missing.to_string());
    let _mlflow = instructor_mlflow::autolog()
        .tracking_uri(server.uri())
        .init()
        .expect("the settings are valid");
    calls::email(Dialect::OpenAi, Ending::Accepted);

    let trace = instructor_mlflow::get_trace("tr-1").await.expect("it came");
    assert_eq!(trace.info.trace_id, "tr-1");
    let paths: Vec<String> = server
        .received()
        .into_iter()
        .map(|request| request.path)
        .collect();
    let delivered = paths.iter().position(|path| path == TRACES);
    let asked_again = paths.iter().rposition(|path| path == GET);
    assert!(delivered.is_some() && delivered < asked_again, "{paths:?}");

    let error = instructor_mlflow::get_trace("tr-1").await;
    let error = error.expect_err("it is gone");
    assert!(
        matches!(&error, TrackingError::TraceNotFound { waiting: None, .. }),
        "{error:?}"
    );
}
