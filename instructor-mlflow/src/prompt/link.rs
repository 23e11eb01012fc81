//! Traces and the prompts that they used.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::Arc;

use reqwest::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::Prompt;
use super::reference::PromptReference;
use super::registry::registry;
use crate::api::{Call, Tracking, TrackingError};

/// Which traces use which prompts, for the page of a trace; searches know it from elsewhere.
pub(crate) const LINKED_PROMPTS_TAG: &str = "mlflow.linkedPrompts";

/// Where traces are linked to prompts.
pub(crate) const LINK_PATH: &str = "api/2.0/mlflow/traces/link-prompts";

/// What is sent there.
pub(crate) fn link_body<'a>(
    trace_id: &str,
    prompts: impl IntoIterator<Item = &'a PromptReference>,
) -> Value {
    let versions: Vec<Value> = prompts.into_iter().map(tag_entry).collect();
    json!({"trace_id": trace_id, "prompt_versions": versions})
}

/// The tag of a trace that used these prompts.
pub(crate) fn linked_prompts(prompts: &[Arc<PromptReference>]) -> String {
    let prompts: Vec<Value> = prompts.iter().map(|prompt| tag_entry(prompt)).collect();
    Value::from(prompts).to_string()
}

/// A prompt in that tag, which is a list of them.
fn tag_entry(prompt: &PromptReference) -> Value {
    json!({"name": prompt.name, "version": prompt.version.to_string()})
}

impl Tracking {
    /// Links a trace to the version of a prompt that it used. Calls whose message is what [`Prompt::format`] gave are linked by
    /// themselves.
    ///
    /// Takes MLflow 3.8 or later; older ones show the link on the page of the trace, but do not find it by `prompt = '...'`.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`].
    pub async fn link_prompt(
        &self,
        trace_id: impl Display,
        prompt: &Prompt,
    ) -> Result<(), TrackingError> {
        let trace_id = trace_id.to_string();
        let path = format!("api/3.0/mlflow/traces/{}", crate::api::segment(&trace_id));
        let call = Call {
            method: Method::GET,
            path: &path,
            since: "MLflow 3.4",
        };
        #[derive(Deserialize)]
        struct Answer {
            trace: Found,
        }
        #[derive(Deserialize)]
        struct Found {
            trace_info: Info,
        }
        #[derive(Deserialize)]
        struct Info {
            #[serde(default)]
            tags: BTreeMap<String, String>,
        }
        let answer: Answer = self
            .once_delivered(&trace_id, || self.query(&call, &[]))
            .await?;
        let known = answer.trace.trace_info.tags.get(LINKED_PROMPTS_TAG);
        let mut linked: Vec<Value> = known
            .and_then(|tag| serde_json::from_str(tag).ok())
            .unwrap_or_default();
        let entry = tag_entry(&prompt.reference);
        if !linked.contains(&entry) {
            linked.push(entry);
            let tag = Value::from(linked).to_string();
            self.set_trace_tag(&trace_id, LINKED_PROMPTS_TAG, &tag)
                .await?;
        }
        let body = link_body(&trace_id, [&*prompt.reference]);
        let call = registry(Method::POST, LINK_PATH);
        match self.send::<IgnoredAny>(&call, &body).await {
            Ok(_) | Err(TrackingError::Unsupported { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
