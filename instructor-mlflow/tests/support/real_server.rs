//! A real MLflow server, and MLflow's own Python client to read back what users see.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// Its address; `None`, with the reason printed, if there is none.
pub fn server() -> Option<String> {
    let uri = std::env::var("INSTRUCTOR_TEST_MLFLOW_URI").ok();
    if uri.is_none() {
        println!("skipped: INSTRUCTOR_TEST_MLFLOW_URI names no MLflow server");
    }
    uri
}

/// What MLflow's Python client prints when it runs `script`; `None`, with the reason printed, if there is none.
pub fn python(uri: &str, script: &str, arguments: &[&str]) -> Option<Value> {
    let Ok(python) = std::env::var("INSTRUCTOR_TEST_PYTHON") else {
        println!("skipped in part: INSTRUCTOR_TEST_PYTHON names no Python with MLflow");
        return None;
    };
    let output = Command::new(python)
        .args(["-c", script])
        .args(arguments)
        .env("MLFLOW_TRACKING_URI", uri)
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True")
        .env("MLFLOW_DISABLE_TELEMETRY", "true")
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.trim().lines().last().unwrap_or_default();
    let errors = String::from_utf8_lossy(&output.stderr);
    Some(serde_json::from_str(last).unwrap_or_else(|_| panic!("not JSON: {text}\n{errors}")))
}

/// A name that no other run uses.
pub fn unique(what: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("{what}-{}", now.expect("it is after 1970").as_nanos())
}
