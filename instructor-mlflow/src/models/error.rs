//! Why a model could not be logged.

use reqwest::StatusCode;

use crate::config::Address;
use crate::error::InitError;
use crate::server::Obstacle;

/// Why a model could not be logged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// Name, address or another setting cannot be used. Nothing was sent.
    #[error(transparent)]
    Settings(#[from] InitError),
    /// The input example cannot be written as JSON. Nothing was sent.
    #[error("the input example of the model cannot be written as JSON: {0}")]
    Example(#[source] serde_json::Error),
    /// No server, or none that can work now.
    #[error(
        "the model could not be logged, since no MLflow server can be reached at {address} ({reason}); start one with \
         `mlflow server`, or set MLFLOW_TRACKING_URI"
    )]
    Unavailable {
        /// The address, without credentials.
        address: String,
        /// What happened.
        reason: String,
    },
    /// The credentials do not suffice.
    #[error(
        "the model could not be logged, since the MLflow server at {address} refuses the credentials (HTTP {status}); set \
         MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to an account that may write to \
         the experiment"
    )]
    Unauthorized {
        /// The address, without credentials.
        address: String,
        /// 401 or 403.
        status: u16,
    },
    /// The server has no logged models, or no store of files that it shares.
    #[error(
        "the model could not be logged, since the MLflow server at {address} lacks what it takes: {reason}"
    )]
    Unsupported {
        /// The address, without credentials.
        address: String,
        /// What it lacks.
        reason: String,
    },
    /// The server refused the model.
    #[error("the MLflow server at {address} refused the model: {reason}")]
    Rejected {
        /// The address, without credentials.
        address: String,
        /// What it said.
        reason: String,
    },
    /// The model was created, but one of its files could not be stored; its status is `LOGGED_MODEL_UPLOAD_FAILED`.
    #[error("the model {model_id} was created, but its file {file} could not be stored: {source}")]
    Upload {
        /// The model.
        model_id: String,
        /// The file.
        file: String,
        /// Why.
        source: Box<ModelError>,
    },
}

impl ModelError {
    pub(super) fn new(address: &Address, obstacle: Obstacle) -> ModelError {
        let address = address.to_string();
        match obstacle {
            Obstacle::Unavailable { reason, .. } => ModelError::Unavailable { address, reason },
            Obstacle::Unauthorized(status) => ModelError::Unauthorized {
                address,
                status: StatusCode::as_u16(&status),
            },
            Obstacle::Unsupported(reason) => ModelError::Unsupported { address, reason },
            Obstacle::Redirected(place) => ModelError::Unavailable {
                address,
                reason: format!("it sends to {place}"),
            },
            Obstacle::Lost(_) => ModelError::Rejected {
                address,
                reason: obstacle.reason(),
            },
            Obstacle::Internal(reason)
            | Obstacle::Experiment(reason)
            | Obstacle::Missing(reason)
            | Obstacle::Rejected(reason) => ModelError::Rejected { address, reason },
        }
    }
}

impl From<ModelError> for instructor_core::Error {
    /// For `?` in a function that returns `instructor::Result`.
    fn from(error: ModelError) -> Self {
        instructor_core::Error::Tracing(Box::new(error))
    }
}
