//! The examples that the demo runs.

use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, ensure};

use crate::model_server::MODEL;
use crate::process::ProcessGroup;
use crate::server::Server;
use crate::workspace::Workspace;

/// Names of programs in `examples/`, in the order in which they are shown.
pub(crate) const SHOWN: [&str; 3] = ["quickstart", "streaming", "email_subject"];

/// The experiment that receives their traces.
pub(crate) const EXPERIMENT: &str = "mlflow-instructor";

/// Compiles the examples, so that running them shows nothing but their own output.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo();
    command.args(["build", "--features", "mlflow"]);
    for example in SHOWN {
        command.args(["--example", example]);
    }
    let status = ProcessGroup::run(&mut command, || {})?;
    ensure!(status.success(), "the examples do not compile");
    Ok(())
}

/// Runs one example on the local servers; its output goes where ours goes.
pub(crate) fn run(
    workspace: &Workspace,
    example: &str,
    model: &Server,
    mlflow: &Server,
) -> Result<ExitStatus> {
    let mut command: Command = workspace.cargo();
    command
        .args([
            "run",
            "--quiet",
            "--features",
            "mlflow",
            "--example",
            example,
        ])
        .env("INSTRUCTOR_MODEL", format!("openai/{MODEL}"))
        .env("OPENAI_BASE_URL", format!("{}/v1", model.address))
        .env("OPENAI_API_KEY", "any-key-will-do")
        .env("MLFLOW_TRACKING_URI", &mlflow.address)
        .env("MLFLOW_EXPERIMENT_NAME", EXPERIMENT);
    ProcessGroup::run(&mut command, || {}).with_context(|| format!("cannot run example {example}"))
}
