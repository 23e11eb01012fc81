//! `cargo xtask mutants`: mistakes that are put into the code on purpose, one after the other. A test must fail for each.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::checks::Checks;
use crate::tool::{self, Tool};
use crate::workspace::Workspace;

#[derive(Args)]
pub(crate) struct Options {
    /// Where the mistakes are made
    #[arg(long, value_enum, value_name = "NAME")]
    only: Option<Subject>,
    /// Only a part of the mistakes: `0/4` is the first quarter
    #[arg(long, value_name = "K/N")]
    shard: Option<String>,
}

/// Code of which each line matters, and the tests that know it best.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Subject {
    /// When a request is sent again, and how soon
    Retry,
    /// The decoder of server-sent events
    Sse,
}

impl Subject {
    const fn name(self) -> &'static str {
        match self {
            Subject::Retry => "retry",
            Subject::Sse => "sse",
        }
    }

    const fn files(self) -> &'static [&'static str] {
        match self {
            Subject::Retry => &["instructor-core/src/retry.rs"],
            Subject::Sse => &["instructor-core/src/sse.rs", "instructor-core/src/sse/*.rs"],
        }
    }

    /// Arguments of `cargo test`. All tests would find no more, and take minutes for each mistake.
    const fn tests(self) -> &'static [&'static str] {
        match self {
            Subject::Retry => &["--lib", "--", "retry", "exchange"],
            Subject::Sse => &["--lib", "--", "sse"],
        }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let program = Tool::MUTANTS.install(workspace)?;
    let mut checks = Checks::default();
    for subject in Subject::value_variants() {
        if options.only.is_some_and(|only| only != *subject) {
            continue;
        }
        let name = subject.name();
        let folder = workspace.target.join("mutants").join(name);
        std::fs::create_dir_all(&folder)?;
        let mut command = tool::call(workspace, &program, "mutants");
        command.args(["--package", "instructor-core"]);
        for file in subject.files() {
            command.args(["--file", file]);
        }
        if let Some(shard) = &options.shard {
            command.args(["--shard", shard]);
        }
        command.arg("--output").arg(folder);
        command.arg("--").args(subject.tests());
        checks.run(&format!("mistakes on purpose: {name}"), &mut command)?;
    }
    checks.conclude()
}
