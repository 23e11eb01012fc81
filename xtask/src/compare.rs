//! `cargo xtask compare`: the traces of two examples beside those of the same calls in Python.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};
use clap::Args;

use crate::environment::Environment;
use crate::interpreter::Interpreter;
use crate::lock::FolderLock;
use crate::mlflow_server;
use crate::packages::Packages;
use crate::process::ProcessGroup;
use crate::server::{Launch, Server, free_port};
use crate::workspace::Workspace;

/// The page of the documentation that keeps the table.
const PAGE: &str = "docs/mlflow-beside-python.md";

/// A provider, the example that asks it, and the model that is asked for.
const RUNS: [(&str, &str, &str); 2] = [
    ("openai", "email_subject", "gpt-4o"),
    ("anthropic", "email_subject_anthropic", "claude-sonnet-4-5"),
];

#[derive(Args)]
pub(crate) struct Options {
    /// Renew the page of the documentation, too
    #[arg(long)]
    write_docs: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let environment = Environment::prepare(workspace)?;
    let python = Packages::MLFLOW_INSTRUCTOR.install(
        workspace,
        &Interpreter::find()?,
        &workspace.target.join("environment"),
    )?;
    let folder = workspace.target.join("compare");
    let _lock = FolderLock::take_empty(&folder)?;
    let mlflow = mlflow_server::start(workspace, &environment, &folder)?;
    let provider = start_provider(workspace, &environment, &folder)?;

    for (dialect, example, model) in RUNS {
        println!("\n=== Python, {dialect}");
        let mut command = Command::new(&python);
        command.arg(workspace.script("compare_calls.py"));
        command.args([dialect, model]).current_dir(&workspace.root);
        make_calls(
            &mut command,
            &format!("Python {dialect}"),
            &provider,
            &mlflow,
        )?;

        println!("\n=== Rust, {dialect}");
        let mut command = workspace.cargo();
        command.args([
            "run",
            "--quiet",
            "--features",
            "mlflow",
            "--example",
            example,
        ]);
        command.env("INSTRUCTOR_MODEL", format!("{dialect}/{model}"));
        make_calls(&mut command, &format!("Rust {dialect}"), &provider, &mlflow)?;
    }

    println!("\n=== side by side");
    let table = folder.join("table.md");
    let mut command = Command::new(&python);
    command.arg(workspace.script("compare_traces.py"));
    let status = ProcessGroup::run(command.arg(&mlflow.address).arg(&table), || {})?;
    println!("The table is in {}.", table.display());
    ensure!(
        status.success(),
        "Python's traces show what ours do not: build it, or write the reason into xtask/python/compare_traces.py"
    );
    if options.write_docs {
        fs::copy(&table, workspace.root.join(PAGE))?;
        println!("{PAGE} is renewed.");
    }
    Ok(())
}

fn start_provider(
    workspace: &Workspace,
    environment: &Environment,
    folder: &Path,
) -> Result<Server> {
    let port = free_port()?;
    let script = workspace.script("scripted_provider.py");
    let launch = Launch {
        name: "the scripted provider",
        program: environment.python.clone(),
        port,
        arguments: vec![script.to_string_lossy().into_owned(), port.to_string()],
        health: "/health",
        variables: &[],
        folder: folder.to_owned(),
    };
    Server::start(workspace, environment, launch)
}

/// Runs a program that calls the provider and traces into the experiment.
fn make_calls(
    command: &mut Command,
    experiment: &str,
    provider: &Server,
    mlflow: &Server,
) -> Result<()> {
    command
        .env("OPENAI_BASE_URL", format!("{}/v1", provider.address))
        .env("OPENAI_API_KEY", "any-key-will-do")
        .env("ANTHROPIC_BASE_URL", &provider.address)
        .env("ANTHROPIC_API_KEY", "any-key-will-do")
        .env("MLFLOW_TRACKING_URI", &mlflow.address)
        .env("MLFLOW_EXPERIMENT_NAME", experiment)
        .env("MLFLOW_DISABLE_TELEMETRY", "true")
        .env("LITELLM_LOCAL_MODEL_COST_MAP", "True");
    let status = ProcessGroup::run(command, || {})?;
    ensure!(status.success(), "the calls of {experiment} have failed");
    Ok(())
}
