//! The project's own commands. `cargo xtask demo` shows the framework at work on real servers;
//! `cargo xtask test` runs every check. Both need Rust and Python 3, and install the rest under
//! `target/environment`. `cargo xtask bench` measures and `cargo xtask fuzz` tries random inputs, and
//! need Rust alone. `cargo xtask test --matrix` tries old versions of MLflow. Linux and macOS.
#![forbid(unsafe_code)]

mod bench;
mod browser;
mod checks;
mod compare;
mod demo;
mod deny;
mod environment;
mod example;
mod faults;
mod fuzz;
mod interpreter;
mod interrupt;
mod kill;
mod lock;
mod matrix;
mod mlflow_api;
mod mlflow_server;
mod model;
mod model_server;
mod mutants;
mod packages;
mod prices;
mod process;
mod progress;
mod screenshots;
mod server;
mod stamp;
mod test;
mod tool;
mod trace;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the examples on a local model and show their traces in a local MLflow
    Demo(demo::Options),
    /// Measure what a call costs, beside other clients
    Bench(bench::Options),
    /// Hold licences, versions, sources and advisories of the dependencies against `deny.toml`
    Deny,
    /// Show what comes of each thing that can go wrong between a call and its provider
    Faults,
    /// Lay the traces of two examples beside those of MLflow's Python client, field by field
    Compare(compare::Options),
    /// Try random inputs on what reads the bytes of others
    Fuzz(fuzz::Options),
    /// Kill tracing programs at random points, and look in MLflow for what their calls had returned
    Kill(kill::Options),
    /// Make mistakes on purpose, of which each must fail a test
    Mutants(mutants::Options),
    /// Renew the price table of instructor-core from the prices that a Python package carries
    Prices(prices::Options),
    /// Renew the pictures of the documentation: MLflow's pages after calls of this framework
    Screenshots,
    /// Run every check: unit, doc, compile-fail, wire and MLflow tests, the feature sets, random inputs
    Test(test::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = interrupt::watch().and_then(|()| {
        let workspace = Workspace::locate()?;
        match arguments.command {
            Command::Bench(options) => bench::run(&workspace, &options),
            Command::Compare(options) => compare::run(&workspace, &options),
            Command::Demo(options) => demo::run(&workspace, &options),
            Command::Deny => deny::run(&workspace),
            Command::Faults => faults::run(&workspace),
            Command::Fuzz(options) => fuzz::run(&workspace, &options),
            Command::Kill(options) => kill::run(&workspace, &options),
            Command::Mutants(options) => mutants::run(&workspace, &options),
            Command::Prices(options) => prices::run(&workspace, &options),
            Command::Screenshots => screenshots::run(&workspace),
            Command::Test(options) => test::run(&workspace, &options),
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
