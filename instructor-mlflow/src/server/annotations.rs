//! What is said about a trace whose spans are there.

use reqwest::Method;
use serde::Serialize;
use serde_json::json;

use crate::annotations::Annotations;
use crate::api::{NewAssessment, segment};
use crate::prompt::{LINK_PATH, LINKED_PROMPTS_TAG, link_body};
use crate::server::{Obstacle, Server};

/// How old servers answer where an endpoint is missing; 405 if another one has a similar address.
const MISSING: [&str; 2] = ["HTTP 404", "HTTP 405"];

impl Server {
    /// Says it. What was said is taken out; what an older server has no endpoint for as well.
    pub(crate) async fn annotate(&self, annotations: &mut Annotations) -> Result<(), Obstacle> {
        #[derive(Serialize)]
        struct Body<'a> {
            assessment: &'a NewAssessment,
        }
        let trace = segment(&annotations.trace_id);
        while let Some(assessment) = annotations.assessments.last() {
            let path = format!("api/3.0/mlflow/traces/{trace}/assessments");
            match self.say(Method::POST, &path, &Body { assessment }).await {
                // It is there already: the answer to it was lost.
                Err(Obstacle::Internal(reason)) if reason.contains("constraint violation") => {}
                outcome => outcome?,
            }
            annotations.assessments.pop();
        }
        if !annotations.prompts.is_empty() {
            let prompts = annotations.prompts.iter().map(|prompt| &**prompt);
            let body = link_body(&annotations.trace_id, prompts);
            self.say(Method::POST, LINK_PATH, &body).await?;
            annotations.prompts.clear();
        }
        if let Some(tag) = &annotations.linked_prompts {
            let path = format!("api/2.0/mlflow/traces/{trace}/tags");
            let body = json!({"key": LINKED_PROMPTS_TAG, "value": tag});
            self.say(Method::PATCH, &path, &body).await?;
            annotations.linked_prompts = None;
        }
        Ok(())
    }

    async fn say(&self, method: Method, path: &str, body: &impl Serialize) -> Result<(), Obstacle> {
        let request = self.connection.request_with_json(method, path, body);
        match self.connection.send(request).await {
            // MLflow names what is missing; without a name it is the endpoint.
            Err(Obstacle::Rejected(reason))
                if reason.contains("ENDPOINT_NOT_FOUND")
                    || (MISSING.iter().any(|status| reason.contains(status))
                        && !reason.contains("error_code")) =>
            {
                Ok(())
            }
            Err(Obstacle::Unsupported(_)) => Ok(()),
            outcome => outcome.map(drop),
        }
    }
}
