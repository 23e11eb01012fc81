//! `cargo xtask fuzz`: random inputs for the parsers of instructor-core. `fuzz/src/lib.rs` says where they come from.

use std::process::Command;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::checks::Checks;
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 600, value_name = "N")]
    seconds: u64,
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
}

impl Target {
    /// The name of its file.
    const fn name(self) -> &'static str {
        match self {
            Target::Sse => "sse",
            Target::Json => "json",
            Target::Decode => "decode",
            Target::Reask => "reask",
        }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut checks = Checks::default();
    for target in Target::value_variants() {
        if options.only.is_none_or(|only| only == *target) {
            check(workspace, &mut checks, *target, options.seconds)?;
        }
    }
    checks.conclude()
}

/// Adds each target to the checks, for `seconds`.
pub(crate) fn check_all(workspace: &Workspace, checks: &mut Checks, seconds: u64) -> Result<()> {
    Target::value_variants()
        .iter()
        .try_for_each(|target| check(workspace, checks, *target, seconds))
}

fn check(workspace: &Workspace, checks: &mut Checks, target: Target, seconds: u64) -> Result<()> {
    let name = target.name();
    let mut command = test(workspace, name);
    command.env("BOLERO_RANDOM_TEST_TIME_MS", (seconds * 1000).to_string());
    checks.run(
        &format!("{seconds} s of random inputs: {name}"),
        &mut command,
    )
}

/// The tests of a target. They are built with debug assertions, below the target folder of everything else.
fn test(workspace: &Workspace, name: &str) -> Command {
    let mut command = workspace.cargo();
    command
        // Not `--locked`, for the reason that the benchmark's programs are not.
        .args(["test", "--test", name])
        .arg("--manifest-path")
        .arg(workspace.root.join("fuzz/Cargo.toml"))
        .arg("--target-dir")
        .arg(workspace.target.join("fuzz"))
        // How many inputs there were is printed by the engine.
        .args(["--", "--nocapture"]);
    command
}
