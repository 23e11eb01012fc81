//! `cargo xtask bench`: what the framework costs, side by side with its peers and with the limit.
//!
//! `docs/benchmarks.md` says how it is measured and what each row means.

mod autolog;
mod call;
mod client;
mod extraction;
mod instant_server;
mod load;
mod machine;
mod order;
mod outage;
mod programs;
mod repair;
mod row;
mod sample;
mod schema;
mod series;
mod stream;
mod summary;
mod table;
mod validators;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::lock::FolderLock;
use crate::workspace::Workspace;
use machine::Machine;
use programs::Programs;

#[derive(Args)]
pub(crate) struct Options {
    /// Only this benchmark
    #[arg(long, value_enum)]
    only: Option<Benchmark>,
}

/// The benchmarks there are: one word and one module for each.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// A whole call against an instant server: time, processor, allocations, tracing
    Call,
    /// The schema of a type: getting at it, and what deriving it adds to builds
    Schema,
    /// An answer with eight fields that a language model judges
    Validators,
    /// Twenty cases of wrong answers: tokens, beside Instructor for Python
    Repair,
    /// Thirty texts to the local language model, with and without retries
    Extraction,
    /// A long answer that arrives in small pieces, beside Instructor for Python
    Stream,
    /// Ten thousand calls at once: what each takes, and what is left when they are dropped
    Load,
    /// What tracing to MLflow costs a call, and how long delivery takes, beside MLflow's own client
    Autolog,
    /// Calls whose traces no server takes, beside calls whose traces are taken
    Outage,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let folder = workspace.target.join("bench");
    let _lock = FolderLock::take(&folder)?;
    let programs = Programs::build(workspace, &folder)?;
    let machine = Machine::now()?;
    println!("\n{machine}");

    let mut rows = Vec::new();
    for benchmark in Benchmark::value_variants() {
        if options.only.is_none_or(|only| only == *benchmark) {
            rows.extend(match benchmark {
                Benchmark::Call => call::run(&programs)?,
                Benchmark::Schema => schema::run(workspace, &programs, &folder.join("schema"))?,
                Benchmark::Validators => validators::run(&programs)?,
                Benchmark::Repair => repair::run(workspace, &programs)?,
                Benchmark::Extraction => extraction::run(workspace, &programs)?,
                Benchmark::Stream => stream::run(workspace, &programs)?,
                Benchmark::Load => load::run(&programs)?,
                Benchmark::Autolog => autolog::run(workspace, &programs, &folder)?,
                Benchmark::Outage => outage::run(&programs, &folder.join("outage"))?,
            });
        }
    }
    println!("\n{}", table::table(&rows));
    let summary = folder.join("summary.json");
    summary::write(&summary, &rows)?;
    println!(
        "the ratios' middle half in brackets; also in {}",
        summary.display()
    );
    Ok(())
}
