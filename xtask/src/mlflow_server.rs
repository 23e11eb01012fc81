//! An MLflow tracking server with an empty database.

use std::path::Path;

use anyhow::Result;

use crate::environment::Environment;
use crate::server::{Launch, Server, free_port};
use crate::workspace::Workspace;

const VARIABLES: &[(&str, &str)] = &[
    ("MLFLOW_DISABLE_TELEMETRY", "true"),
    ("DO_NOT_TRACK", "true"),
    // Job workers are processes of their own, which nothing here needs.
    ("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "false"),
    // Without it a litellm that can be imported looks for prices on the internet, and MLflow hangs
    // where there is none.
    ("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
];

/// Starts the server, whose database, artifacts and log go to `folder`.
pub(crate) fn start(
    workspace: &Workspace,
    environment: &Environment,
    folder: &Path,
) -> Result<Server> {
    let port = free_port()?;
    // Relative: the server runs in the folder, and a path in a URI would have to be escaped.
    let arguments = format!(
        "-m mlflow server --backend-store-uri sqlite:///mlflow.db \
         --artifacts-destination ./artifacts --host 127.0.0.1 --port {port} --workers 1"
    );
    let launch = Launch {
        name: "MLflow",
        program: environment.python.clone(),
        health: "/health",
        port,
        arguments: arguments.split_whitespace().map(str::to_owned).collect(),
        variables: VARIABLES,
        folder: folder.to_owned(),
    };
    Server::start(workspace, environment, launch)
}
