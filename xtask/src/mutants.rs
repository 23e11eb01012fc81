//! `cargo xtask mutants`: mistakes that are put into the code on purpose, one after the other. A test must fail for each.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde::Deserialize;

use crate::checks::Checks;
use crate::process::ProcessGroup;
use crate::tool::{self, Tool};
use crate::workspace::Workspace;

/// How many of a hundred mistakes the tests must find.
const GOAL: f64 = 95.0;

#[derive(Args)]
pub(crate) struct Options {
    /// Where the mistakes are made
    #[arg(long, value_enum, value_name = "NAME")]
    only: Option<Subject>,
    /// Only a part of the mistakes: `0/4` is the first quarter
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
    /// How many mistakes are built and tried at a time
    #[arg(long, value_name = "N", default_value_t = 1)]
    jobs: u8,
}

/// Code of which each line matters, and the tests that know it best.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// When a request is sent again, and how soon
    Retry,
    /// The decoder of server-sent events
    Sse,
    /// The files in which traces wait
    Spool,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Subject::Retry => "retry",
            Subject::Sse => "sse",
            Subject::Spool => "spool",
        }
    }

    const fn package(self) -> &'static str {
        match self {
            Subject::Retry | Subject::Sse => "instructor-core",
            Subject::Spool => "instructor-mlflow",
        }
    }

    const fn files(self) -> &'static [&'static str] {
        match self {
            Subject::Retry => &[
                "instructor-core/src/retry.rs",
                "instructor-core/src/retry/*.rs",
            ],
            Subject::Sse => &["instructor-core/src/sse.rs", "instructor-core/src/sse/*.rs"],
            Subject::Spool => &[
                "instructor-mlflow/src/spool.rs",
                "instructor-mlflow/src/spool/**/*.rs",
            ],
        }
    }

    /// Which of the library's own tests are run. All tests would find no more, and take minutes for each mistake.
    const fn tests(self) -> &'static [&'static str] {
        match self {
            Subject::Retry => &["retry", "exchange"],
            Subject::Sse => &["sse"],
            // The simulated losses of power take longer than all the others: what only they find counts as not found.
            // Many of the others wait, so that there may be more of them at a time than cores.
            Subject::Spool => &["spool", "--skip", "losing_power", "--test-threads=8"],
        }
    }
}

/// What became of the mistakes.
#[derive(Debug, Deserialize)]
struct Outcomes {
    caught: u32,
    missed: u32,
    timeout: u32,
    unviable: u32,
}

impl Outcomes {
    /// Those that were found, of a hundred that can be built. A test that hangs has found one.
    fn score(&self) -> Result<f64> {
        let found = self.caught + self.timeout;
        let all = found + self.missed;
        ensure!(all > 0, "no mistake was made: do the files still exist?");
        Ok(100.0 * f64::from(found) / f64::from(all))
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let program = Tool::MUTANTS.install(workspace)?;
    let mut checks = Checks::default();
    for subject in Subject::value_variants() {
        if options.only.is_some_and(|only| only != *subject) {
            continue;
        }
        let name = format!("mistakes on purpose: {}", subject.name());
        println!("\n=== {name}");
        let started = Instant::now();
        let outcome = made(workspace, &program, *subject, options);
        let is_met = outcome.and_then(|outcomes| {
            let score = outcomes.score()?;
            println!(
                "{score:.1} % were found (goal {GOAL} %): {} by a test, {} by one that did not end, {} were not; {} could not be built",
                outcomes.caught, outcomes.timeout, outcomes.missed, outcomes.unviable
            );
            Ok(score >= GOAL)
        });
        checks.note(&name, is_met, started.elapsed());
    }
    checks.conclude()
}

fn made(
    workspace: &Workspace,
    program: &Path,
    subject: Subject,
    options: &Options,
) -> Result<Outcomes> {
    let folder = workspace.target.join("mutants").join(subject.name());
    fs::create_dir_all(&folder)?;
    let outcomes = folder.join("mutants.out/outcomes.json");
    let _ = fs::remove_file(&outcomes);
    let mut command = tool::call(workspace, program, "mutants");
    command.args(["--package", subject.package()]);
    for file in subject.files() {
        command.args(["--file", file]);
    }
    // A build that begins where the last one ended is worth more here than anywhere else.
    command.env("CARGO_INCREMENTAL", "1");
    command.args(["--jobs", &options.jobs.to_string()]);
    if let Some(shard) = &options.shard {
        // One of so many in turn, so that a part knows of every file.
        command.args(["--shard", shard, "--sharding", "round-robin"]);
    }
    command.arg("--output").arg(&folder);
    // Said as an argument of cargo, since the build that comes before the tests would else link all programs of tests.
    command.arg("--cargo-arg=--lib");
    command.args(["--", "--"]).args(subject.tests());
    // It also fails if a single mistake is not found; what counts is how many.
    let _ = ProcessGroup::run(&mut command, || {})?;
    let text = fs::read_to_string(&outcomes).context("cargo-mutants tells of no outcomes")?;
    Ok(serde_json::from_str(&text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_of_what_can_be_built_and_not_of_nothing() {
        let outcomes = |text: &str| serde_json::from_str::<Outcomes>(text).unwrap();
        let some = outcomes(
            r#"{"outcomes": [], "total_mutants": 25, "caught": 17, "missed": 1, "timeout": 2, "unviable": 5}"#,
        );
        assert_eq!(some.score().unwrap(), 95.0);
        let none = outcomes(r#"{"caught": 0, "missed": 0, "timeout": 0, "unviable": 5}"#);
        assert!(none.score().is_err());
    }
}
