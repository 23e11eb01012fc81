//! `cargo xtask fuzz`: random inputs for what reads the bytes of others. `fuzz/src/lib.rs` says where they come from.

use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::checks::{Checks, Sequence};
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// How many seconds each target runs
    #[arg(
        long,
        default_value_t = 600,
        value_name = "N",
        conflicts_with = "minutes"
    )]
    seconds: u64,
    /// How many minutes each target runs
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// Only this target
    #[arg(long, value_enum, value_name = "NAME")]
    only: Option<Target>,
}

/// The targets there are: a word and a name here, and a file in `fuzz/tests`.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Target {
    /// The decoder of server-sent events, beside those of others
    Sse,
    /// The reader of JSON that arrives in pieces, beside `serde_json`, and partial values
    Json,
    /// The codecs of all dialects: bodies of success and of failure, and streams
    Decode,
    /// What a call says after a wrong answer
    Reask,
    /// What is sent to MLflow, read by OpenTelemetry's own definitions
    Otlp,
    /// The records that wait for MLflow
    Record,
    /// The reader of the spool's segments, which finds all that is whole of them
    Spool,
}

impl Target {
    /// The name of its file.
    const fn name(self) -> &'static str {
        match self {
            Target::Sse => "sse",
            Target::Json => "json",
            Target::Decode => "decode",
            Target::Reask => "reask",
            Target::Otlp => "otlp",
            Target::Record => "record",
            Target::Spool => "spool",
        }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let seconds = options
        .minutes
        .map_or(options.seconds, |minutes| 60 * minutes);
    let mut checks = Checks::default();
    let (name, mut command) = build(workspace);
    checks.run(&name, &mut command)?;
    if let Some(target) = options.only {
        let (name, mut command) = check(workspace, target, seconds);
        checks.run(&name, &mut command)?;
    } else {
        checks.run_side_by_side(sequences(workspace, seconds))?;
    }
    checks.conclude()
}

/// Builds all targets, so that none of them waits for that of another.
pub(crate) fn build(workspace: &Workspace) -> (String, Command) {
    let mut command = cargo_test(workspace);
    command.arg("--no-run");
    ("random inputs are built".to_owned(), command)
}

/// Each target for `seconds`, to be run side by side.
pub(crate) fn sequences(workspace: &Workspace, seconds: u64) -> Vec<Sequence> {
    let targets = Target::value_variants().iter();
    targets
        .map(|target| vec![check(workspace, *target, seconds)])
        .collect()
}

fn check(workspace: &Workspace, target: Target, seconds: u64) -> (String, Command) {
    let name = target.name();
    let mut command = cargo_test(workspace);
    command
        .args(["--test", name])
        // How many inputs there were is printed by the engine.
        .args(["--", "--nocapture"])
        .env("BOLERO_RANDOM_TEST_TIME_MS", (seconds * 1000).to_string());
    (format!("{seconds} s of random inputs: {name}"), command)
}

/// The tests of `fuzz`. They are built with debug assertions, below the target folder of everything else.
fn cargo_test(workspace: &Workspace) -> Command {
    let mut command = workspace.cargo();
    command
        // Not `--locked`, for the reason that the benchmark's programs are not.
        .arg("test")
        .arg("--manifest-path")
        .arg(workspace.root.join("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(workspace.target.join("fuzz"));
    command
}
