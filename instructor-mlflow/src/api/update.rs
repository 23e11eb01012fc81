//! Changing what was said about a trace.

use std::collections::BTreeMap;
use std::future::IntoFuture;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::assessment::{Assessment, AssessmentKind, NewValue};
use super::error::TrackingError;
use super::feedback::{Boxed, not_json};
use super::request::Call;
use super::tracking::{Tracking, assessment_path};

/// A change of an assessment in the making; await it to send it. Made by [`update_assessment`](crate::update_assessment).
///
/// ```no_run
/// # async fn example(trace_id: &str, id: &str) -> Result<(), instructor_mlflow::TrackingError> {
/// instructor_mlflow::update_assessment(trace_id, id)
///     .value(false)
///     .rationale("It names the wrong month.")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent until this is awaited"]
pub struct UpdateAssessment {
    tracking: Option<Tracking>,
    trace_id: String,
    assessment_id: String,
    name: Option<String>,
    value: Option<Result<Value, String>>,
    rationale: Option<String>,
    metadata: BTreeMap<String, String>,
}

impl UpdateAssessment {
    pub(super) fn new(tracking: Option<Tracking>, trace_id: String, assessment_id: String) -> Self {
        UpdateAssessment {
            tracking,
            trace_id,
            assessment_id,
            name: None,
            value: None,
            rationale: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Another name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Another value, of a feedback as well as of an expectation.
    pub fn value(mut self, value: impl Serialize) -> Self {
        self.value = Some(serde_json::to_value(value).map_err(|error| error.to_string()));
        self
    }

    /// Another rationale.
    pub fn rationale(mut self, rationale: impl Into<String>) -> Self {
        self.rationale = Some(rationale.into());
        self
    }

    /// Another entry of the metadata; may be said several times. Other entries stay.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    async fn send(self) -> Result<Assessment, TrackingError> {
        #[derive(Serialize)]
        struct Body {
            assessment: Change,
            update_mask: String,
        }
        #[derive(Serialize)]
        struct Change {
            assessment_id: String,
            trace_id: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            assessment_name: Option<String>,
            #[serde(flatten)]
            value: Option<NewValue>,
            #[serde(skip_serializing_if = "Option::is_none")]
            rationale: Option<String>,
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            metadata: BTreeMap<String, String>,
        }
        #[derive(Deserialize)]
        struct Answer {
            assessment: Assessment,
        }
        let tracking = match self.tracking {
            Some(tracking) => tracking,
            None => Tracking::current()?,
        };
        let value = match self.value {
            None => None,
            Some(value) => {
                let value = value.map_err(|reason| TrackingError::Invalid {
                    what: format!("the assessment `{}`", self.assessment_id),
                    reason: not_json(&reason),
                })?;
                let current = tracking
                    .get_assessment(&self.trace_id, &self.assessment_id)
                    .await?;
                Some(match current.kind {
                    AssessmentKind::Expectation => NewValue::expectation(value),
                    _ => NewValue::Feedback { value, error: None },
                })
            }
        };
        let changed = [
            ("assessment_name", self.name.is_some()),
            ("feedback", matches!(value, Some(NewValue::Feedback { .. }))),
            (
                "expectation",
                matches!(value, Some(NewValue::Expectation(_))),
            ),
            ("rationale", self.rationale.is_some()),
            ("metadata", !self.metadata.is_empty()),
        ];
        let changed: Vec<&str> = changed
            .into_iter()
            .filter_map(|(field, is_changed)| is_changed.then_some(field))
            .collect();
        // A mask is written as protobuf writes it: in camel case.
        let update_mask = changed
            .join(",")
            .replace("assessment_name", "assessmentName");
        let path = assessment_path(&self.trace_id, &self.assessment_id);
        let call = Call {
            method: Method::PATCH,
            path: &path,
            since: "MLflow 3.4, with a database as its store",
        };
        let body = Body {
            assessment: Change {
                assessment_id: self.assessment_id,
                trace_id: self.trace_id,
                assessment_name: self.name,
                value,
                rationale: self.rationale,
                metadata: self.metadata,
            },
            update_mask,
        };
        let answer: Answer = tracking.send(&call, &body).await?;
        Ok(answer.assessment)
    }
}

impl IntoFuture for UpdateAssessment {
    type Output = Result<Assessment, TrackingError>;
    type IntoFuture = Boxed<Assessment>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
