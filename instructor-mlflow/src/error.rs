//! Why tracing could not be set up.

use std::io;

/// Why tracing could not be set up. Nothing was sent anywhere: `init` and `build` do no network input or output.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The tracking URI names a store that only a server can open.
    #[error(
        "the tracking URI is a `{scheme}` store, but this client speaks HTTP: start a server on that store (`mlflow \
         server --backend-store-uri ...`) and set MLFLOW_TRACKING_URI=http://127.0.0.1:5000"
    )]
    NotHttp {
        /// The scheme of the URI, for example `sqlite`.
        scheme: String,
    },
    /// The tracking URI names a Databricks workspace, whose trace endpoints differ.
    #[error(
        "Databricks workspaces cannot be used as tracking server yet: set MLFLOW_TRACKING_URI to the http(s) address of \
         an MLflow server"
    )]
    Databricks,
    /// The tracking URI cannot be read. The URI is not repeated here, since it may hold a password.
    #[error(
        "the tracking URI is not a valid address: {reason}; it looks like http://127.0.0.1:5000"
    )]
    InvalidUri {
        /// What is wrong with it.
        reason: String,
    },
    /// No logged model can have this name.
    #[error(
        "{name:?} cannot be the name of a logged model: it must have 1 to 500 characters, and none of / : . % \" '"
    )]
    InvalidModelName {
        /// The name.
        name: String,
    },
    /// An environment variable, or a setting of the builder, has a value that cannot be read.
    #[error("{name}={value:?} cannot be read: it must be {expected}")]
    InvalidVariable {
        /// The name of the variable or setting.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// Another global subscriber was installed before.
    #[error(
        "a global `tracing` subscriber is installed already, so `autolog` cannot install its own: add \
         `instructor::mlflow::layer()` to that one, as in `registry().with(fmt::layer()).with(mlflow_layer).init()`"
    )]
    ForeignSubscriber,
    /// Tracing is on already, with another sink, queue or span processor, and these stay as they are.
    #[error(
        "tracing is on already, so `.{setting}(...)` comes too late: say it where tracing is turned on"
    )]
    TooLate {
        /// The setting: `sink`, `queue_capacity` or `span_processor`.
        setting: &'static str,
    },
    /// The exporter's thread could not be started.
    #[error("the thread that sends traces could not be started: {0}")]
    Thread(#[source] io::Error),
}

impl From<InitError> for instructor_core::Error {
    /// For `?` in a function that returns `instructor::Result`.
    fn from(error: InitError) -> Self {
        instructor_core::Error::Tracing(Box::new(error))
    }
}
