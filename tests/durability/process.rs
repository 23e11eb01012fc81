//! A program in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// What a program is given.
pub(crate) struct Surroundings<'a> {
    pub(crate) provider: &'a str,
    pub(crate) mlflow: &'a str,
    pub(crate) experiment: &'a str,
    /// The home of its user. What is not delivered waits in `spool` there.
    pub(crate) home: &'a Path,
    /// How many seconds it waits for an answer of MLflow.
    pub(crate) patience: u32,
}

/// Set in a program's process: the address of its provider.
pub(crate) const PROVIDER: &str = "INSTRUCTOR_TEST_DURABILITY_PROVIDER";

/// A running program. It is killed when this is dropped.
pub(crate) struct Program {
    process: Child,
    orders: ChildStdin,
    lines: BufReader<ChildStdout>,
}

impl Program {
    /// Starts the program that is the test of this name.
    pub(crate) fn start(name: &str, surroundings: &Surroundings<'_>) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", name, "--nocapture", "--test-threads=1"])
            .env(PROVIDER, surroundings.provider)
            .env("MLFLOW_TRACKING_URI", surroundings.mlflow)
            .env("MLFLOW_EXPERIMENT_NAME", surroundings.experiment)
            .env("MLFLOW_SPOOL_DIR", surroundings.home.join("spool"))
            .env("HOME", surroundings.home)
            .env(
                "MLFLOW_HTTP_REQUEST_TIMEOUT",
                surroundings.patience.to_string(),
            )
            .env_remove("RUST_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let orders = process.stdin.take().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        Program {
            process,
            orders,
            lines,
        }
    }

    /// Waits until it says something that begins so. [`kill`](Self::kill) gives what comes after it.
    pub(crate) fn line(&mut self, beginning: &str) -> String {
        loop {
            let mut line = String::new();
            self.lines.read_line(&mut line).unwrap();
            assert!(!line.is_empty(), "the program has ended before its time");
            if line.starts_with(beginning) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// Kills it as `kill -9` does; the whole lines that it has written.
    pub(crate) fn kill(mut self) -> Vec<String> {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        let mut text = String::new();
        self.lines.read_to_string(&mut text).unwrap();
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        text[..whole].lines().map(str::to_owned).collect()
    }

    /// Waits for its end, which must be a good one; what it has said.
    pub(crate) fn finish(mut self) -> String {
        let mut text = String::new();
        self.lines.read_to_string(&mut text).unwrap();
        assert!(self.process.wait().unwrap().success(), "{text}");
        text
    }

    /// Gives an order; [`answer`](Self::answer) waits until it is done.
    pub(crate) fn order(&mut self, order: &str) {
        writeln!(self.orders, "{order}").unwrap();
    }

    /// What came of the order.
    pub(crate) fn answer(&mut self) -> Value {
        let line = self.line(ANSWER);
        serde_json::from_str(line.trim_start_matches(ANSWER)).unwrap()
    }
}

/// Before a trace that the disk has not taken, so that it ends with the process.
pub(crate) const UNWRITTEN: &str = "unwritten: ";
/// Begins the line that names the trace of a call that has returned.
pub(crate) const RETURNED: &str = "returned: ";

/// Begins the line of an answer.
pub(crate) const ANSWER: &str = "answer: ";

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
