//! Checks that are made one after the other or side by side, and a summary at the end.

use std::io::{self, Read};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, bail};

use crate::process::ProcessGroup;

/// The checks made so far.
#[derive(Default)]
pub(crate) struct Checks {
    made: Vec<Check>,
}

/// Checks that are made one after the other, by name.
pub(crate) type Sequence = Vec<(String, Command)>;

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
        self.enter(name, passed, started.elapsed());
        Ok(())
    }

    /// The same, with other checks made meanwhile. What those print comes when all is over.
    pub(crate) fn run_beside(
        &mut self,
        name: &str,
        command: &mut Command,
        others: Sequence,
    ) -> Result<()> {
        let mut quiet = Checks::default();
        let made = thread::scope(|scope| {
            let beside = scope.spawn(|| quiet.run_side_by_side(vec![others]));
            let made = self.run(name, command);
            match beside.join() {
                Ok(outcome) => made.and(outcome),
                Err(_) => bail!("a thread that ran checks has panicked"),
            }
        });
        self.made.append(&mut quiet.made);
        made
    }

    /// Runs as many of the sequences at once as the machine has cores. What a check prints comes when it is over, in one piece.
    pub(crate) fn run_side_by_side(&mut self, sequences: Vec<Sequence>) -> Result<()> {
        let cores = thread::available_parallelism()?.get();
        let waiting = Mutex::new(sequences.into_iter());
        let made = Mutex::new(&mut self.made);
        let work = || -> Result<()> {
            loop {
                let next = lock(&waiting).next();
                let Some(sequence) = next else {
                    return Ok(());
                };
                for (name, command) in sequence {
                    let started = Instant::now();
                    let (passed, output) = run_quietly(command)?;
                    let mut made = lock(&made);
                    println!("\n=== {name}\n{output}");
                    made.push(Check {
                        name,
                        passed,
                        duration: started.elapsed(),
                    });
                }
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
            workers
                .into_iter()
                .try_for_each(|worker| match worker.join() {
                    Ok(outcome) => outcome,
                    Err(_) => bail!("a thread that ran checks has panicked"),
                })
        })
    }

    /// Notes a check that could not be made: it has failed.
    pub(crate) fn cannot_be_made(&mut self, name: &str, error: &Error) {
        println!("\n=== {name}\ncannot be made: {error:#}");
        self.enter(name, false, Duration::ZERO);
    }

    /// Notes a check that was made elsewhere. One that could not be made has failed.
    pub(crate) fn note(&mut self, name: &str, passed: Result<bool>, duration: Duration) {
        let passed = passed.unwrap_or_else(|error| {
            println!("cannot be made: {error:#}");
            false
        });
        self.enter(name, passed, duration);
    }

    fn enter(&mut self, name: &str, passed: bool, duration: Duration) {
        self.made.push(Check {
            name: name.to_owned(),
            passed,
            duration,
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

/// Runs a command. Gives whether it has succeeded, and what it and its descendants have printed.
fn run_quietly(mut command: Command) -> Result<(bool, String)> {
    let (mut reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut output = Vec::new();
    let status = thread::scope(|scope| {
        let reading = scope.spawn(|| reader.read_to_end(&mut output));
        let status = ProcessGroup::run(&mut command, || {});
        // It holds the other end of the pipe.
        drop(command);
        let _ = reading.join();
        status
    })?;
    let output = String::from_utf8_lossy(&output).into_owned();
    Ok((status.success(), output))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_is_run_side_by_side_keeps_its_order_and_its_outcome() {
        let sequence = |name: &str, scripts: &[&str]| {
            let scripts = scripts.iter().enumerate();
            scripts
                .map(|(number, script)| (format!("{name}{number}"), shell(script)))
                .collect()
        };
        let mut checks = Checks::default();
        checks
            .run_side_by_side(vec![
                sequence("a", &["true", "exit 3", "true"]),
                sequence("b", &["echo out; echo err >&2"]),
                sequence("c", &["true", "true"]),
            ])
            .unwrap();
        let of = |name: char| {
            let made = checks.made.iter();
            let made = made.filter(|check| check.name.starts_with(name));
            made.map(|check| (check.name.as_str(), check.passed))
                .collect::<Vec<_>>()
        };
        assert_eq!(of('a'), [("a0", true), ("a1", false), ("a2", true)]);
        assert_eq!(of('b'), [("b0", true)]);
        assert_eq!(of('c'), [("c0", true), ("c1", true)]);
        assert!(checks.conclude().is_err());
    }

    #[test]
    fn what_is_run_beside_another_is_entered_behind_it() {
        let mut checks = Checks::default();
        let others = vec![
            ("b".to_owned(), shell("exit 3")),
            ("c".to_owned(), shell("true")),
        ];
        checks
            .run_beside("a", &mut shell("sleep 0.1"), others)
            .unwrap();
        let made = checks.made.iter();
        let made: Vec<_> = made
            .map(|check| (check.name.as_str(), check.passed))
            .collect();
        assert_eq!(made, [("a", true), ("b", false), ("c", true)]);
    }

    #[test]
    fn the_output_is_everything_that_was_printed() {
        let script = "echo first; echo second >&2; (sleep 0.1; echo third) & wait; exit 1";
        let (passed, output) = run_quietly(shell(script)).unwrap();
        assert!(!passed);
        assert_eq!(output, "first\nsecond\nthird\n");
    }
}
