//! `cargo xtask screenshots`: renews the pictures of the documentation.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::browser::Browser;
use crate::environment::Environment;
use crate::lock::FolderLock;
use crate::mlflow_server;
use crate::process::ProcessGroup;
use crate::workspace::Workspace;

/// The experiment whose name the pictures show.
const EXPERIMENT: &str = "emails";
/// Pixels of the picture for one of the page: sharp on every screen.
const SCALE: &str = "2";

/// Makes the calls of `tests/pages` against a new MLflow, and puts what its pages showed into `docs/images`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let environment = Environment::prepare(workspace)?;
    let folder = workspace.target.join("screenshots");
    let _lock = FolderLock::take_empty(&folder)?;
    let browser = Browser::prepare(&folder)?;
    let mlflow = mlflow_server::start(workspace, &environment, &folder)?;
    let driver = browser.start_driver(workspace, &environment, &folder)?;

    let pictures = folder.join("pages");
    let mut command = workspace.cargo();
    command
        .args(["test", "--features", "mlflow", "--test", "pages"])
        .env("INSTRUCTOR_TEST_MLFLOW_URI", &mlflow.address)
        .env("INSTRUCTOR_TEST_MLFLOW_EXPERIMENT", EXPERIMENT)
        .env("INSTRUCTOR_TEST_PICTURE_SCALE", SCALE);
    browser.point_tests_at(&mut command, &driver, &pictures);
    let status = ProcessGroup::run(&mut command, || {})?;
    ensure!(status.success(), "the pages are not as they should be");

    let images = workspace.root.join("docs").join("images");
    let mut command = Command::new(&environment.python);
    command.arg(workspace.script("pictures.py"));
    let status = ProcessGroup::run(command.arg(pictures).arg(images), || {})?;
    ensure!(status.success(), "the pictures were not written");
    println!("Written to docs/images. Look at them before they are committed.");
    Ok(())
}
