//! The part of MLflow's REST interface that reads traces.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::trace::Trace;

/// The most traces that one search returns.
const PAGE: u32 = 100;

/// Reads from one MLflow server.
pub(crate) struct MlflowApi {
    address: String,
}

impl MlflowApi {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
        }
    }

    /// The id of an experiment, or `None` if the server has no experiment of that name.
    pub(crate) fn experiment_id(&self, name: &str) -> Result<Option<String>> {
        let response = ureq::get(format!(
            "{}/api/2.0/mlflow/experiments/get-by-name",
            self.address
        ))
        .query("experiment_name", name)
        .call();
        let mut response = match response {
            Err(ureq::Error::StatusCode(404)) => return Ok(None),
            other => other.with_context(|| format!("MLflow does not find experiment {name}"))?,
        };
        let body: Value = response.body_mut().read_json()?;
        let id = body
            .pointer("/experiment/experiment_id")
            .and_then(Value::as_str);
        Ok(Some(
            id.context("MLflow's answer has no experiment_id")?
                .to_owned(),
        ))
    }

    /// The ids of an experiment's newest traces, oldest first.
    pub(crate) fn trace_ids(&self, experiment_id: &str) -> Result<Vec<String>> {
        let body: Value = ureq::post(format!("{}/api/3.0/mlflow/traces/search", self.address))
            .send_json(json!({
                "locations": [{
                    "type": "MLFLOW_EXPERIMENT",
                    "mlflow_experiment": {"experiment_id": experiment_id},
                }],
                "max_results": PAGE,
                "order_by": ["timestamp_ms DESC"],
            }))
            .context("MLflow refuses the search for traces")?
            .body_mut()
            .read_json()?;
        let traces = body.get("traces").and_then(Value::as_array);
        let ids = traces
            .into_iter()
            .flatten()
            .filter_map(|trace| trace.get("trace_id")?.as_str());
        Ok(ids.rev().map(str::to_owned).collect())
    }

    /// How many traces an experiment has.
    pub(crate) fn count_traces(&self, experiment_id: &str) -> Result<u64> {
        let mut count = 0;
        let mut token = String::new();
        loop {
            let body: Value = ureq::post(format!("{}/api/3.0/mlflow/traces/search", self.address))
                .send_json(json!({
                    "locations": [{
                        "type": "MLFLOW_EXPERIMENT",
                        "mlflow_experiment": {"experiment_id": experiment_id},
                    }],
                    "max_results": PAGE,
                    "page_token": token,
                }))
                .context("MLflow refuses the search for traces")?
                .body_mut()
                .read_json()?;
            let traces = body.get("traces").and_then(Value::as_array);
            count += traces.map_or(0, Vec::len) as u64;
            match body.get("next_page_token").and_then(Value::as_str) {
                Some(next) if !next.is_empty() => next.clone_into(&mut token),
                _ => return Ok(count),
            }
        }
    }

    /// A trace with its spans.
    pub(crate) fn trace(&self, id: &str) -> Result<Trace> {
        let body: Value = ureq::get(format!("{}/api/3.0/mlflow/traces/get", self.address))
            .query("trace_id", id)
            .call()
            .with_context(|| format!("MLflow cannot give trace {id} back"))?
            .body_mut()
            .read_json()?;
        let trace = body.get("trace");
        Trace::from_json(trace.context("MLflow's answer has no trace")?)
    }

    /// The page of a trace in MLflow's user interface.
    pub(crate) fn trace_page(&self, experiment_id: &str, trace_id: &str) -> String {
        format!(
            "{}/#/experiments/{experiment_id}/traces?selectedEvaluationId={trace_id}",
            self.address
        )
    }
}
