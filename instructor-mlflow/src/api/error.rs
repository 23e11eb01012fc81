//! What goes wrong when a tracking server is asked for something.

use crate::error::InitError;
use crate::sink::FlushError;

/// Why the tracking server did not do what was asked of it.
///
/// No variant and no text holds a secret: addresses are shown without user name and password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrackingError {
    /// The settings name no server that can be asked.
    #[error(transparent)]
    Settings(#[from] InitError),
    /// Nothing answers, or the connection broke.
    #[error(
        "{request}: no MLflow server can be reached at {address} ({reason}); start one with `mlflow server`, or set \
         MLFLOW_TRACKING_URI"
    )]
    Unreachable {
        /// The address of the server.
        address: String,
        /// Method and path, for example `GET api/3.0/mlflow/traces/get`.
        request: String,
        /// What happened.
        reason: String,
    },
    /// The server says no.
    #[error(
        "{request}: the MLflow server at {address} answers HTTP {status}{}: {message}",
        .code.as_deref().map(|code| format!(" {code}")).unwrap_or_default()
    )]
    Refused {
        /// The address of the server.
        address: String,
        /// Method and path.
        request: String,
        /// The HTTP status.
        status: u16,
        /// MLflow's name of the error, for example `INVALID_PARAMETER_VALUE`; `None` if the answer is not MLflow's, but that of a
        /// proxy.
        code: Option<String>,
        /// What the server says, or the beginning of its answer.
        message: String,
    },
    /// The server does not know the endpoint: it is too old.
    #[error(
        "{request}: the MLflow server at {address} does not have this; it takes {since} or later"
    )]
    Unsupported {
        /// The address of the server.
        address: String,
        /// Method and path.
        request: String,
        /// The first version that has it, for example `MLflow 3.7`.
        since: &'static str,
    },
    /// The server does not have the trace. What waited for delivery in this process was delivered before it was asked again.
    #[error(
        "the MLflow server at {address} has no trace {trace_id}{}",
        match .waiting {
            Some(waiting) => format!(", which may still be on its way: {waiting}"),
            None => ": it was deleted, went to another server, or never arrived (`Guard::statistics` counts those)".into(),
        }
    )]
    TraceNotFound {
        /// The address of the server.
        address: String,
        /// The trace.
        trace_id: String,
        /// Traces of this process that could not be delivered before, and why; the trace may be among them.
        waiting: Option<Box<FlushError>>,
    },
    /// The answer is not what this version of MLflow is known to say.
    #[error("{request}: the answer of the MLflow server at {address} cannot be read: {reason}")]
    Unreadable {
        /// The address of the server.
        address: String,
        /// Method and path.
        request: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What is to be sent makes no sense. Nothing was sent.
    #[error("{what}: {reason}")]
    Invalid {
        /// What it is about, for example the name of a feedback.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl TrackingError {
    /// The HTTP status, if the server answered with one.
    pub fn status(&self) -> Option<u16> {
        match self {
            TrackingError::Refused { status, .. } => Some(*status),
            TrackingError::Unsupported { .. } | TrackingError::TraceNotFound { .. } => Some(404),
            _ => None,
        }
    }

    /// MLflow's name of the error, for example `RESOURCE_DOES_NOT_EXIST`, if the server gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            TrackingError::Refused { code, .. } => code.as_deref(),
            TrackingError::TraceNotFound { .. } => Some(super::request::NOT_FOUND),
            _ => None,
        }
    }

    /// Whether what was asked for is not there.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(super::request::NOT_FOUND)
    }
}

impl From<TrackingError> for instructor_core::Error {
    /// For `?` in a function that returns `instructor::Result`.
    fn from(error: TrackingError) -> Self {
        instructor_core::Error::Tracing(Box::new(error))
    }
}
