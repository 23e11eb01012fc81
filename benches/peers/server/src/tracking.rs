//! An instant MLflow: takes every trace and keeps none, so that what a client does for tracing is all that is measured. Below
//! `/tracking/unavailable` it takes none.

use serde_json::{Value, json};
use server::response::http;

/// Where it stands in the tracking address.
const PREFIX: &[u8] = b"/tracking/";

/// The answers, made once.
pub(crate) struct Tracking {
    version: Vec<u8>,
    experiment: Vec<u8>,
    trace: Vec<u8>,
    spans: Vec<u8>,
}

impl Tracking {
    pub(crate) fn new() -> Self {
        let experiment = json!({"experiment": {"experiment_id": "1", "name": "bench", "lifecycle_stage": "active"}});
        let tags = json!([{"key": "mlflow.trace.spansLocation", "value": "TRACKING_STORE"}]);
        Tracking {
            version: b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 6\r\n\r\n3.17.2"
                .to_vec(),
            experiment: http("200 OK", &experiment),
            trace: http("200 OK", &json!({"trace": {"trace_info": {"tags": tags}}})),
            spans: b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n"
                .to_vec(),
        }
    }

    /// The answer to a request; `None` if it is not for this server.
    pub(crate) fn to(&self, head: &[u8]) -> Option<Vec<u8>> {
        let target = head.split(|byte| *byte == b' ').nth(1)?;
        let path = target.strip_prefix(PREFIX)?;
        let starts = |start: &str| path.starts_with(start.as_bytes());
        Some(if starts("unavailable/") {
            http("503 Service Unavailable", &Value::Null)
        } else if starts("version") {
            self.version.clone()
        } else if starts("v1/traces") {
            self.spans.clone()
        } else if starts("api/3.0/mlflow/traces") {
            self.trace.clone()
        } else if starts("api/2.0/mlflow/experiments/") {
            self.experiment.clone()
        } else {
            http("404 Not Found", &Value::Null)
        })
    }
}
