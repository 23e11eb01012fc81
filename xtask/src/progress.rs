//! One line per step of a long job, with the seconds it took.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::ProcessGroup;

/// How often a step says that it is still going on when the output is not a terminal.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);
/// How many of the last lines of a log an error quotes.
const QUOTED_LINES: usize = 12;

/// A step that is going on, shown as one line that counts the seconds.
pub(crate) struct Step {
    name: String,
    started: Instant,
    shown: Instant,
    terminal: bool,
}

impl Step {
    pub(crate) fn start(name: impl Into<String>) -> Self {
        let now = Instant::now();
        let step = Self {
            name: name.into(),
            started: now,
            shown: now,
            terminal: io::stdout().is_terminal(),
        };
        if step.terminal {
            step.rewrite("...");
        } else {
            println!("{} ...", step.name);
        }
        step
    }

    /// Shows the seconds gone by, if enough of them have gone by since the last time.
    pub(crate) fn tick(&mut self) {
        let pause = if self.terminal {
            Duration::from_secs(1)
        } else {
            SIGN_OF_LIFE
        };
        if self.shown.elapsed() < pause {
            return;
        }
        self.shown = Instant::now();
        let seconds = self.started.elapsed().as_secs();
        if self.terminal {
            self.rewrite(&format!("... {seconds} s"));
        } else {
            println!("{} ... {seconds} s", self.name);
        }
    }

    pub(crate) fn done(self) {
        self.end("done");
    }

    pub(crate) fn failed(self) {
        self.end("FAILED");
    }

    /// Runs the command to its end, its output in the file `log`; a failure quotes the log's end.
    pub(crate) fn run(mut self, command: &mut Command, log: &Path) -> Result<()> {
        let file = open_log(log)?;
        command.stdout(file.try_clone()?).stderr(file);
        let status = ProcessGroup::run(command, || self.tick())?;
        if status.success() {
            self.done();
            return Ok(());
        }
        let name = self.name.clone();
        self.failed();
        bail!(
            "{name}: {status}; the end of {} is:\n{}",
            log.display(),
            last_lines(log)
        )
    }

    fn end(self, outcome: &str) {
        let ending = format!(
            "{outcome} after {:.1} s",
            self.started.elapsed().as_secs_f32()
        );
        if self.terminal {
            self.rewrite(&format!("{ending}\n"));
        } else {
            println!("{} {ending}", self.name);
        }
    }

    fn rewrite(&self, ending: &str) {
        print!("\r\x1b[K{} {ending}", self.name);
        let _ = io::stdout().flush();
    }
}

/// An empty file for a process's output, in a folder that is created if need be.
pub(crate) fn open_log(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    File::create(path).with_context(|| format!("cannot write the log {}", path.display()))
}

/// The end of a log, indented, as an error message quotes it.
pub(crate) fn last_lines(log: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(log).unwrap_or_default()).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    let quoted = lines
        .get(lines.len().saturating_sub(QUOTED_LINES)..)
        .unwrap_or_default();
    if quoted.is_empty() {
        return "  (it is empty)".to_owned();
    }
    quoted
        .iter()
        .map(|line| format!("  {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_command_is_reported_with_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("logs").join("count.log");
        let mut command = Command::new("sh");
        command.args(["-c", "for i in $(seq 30); do echo line $i; done; exit 3"]);

        let error = Step::start("count")
            .run(&mut command, &log)
            .unwrap_err()
            .to_string();

        assert!(error.contains("exit status: 3"), "{error}");
        assert!(error.contains(&log.display().to_string()), "{error}");
        assert!(error.ends_with("  line 29\n  line 30"), "{error}");
        assert!(
            error.contains("line 19") && !error.contains("line 18\n"),
            "{error}"
        );
    }
}
