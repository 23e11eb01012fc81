//! Why tracing could not be set up.

use std::io;
use std::path::PathBuf;

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
    /// The tracking URI names a Databricks workspace, which cannot be found or used as it is.
    #[error(
        "the Databricks workspace cannot be used: {reason}; set DATABRICKS_HOST and DATABRICKS_TOKEN, or write both into a \
         profile of ~/.databrickscfg and set MLFLOW_TRACKING_URI=databricks://PROFILE"
    )]
    Databricks {
        /// What is missing.
        reason: String,
    },
    /// The environment asks for a way to authenticate that this client does not know.
    #[error(
        "{name} asks for a way to authenticate that this client does not know: it sends a user name with a password, or a \
         token (MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN); unset {name} to use \
         those"
    )]
    UnsupportedAuthentication {
        /// The name of the variable.
        name: &'static str,
    },
    /// Two environment variables contradict each other.
    #[error("{one} and {other} contradict each other: unset one of them")]
    Contradiction {
        /// The name of one.
        one: &'static str,
        /// The name of the other.
        other: &'static str,
    },
    /// A file that holds credentials or certificates cannot be used. Its content is not repeated here.
    #[error("{} cannot be read: {reason}", path.display())]
    UnreadableFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
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
    /// SIGTERM cannot be waited for.
    #[error("SIGTERM cannot be waited for: {0}")]
    Signal(#[source] io::Error),
}

impl From<InitError> for instructor_core::Error {
    /// For `?` in a function that returns `instructor::Result`.
    fn from(error: InitError) -> Self {
        instructor_core::Error::Tracing(Box::new(error))
    }
}
