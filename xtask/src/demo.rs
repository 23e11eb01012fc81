//! `cargo xtask demo`: the framework at work, on a real model and a real MLflow.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Args;

use crate::environment::Environment;
use crate::lock::FolderLock;
use crate::mlflow_api::MlflowApi;
use crate::trace::Trace;
use crate::workspace::Workspace;
use crate::{example, interrupt, mlflow_server, model_server};

/// How long a trace may take to appear after the program that sent it has ended.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(250);

#[derive(Args)]
pub(crate) struct Options {
    /// Stop when the traces were read back, instead of keeping MLflow's pages up until Ctrl-C
    #[arg(long)]
    once: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let environment = Environment::prepare(workspace)?;
    let folder = workspace.target.join("demo");
    let _lock = FolderLock::take_empty(&folder)?;
    example::build(workspace)?;
    let model = model_server::start(workspace, &environment, &folder)?;
    let mlflow = mlflow_server::start(workspace, &environment, &folder)?;

    let mut traces = Traces::new(MlflowApi::new(&mlflow.address));
    let mut faults = Vec::new();
    for example in example::SHOWN {
        println!("\n=== cargo run --example {example} --features mlflow");
        let status = example::run(workspace, example, &model, &mlflow)?;
        if !status.success() {
            // A small model may fail to satisfy the rules: an outcome to show like any other.
            println!("=== ended with {status}; its trace must say so");
        }
        let outcome = traces.show_new().and_then(|new| {
            new.iter().try_for_each(|trace| {
                trace
                    .check(status.success())
                    .map_err(|fault| fault.context(trace.id.clone()))
            })
        });
        if let Err(fault) = outcome {
            println!("=== FAULT: {fault:#}");
            faults.push(format!("{example}: {fault:#}"));
        }
    }

    if !options.once {
        println!(
            "\nMLflow is at {}. Press Ctrl-C to end the demo.",
            mlflow.address
        );
        interrupt::rest();
    }
    if !faults.is_empty() {
        bail!(
            "the traces did not come back whole:\n  {}",
            faults.join("\n  ")
        );
    }
    println!("\nEvery trace was read back whole from MLflow.");
    Ok(())
}

/// The experiment's traces, of which each is shown once.
struct Traces {
    mlflow: MlflowApi,
    shown: BTreeSet<String>,
}

impl Traces {
    fn new(mlflow: MlflowApi) -> Self {
        Self {
            mlflow,
            shown: BTreeSet::new(),
        }
    }

    /// Prints the traces that came since the last call, waiting for the first of them.
    fn show_new(&mut self) -> Result<Vec<Trace>> {
        let started = Instant::now();
        loop {
            if let Some(experiment) = self.mlflow.experiment_id(example::EXPERIMENT)? {
                let mut ids = self.mlflow.trace_ids(&experiment)?;
                ids.retain(|id| !self.shown.contains(id));
                if !ids.is_empty() {
                    return ids
                        .into_iter()
                        .map(|id| self.show(&experiment, id))
                        .collect();
                }
            }
            if started.elapsed() > PATIENCE {
                bail!(
                    "no trace has come to MLflow within {} s",
                    PATIENCE.as_secs()
                );
            }
            thread::sleep(POLL);
        }
    }

    fn show(&mut self, experiment: &str, id: String) -> Result<Trace> {
        let trace = self.mlflow.trace(&id)?;
        println!("=== trace: {trace}");
        println!("    {}", self.mlflow.trace_page(experiment, &id));
        self.shown.insert(id);
        Ok(trace)
    }
}
