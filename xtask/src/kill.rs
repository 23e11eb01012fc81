//! `cargo xtask kill`: kills tracing programs at random points, more of them than `cargo xtask test` does.

use anyhow::Result;
use clap::Args;

use crate::checks::Checks;
use crate::environment::Environment;
use crate::lock::FolderLock;
use crate::mlflow_server;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// How often programs are killed
    #[arg(long, default_value_t = 1000)]
    points: u32,
    /// Takes the points of an earlier run again, which has printed it
    #[arg(long)]
    seed: Option<u64>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let environment = Environment::prepare(workspace)?;
    let folder = workspace.target.join("kill");
    let _lock = FolderLock::take_empty(&folder)?;
    let mlflow = mlflow_server::start(workspace, &environment, &folder)?;
    let mut command = workspace.cargo();
    command
        .args(["test", "--package", "instructor-rs", "--all-features"])
        .args(["--test", "durability", "--", "--nocapture", "kill::"])
        .env("INSTRUCTOR_TEST_MLFLOW_URI", &mlflow.address)
        .env("INSTRUCTOR_TEST_PYTHON", &environment.python)
        .env("INSTRUCTOR_TEST_KILL_POINTS", options.points.to_string());
    if let Some(seed) = options.seed {
        command.env("INSTRUCTOR_TEST_KILL_SEED", seed.to_string());
    }
    let mut checks = Checks::default();
    checks.run(
        "what had returned is there after the next start",
        &mut command,
    )?;
    checks.conclude()
}
