//! `cargo xtask faults`: the tables of `tests/it/faults.rs` and `tests/it/faults/mlflow.rs`, which `cargo xtask test` checks too.

use anyhow::Result;

use crate::checks::Checks;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut command = workspace.cargo();
    command
        .args(["test", "--package", "instructor-rs", "--all-features"])
        .args(["--test", "it", "--", "--nocapture", "faults::"]);
    let mut checks = Checks::default();
    checks.run("what comes of each fault", &mut command)?;
    checks.conclude()
}
