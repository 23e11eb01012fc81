//! Checks that are made one after the other, and a summary at the end.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail};

use crate::process::ProcessGroup;

/// The checks made so far.
#[derive(Default)]
pub(crate) struct Checks {
    made: Vec<Check>,
}

struct Check {
    name: String,
    passed: bool,
    duration: Duration,
}

impl Checks {
    /// Runs a check; one that fails does not keep the others from being made.
    pub(crate) fn run(&mut self, name: &str, command: &mut Command) -> Result<()> {
        println!("\n=== {name}");
        let started = Instant::now();
        let passed = ProcessGroup::run(command, || {})?.success();
        self.made.push(Check {
            name: name.to_owned(),
            passed,
            duration: started.elapsed(),
        });
        Ok(())
    }

    /// Notes a check that could not be made: it has failed.
    pub(crate) fn cannot_be_made(&mut self, name: &str, error: &Error) {
        println!("\n=== {name}\ncannot be made: {error:#}");
        self.made.push(Check {
            name: name.to_owned(),
            passed: false,
            duration: Duration::ZERO,
        });
    }

    /// Prints what came of them.
    ///
    /// # Errors
    ///
    /// If one has failed.
    pub(crate) fn conclude(&self) -> Result<()> {
        println!("\n=== summary");
        for check in &self.made {
            let outcome = if check.passed { "ok    " } else { "FAILED" };
            println!(
                "{outcome} {:7.1} s  {}",
                check.duration.as_secs_f32(),
                check.name
            );
        }
        let failed = self.made.iter().filter(|check| !check.passed).count();
        if failed > 0 {
            bail!("{failed} of {} checks have failed", self.made.len());
        }
        Ok(())
    }
}
