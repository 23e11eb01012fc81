//! Saying what is good and what would have been right.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::SystemTime;

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::assessment::{Assessment, AssessmentError, AssessmentSource, NewAssessment, NewValue};
use super::error::TrackingError;
use super::request::{Call, segment};
use super::tracking::Tracking;

/// A future that is boxed, since builders name it.
pub(super) type Boxed<T> = Pin<Box<dyn Future<Output = Result<T, TrackingError>> + Send>>;

/// What is said about a trace, whatever it is.
#[derive(Debug, Default)]
struct Draft {
    /// `None` for the one of the process.
    tracking: Option<Tracking>,
    trace_id: String,
    span_id: Option<String>,
    source: Option<AssessmentSource>,
    rationale: Option<String>,
    metadata: BTreeMap<String, String>,
}

/// A feedback in the making; await it to send it. Made by [`log_feedback`](crate::log_feedback).
#[derive(Debug)]
#[must_use = "nothing is sent until this is awaited"]
pub struct LogFeedback {
    draft: Draft,
    subject: Subject,
    value: Option<Result<Value, String>>,
    error: Option<AssessmentError>,
}

#[derive(Debug)]
enum Subject {
    Name(String),
    /// The name of the feedback with this id, in whose place it is put.
    Of(String),
}

impl LogFeedback {
    pub(super) fn new(tracking: Option<Tracking>, trace_id: String, name: String) -> Self {
        Self::about(tracking, trace_id, Subject::Name(name))
    }

    pub(super) fn replacing(tracking: Option<Tracking>, trace_id: String, id: String) -> Self {
        Self::about(tracking, trace_id, Subject::Of(id))
    }

    fn about(tracking: Option<Tracking>, trace_id: String, subject: Subject) -> Self {
        LogFeedback {
            draft: Draft {
                tracking,
                trace_id,
                ..Draft::default()
            },
            subject,
            value: None,
            error: None,
        }
    }

    /// The verdict: `true`, a number, a text, or a list or an object of these.
    pub fn value(mut self, value: impl Serialize) -> Self {
        self.value = Some(serde_json::to_value(value).map_err(|error| error.to_string()));
        self
    }

    /// Why there is no verdict: a stable name, for example `RATE_LIMIT_EXCEEDED`, and what happened.
    pub fn error(mut self, code: impl Into<String>, message: impl Into<String>) -> Self {
        self.error = Some(AssessmentError {
            code: code.into(),
            message: Some(message.into()),
        });
        self
    }

    /// Who says it. Default: the program, called `default` as in Python.
    pub fn source(mut self, source: AssessmentSource) -> Self {
        self.draft.source = Some(source);
        self
    }

    /// Why.
    pub fn rationale(mut self, rationale: impl Into<String>) -> Self {
        self.draft.rationale = Some(rationale.into());
        self
    }

    /// The span it is about. Default: the whole trace.
    pub fn span_id(mut self, span_id: impl Into<String>) -> Self {
        self.draft.span_id = Some(span_id.into());
        self
    }

    /// Something else to know about it; may be said several times.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.draft.metadata.insert(key.into(), value.into());
        self
    }

    async fn send(self) -> Result<Assessment, TrackingError> {
        let tracking = self.draft.tracking()?;
        let (name, overrides) = match self.subject {
            Subject::Name(name) => (name, None),
            Subject::Of(id) => {
                let replaced = tracking.get_assessment(&self.draft.trace_id, &id).await?;
                (replaced.name, Some(id))
            }
        };
        let invalid = |reason: String| TrackingError::Invalid {
            what: format!("the feedback `{name}`"),
            reason,
        };
        let value = match (self.value, &self.error) {
            (Some(value), _) => value.map_err(|reason| invalid(not_json(&reason)))?,
            (None, Some(_)) => Value::Null,
            (None, None) => {
                let cure = "it has neither a value nor an error: call `.value(...)`";
                return Err(invalid(cure.into()));
            }
        };
        let value = NewValue::Feedback {
            value,
            error: self.error,
        };
        let source = AssessmentSource::code("default");
        self.draft
            .send(&tracking, name, value, source, overrides)
            .await
    }
}

impl IntoFuture for LogFeedback {
    type Output = Result<Assessment, TrackingError>;
    type IntoFuture = Boxed<Assessment>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// An expectation in the making; await it to send it. Made by [`log_expectation`](crate::log_expectation).
#[derive(Debug)]
#[must_use = "nothing is sent until this is awaited"]
pub struct LogExpectation {
    draft: Draft,
    name: String,
    value: Result<Value, String>,
}

impl LogExpectation {
    pub(super) fn new(
        tracking: Option<Tracking>,
        trace_id: String,
        name: String,
        value: &impl Serialize,
    ) -> Self {
        LogExpectation {
            draft: Draft {
                tracking,
                trace_id,
                ..Draft::default()
            },
            name,
            value: serde_json::to_value(value).map_err(|error| error.to_string()),
        }
    }

    /// Who says it. Default: a person, called `default` as in Python.
    pub fn source(mut self, source: AssessmentSource) -> Self {
        self.draft.source = Some(source);
        self
    }

    /// The span it is about. Default: the whole trace.
    pub fn span_id(mut self, span_id: impl Into<String>) -> Self {
        self.draft.span_id = Some(span_id.into());
        self
    }

    /// Something else to know about it; may be said several times.
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.draft.metadata.insert(key.into(), value.into());
        self
    }

    async fn send(self) -> Result<Assessment, TrackingError> {
        let tracking = self.draft.tracking()?;
        let value = self.value.map_err(|reason| TrackingError::Invalid {
            what: format!("the expectation `{}`", self.name),
            reason: not_json(&reason),
        })?;
        let source = AssessmentSource::human("default");
        let value = NewValue::expectation(value);
        self.draft
            .send(&tracking, self.name, value, source, None)
            .await
    }
}

impl IntoFuture for LogExpectation {
    type Output = Result<Assessment, TrackingError>;
    type IntoFuture = Boxed<Assessment>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

pub(super) fn not_json(reason: &str) -> String {
    format!("its value cannot be written as JSON: {reason}")
}

impl Draft {
    fn tracking(&self) -> Result<Tracking, TrackingError> {
        match &self.tracking {
            Some(tracking) => Ok(tracking.clone()),
            None => Ok(Tracking::current()?),
        }
    }

    async fn send(
        self,
        tracking: &Tracking,
        name: String,
        value: NewValue,
        source: AssessmentSource,
        overrides: Option<String>,
    ) -> Result<Assessment, TrackingError> {
        #[derive(Serialize)]
        struct Body {
            assessment: NewAssessment,
        }
        #[derive(Deserialize)]
        struct Answer {
            assessment: Assessment,
        }
        let now = humantime::format_rfc3339_millis(SystemTime::now()).to_string();
        let body = Body {
            assessment: NewAssessment {
                assessment_id: None,
                assessment_name: name,
                trace_id: self.trace_id,
                span_id: self.span_id,
                source: self.source.unwrap_or(source),
                create_time: now.clone(),
                last_update_time: now,
                value,
                rationale: self.rationale,
                metadata: self.metadata,
                overrides,
                valid: true,
            },
        };
        let trace_id = &body.assessment.trace_id;
        let path = format!("api/3.0/mlflow/traces/{}/assessments", segment(trace_id));
        let call = Call {
            method: Method::POST,
            path: &path,
            since: "MLflow 3.4, with a database as its store",
        };
        let answer: Answer = tracking
            .once_delivered(trace_id, || tracking.send(&call, &body))
            .await?;
        Ok(answer.assessment)
    }
}
