//! A process with all its descendants, ended together.

use std::io::BufReader;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use crate::interrupt;

/// How long a group may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(50);

/// A child process and its descendants in a process group of their own.
///
/// The group ends when this value is dropped and when the user presses Ctrl-C.
pub(crate) struct ProcessGroup {
    child: Child,
    group: Pid,
}

impl ProcessGroup {
    /// Starts the command, whose output the caller has already directed.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        // Held while the process starts, so that Ctrl-C cannot come between start and entry.
        let mut running = interrupt::running();
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let group = Pid::from_raw(i32::try_from(child.id())?);
        running.insert(group);
        Ok(Self { child, group })
    }

    /// Starts the command without input and waits for it, calling `while_waiting` 20 times a second.
    pub(crate) fn run(
        command: &mut Command,
        mut while_waiting: impl FnMut(),
    ) -> Result<ExitStatus> {
        let mut process = Self::start(command.stdin(Stdio::null()))?;
        loop {
            if let Some(status) = process.exit_status()? {
                return Ok(status);
            }
            while_waiting();
            thread::sleep(POLL);
        }
    }

    /// Starts the command without input and waits for it, without looking up in between: so the time it takes can be measured.
    pub(crate) fn wait(command: &mut Command) -> Result<ExitStatus> {
        let mut process = Self::start(command.stdin(Stdio::null()))?;
        let status = process.child.wait();
        interrupt::stop_here_if_interrupted();
        Ok(status?)
    }

    /// What is written here, the first process of the group reads. Dropping it says that there is no more.
    pub(crate) fn take_input(&mut self) -> Result<ChildStdin> {
        self.child.stdin.take().context("the input is not a pipe")
    }

    /// What the first process of the group writes.
    pub(crate) fn take_output(&mut self) -> Result<BufReader<ChildStdout>> {
        let output = self.child.stdout.take();
        output
            .map(BufReader::new)
            .context("the output is not a pipe")
    }

    /// The exit status of the first process of the group, or `None` while it runs.
    pub(crate) fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait();
        interrupt::stop_here_if_interrupted();
        Ok(status?)
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        // The children of a finished process may live on, so the group is ended in any case.
        let mut running = interrupt::running();
        end_group(self.group);
        running.remove(&self.group);
    }
}

/// Asks every process of the group to end, and kills those that do not within [`GRACE`].
pub(crate) fn end_group(group: Pid) {
    let deadline = Instant::now() + GRACE;
    // Errors of `killpg` mean that no process of the group is left.
    let _ = killpg(group, Signal::SIGTERM);
    while Instant::now() < deadline {
        reap(group);
        if killpg(group, None).is_err() {
            return;
        }
        thread::sleep(POLL);
    }
    let _ = killpg(group, Signal::SIGKILL);
    reap(group);
}

/// Takes the exit status of our finished children in the group: until then they count as alive.
fn reap(group: Pid) {
    let any_of_group = Pid::from_raw(-group.as_raw());
    while matches!(
        waitpid(any_of_group, Some(WaitPidFlag::WNOHANG)),
        Ok(status) if status != WaitStatus::StillAlive
    ) {}
}

#[cfg(test)]
mod tests {
    use std::io::BufRead;

    use super::*;

    #[test]
    fn dropping_a_group_ends_the_grandchildren_too() {
        let mut command = Command::new("sh");
        command
            .args(["-c", "sleep 600 & echo started; wait"])
            .stdout(Stdio::piped());
        let mut process = ProcessGroup::start(&mut command).unwrap();
        let mut line = String::new();
        process.take_output().unwrap().read_line(&mut line).unwrap();
        assert_eq!(line, "started\n");

        let group = process.group;
        assert!(killpg(group, None).is_ok(), "the group runs");
        let started = Instant::now();
        drop(process);
        assert!(killpg(group, None).is_err(), "the group is gone");
        assert!(started.elapsed() < GRACE, "nothing had to be killed");
    }

    #[test]
    fn run_reports_the_exit_status() {
        let mut command = Command::new("sh");
        command.args(["-c", "exit 7"]);
        let status = ProcessGroup::run(&mut command, || {}).unwrap();
        assert_eq!(status.code(), Some(7));
    }
}
