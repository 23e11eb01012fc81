//! `cargo xtask test`: every check, on real servers.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::browser::Browser;
use crate::checks::{Checks, Sequence};
use crate::environment::Environment;
use crate::lock::FolderLock;
use crate::server::Server;
use crate::workspace::Workspace;
use crate::{deny, fuzz, matrix, mlflow_server, model_server};

/// Sets of features, each of which must compile on its own, without warnings.
const FEATURE_SETS: [&str; 10] = [
    "",
    "openai",
    "anthropic",
    "reqwest",
    "mlflow",
    "openai,mlflow",
    "openai,opentelemetry",
    "openai,templates",
    "anthropic,blocking",
    "bytes,chrono,jiff,rc,rust_decimal,schemars,time,url,uuid",
];

/// How long each target of `cargo xtask fuzz` runs here.
const FUZZ_SECONDS: u64 = 60;

#[derive(Args)]
pub(crate) struct Options {
    /// Try old versions of MLflow instead, each with its own server and client (6 GB, half an hour)
    #[arg(long)]
    matrix: bool,
    /// Arguments for `cargo test`, such as the name of a test
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.matrix {
        return matrix::run(workspace, &options.arguments);
    }
    let environment = Environment::prepare(workspace)?;
    let folder = workspace.target.join("test");
    let _lock = FolderLock::take_empty(&folder)?;
    let wire_log = folder.join("wire");
    fs::create_dir_all(&wire_log)?;
    let check_wire = || {
        let mut command = Command::new(&environment.python);
        command.arg(workspace.script("check_wire.py"));
        command
    };

    let mut checks = Checks::default();
    checks.run(
        "the wire checker's own test",
        check_wire().arg("--self-test"),
    )?;
    let browser = Browser::prepare(&folder);
    if let Err(error) = &browser {
        checks.cannot_be_made("MLflow's pages in a browser", error);
    }
    // Otherwise cargo builds what it needs for the tests that were asked for.
    if options.arguments.is_empty() {
        let mut command = cargo_test(workspace);
        checks.run("the tests are built", command.arg("--no-run"))?;
    }
    {
        let model = model_server::start(workspace, &environment, &folder)?;
        let mlflow = mlflow_server::start(workspace, &environment, &folder)?;
        let mut command = cargo_test(workspace);
        command.args(&options.arguments);
        point_tests_at(&mut command, &environment, &model, &mlflow, &wire_log);
        let _driver = match &browser {
            Ok(browser) => {
                let driver = browser.start_driver(workspace, &environment, &folder)?;
                browser.point_tests_at(&mut command, &driver, &folder.join("pages"));
                Some(driver)
            }
            Err(_) => None,
        };
        // The tests wait for servers now and then; what is built meanwhile has a target folder of its own.
        let meanwhile = match options.arguments.is_empty() {
            true => vec![fuzz::build(workspace)],
            false => Vec::new(),
        };
        checks.run_beside(
            "unit, doc, compile-fail, wire and MLflow tests",
            &mut command,
            meanwhile,
        )?;
    }
    if options.arguments.is_empty() {
        checks.run("what went over the wire", check_wire().arg(&wire_log))?;
        deny::check_if_installed(workspace, &mut checks)?;
        // The sets of features share a target folder, so they wait for each other.
        let mut sequences = vec![feature_sets(workspace)];
        sequences.extend(fuzz::sequences(workspace, FUZZ_SECONDS));
        checks.run_side_by_side(sequences)?;
    }
    checks.conclude()
}

fn cargo_test(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command.args(["test", "--workspace", "--all-features", "--no-fail-fast"]);
    command
}

fn feature_sets(workspace: &Workspace) -> Sequence {
    let sets = FEATURE_SETS.iter().map(|features| {
        let mut command = workspace.cargo();
        command
            .args(["clippy", "--package", "instructor-rs"])
            .args(["--no-default-features", "--features", features])
            .args(["--", "--deny", "warnings"]);
        (format!("compiles with features [{features}]"), command)
    });
    sets.collect()
}

/// Sets the variables by which the tests find the servers, the Python with which traces are read
/// back, and the folder to which they write each request and response for the wire checker.
fn point_tests_at(
    command: &mut Command,
    environment: &Environment,
    model: &Server,
    mlflow: &Server,
    wire_log: &Path,
) {
    command
        .env("INSTRUCTOR_TEST_MODEL_URL", &model.address)
        .env("INSTRUCTOR_TEST_MLFLOW_URI", &mlflow.address)
        .env("INSTRUCTOR_TEST_PYTHON", &environment.python)
        .env("INSTRUCTOR_TEST_WIRE_LOG", wire_log)
        .env("MLFLOW_SPOOL_DIR", wire_log.with_file_name("spool"));
}
