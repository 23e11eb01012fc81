//! A tracking server as a value.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde::Serialize;
use serde::de::IgnoredAny;

use super::assessment::Assessment;
use super::error::TrackingError;
use super::feedback::{LogExpectation, LogFeedback};
use super::request::{Call, NOT_FOUND, segment};
use super::search::SearchTraces;
use super::trace::Trace;
use super::update::UpdateAssessment;
use crate::config::{Destination, Settings, environment};
use crate::error::InitError;
use crate::process::{flush, process};
use crate::server::Obstacle;
use crate::server::connection::Connection;
use crate::sink::FlushError;

/// How long a trace that the server does not know is waited for.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(30);

/// A tracking server that can be asked for traces and told about them.
///
/// Cheap to clone; the clones share their connections. Its methods are futures for a tokio runtime. A program without one runs
/// them on a runtime of its own:
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let tracking = instructor_mlflow::Tracking::current()?;
/// let trace = runtime.block_on(tracking.get_trace("tr-0af7651916cd43dd8448eb211c80319c"))?;
/// # drop(trace);
/// # Ok(())
/// # }
/// ```
///
/// A request is sent once; what to do about an error is up to the caller. The request timeout is that of
/// `MLFLOW_HTTP_REQUEST_TIMEOUT`.
#[derive(Debug, Clone)]
pub struct Tracking {
    connection: Connection,
}

impl Tracking {
    /// The server at `uri`. Credentials that are not in it, and the experiment, come from the environment. Connects to nothing
    /// yet.
    ///
    /// # Errors
    ///
    /// If `uri` is not an `http` or `https` address, or the environment holds a setting that cannot be read.
    pub fn new(uri: impl Into<String>) -> Result<Self, InitError> {
        let settings = Settings {
            tracking_uri: Some(uri.into().into()),
            ..Settings::default()
        };
        Self::at(Arc::new(settings.resolve(environment)?))
    }

    /// The server that the traces of this process go to: what `autolog` or `layer` was told, else
    /// [`set_tracking_uri`](crate::set_tracking_uri), else the environment.
    ///
    /// A later change of these does not change this value. The functions of this crate make one for each of their requests; a
    /// program that asks often keeps one, and with it the connection.
    ///
    /// # Errors
    ///
    /// If the environment holds a setting that cannot be read.
    pub fn current() -> Result<Self, InitError> {
        let process = process();
        let exporter = process
            .pipeline
            .upgrade()
            .and_then(|pipeline| pipeline.exporter.clone());
        let destination = match exporter {
            Some(exporter) => exporter.destination(),
            None => Arc::new(process.settings.clone().resolve(environment)?),
        };
        drop(process);
        Self::at(destination)
    }

    pub(crate) fn at(destination: Arc<Destination>) -> Result<Self, InitError> {
        match Connection::new(destination) {
            Ok(connection) => Ok(Tracking { connection }),
            Err(Obstacle::Rejected(reason)) => Err(InitError::InvalidUri { reason }),
            Err(obstacle) => Err(InitError::InvalidUri {
                reason: format!("{obstacle:?}"),
            }),
        }
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The address of the server, without user name and password.
    pub fn address(&self) -> String {
        self.connection.destination().address.to_string()
    }

    /// Sets a tag of a trace; the value it has is replaced. Servers cut values after 4096 characters (3.17).
    ///
    /// A trace of this process that is not there yet is delivered first, as in all functions that name a trace.
    ///
    /// Takes MLflow 2.14 or later.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`].
    pub async fn set_trace_tag(
        &self,
        trace_id: impl Display,
        key: &str,
        value: &str,
    ) -> Result<(), TrackingError> {
        #[derive(Serialize)]
        struct Tag<'a> {
            key: &'a str,
            value: &'a str,
        }
        self.change_tag(Method::PATCH, trace_id.to_string(), &Tag { key, value })
            .await
    }

    /// Takes a tag off a trace.
    ///
    /// Takes MLflow 2.14 or later.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`]; it is one if the trace has no such tag.
    pub async fn delete_trace_tag(
        &self,
        trace_id: impl Display,
        key: &str,
    ) -> Result<(), TrackingError> {
        #[derive(Serialize)]
        struct Tag<'a> {
            key: &'a str,
        }
        self.change_tag(Method::DELETE, trace_id.to_string(), &Tag { key })
            .await
    }

    async fn change_tag(
        &self,
        method: Method,
        trace_id: String,
        tag: &(impl Serialize + Sync),
    ) -> Result<(), TrackingError> {
        let path = format!("api/2.0/mlflow/traces/{}/tags", segment(&trace_id));
        let call = Call {
            method,
            path: &path,
            since: "MLflow 2.14",
        };
        let _: IgnoredAny = self
            .once_delivered(&trace_id, || self.send(&call, tag))
            .await?;
        Ok(())
    }

    /// The trace with its spans and assessments. One that is still running has the spans that have arrived.
    ///
    /// Takes MLflow 3.7 or later.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`].
    pub async fn get_trace(&self, trace_id: impl Display) -> Result<Trace, TrackingError> {
        #[derive(serde::Deserialize)]
        struct Answer {
            trace: Trace,
        }
        let trace_id = trace_id.to_string();
        let call = Call {
            method: Method::GET,
            path: "api/3.0/mlflow/traces/get",
            since: "MLflow 3.7",
        };
        let parameters = [("trace_id", trace_id.as_str()), ("allow_partial", "true")];
        let answer: Answer = self
            .once_delivered(&trace_id, || self.query(&call, &parameters))
            .await?;
        Ok(answer.trace)
    }

    /// Looks for traces, the newest first unless told otherwise. In the experiment that the traces of this process go to, unless
    /// others are named.
    ///
    /// Takes MLflow 3.4 or later.
    pub fn search_traces(&self) -> SearchTraces {
        SearchTraces::new(Some(self.clone()))
    }

    /// Says how good something in a trace is: a person's opinion, a judge's, or what a program measured. Nothing is sent before
    /// the builder is awaited; it gives the [`Assessment`] as the server keeps it.
    ///
    /// Takes MLflow 3.4 or later, with a database as its store.
    pub fn log_feedback(&self, trace_id: impl Display, name: impl Into<String>) -> LogFeedback {
        LogFeedback::new(Some(self.clone()), trace_id.to_string(), name.into())
    }

    /// Says what the right answer would have been: any value that is JSON. Nothing is sent before the builder is awaited.
    ///
    /// Takes MLflow 3.4 or later, with a database as its store.
    pub fn log_expectation(
        &self,
        trace_id: impl Display,
        name: impl Into<String>,
        value: impl Serialize,
    ) -> LogExpectation {
        LogExpectation::new(
            Some(self.clone()),
            trace_id.to_string(),
            name.into(),
            &value,
        )
    }

    /// Puts a feedback in the place of another, whose name it takes over; that one is kept as no longer valid. The builder is
    /// that of [`log_feedback`](Tracking::log_feedback).
    ///
    /// Takes MLflow 3.4 or later, with a database as its store.
    pub fn override_feedback(
        &self,
        trace_id: impl Display,
        assessment_id: impl Into<String>,
    ) -> LogFeedback {
        LogFeedback::replacing(
            Some(self.clone()),
            trace_id.to_string(),
            assessment_id.into(),
        )
    }

    /// Changes an assessment: its value, its rationale, its metadata. What is not named stays. Nothing is sent before the builder
    /// is awaited.
    ///
    /// Takes MLflow 3.4 or later, with a database as its store.
    pub fn update_assessment(
        &self,
        trace_id: impl Display,
        assessment_id: impl Into<String>,
    ) -> UpdateAssessment {
        UpdateAssessment::new(
            Some(self.clone()),
            trace_id.to_string(),
            assessment_id.into(),
        )
    }

    /// One assessment of a trace.
    ///
    /// Takes MLflow 3.4 or later, with a database as its store.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`].
    pub async fn get_assessment(
        &self,
        trace_id: impl Display,
        assessment_id: &str,
    ) -> Result<Assessment, TrackingError> {
        #[derive(serde::Deserialize)]
        struct Answer {
            assessment: Assessment,
        }
        let path = assessment_path(&trace_id.to_string(), assessment_id);
        let call = Call {
            method: Method::GET,
            path: &path,
            since: "MLflow 3.4",
        };
        let answer: Answer = self.query(&call, &[]).await?;
        Ok(answer.assessment)
    }

    /// Deletes an assessment. One that it had [taken the place of](Tracking::override_feedback) is valid again.
    ///
    /// Takes MLflow 3.4 or later, with a database as its store.
    ///
    /// # Errors
    ///
    /// See [`TrackingError`]. It is none if there is no such assessment.
    pub async fn delete_assessment(
        &self,
        trace_id: impl Display,
        assessment_id: &str,
    ) -> Result<(), TrackingError> {
        let path = assessment_path(&trace_id.to_string(), assessment_id);
        let call = Call {
            method: Method::DELETE,
            path: &path,
            since: "MLflow 3.4",
        };
        let _: IgnoredAny = self.query(&call, &[]).await?;
        Ok(())
    }

    /// What `ask` gives. If the server does not know the trace, what this process has still to deliver is delivered, and it
    /// is asked once more.
    pub(crate) async fn once_delivered<A, F>(
        &self,
        trace_id: &str,
        ask: impl Fn() -> F,
    ) -> Result<A, TrackingError>
    where
        F: Future<Output = Result<A, TrackingError>>,
    {
        match ask().await {
            Err(error) if lacks_trace(&error) => {}
            outcome => return outcome,
        }
        let waiting = deliver().await.err().map(Box::new);
        match ask().await {
            Err(error) if lacks_trace(&error) => Err(TrackingError::TraceNotFound {
                address: self.address(),
                trace_id: trace_id.to_owned(),
                waiting,
            }),
            outcome => outcome,
        }
    }
}

pub(super) fn assessment_path(trace_id: &str, assessment_id: &str) -> String {
    let (trace, assessment) = (segment(trace_id), segment(assessment_id));
    format!("api/3.0/mlflow/traces/{trace}/assessments/{assessment}")
}

/// A tag of an unknown trace is refused by the database (3.17), and that answer is all there is.
fn lacks_trace(error: &TrackingError) -> bool {
    match error {
        TrackingError::Refused {
            code: Some(code),
            message,
            ..
        } => {
            (code == NOT_FOUND && message.contains("Trace"))
                || message.to_ascii_lowercase().contains("foreign key")
        }
        _ => false,
    }
}

/// Delivers what waits in this process, without holding up the thread of the caller.
async fn deliver() -> Result<(), FlushError> {
    let flushed = tokio::task::spawn_blocking(|| flush(DELIVERY_TIMEOUT));
    // It is an error only if the runtime is shutting down.
    flushed.await.map_or(Ok(()), |flushed| flushed.map(drop))
}
