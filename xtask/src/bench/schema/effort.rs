//! What a command costs.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

use crate::process::ProcessGroup;
use crate::progress::{last_lines, open_log};

/// The time of one command with all its descendants.
pub(crate) struct Effort {
    wall: Duration,
    processor: Duration,
}

impl Effort {
    /// Runs the command to its end, its output in the file `log`, where `sign` has to appear: the proof that it did the work.
    pub(crate) fn of(command: &mut Command, log: &Path, sign: &str) -> Result<Self> {
        let file = open_log(log)?;
        command.stdout(file.try_clone()?).stderr(file);
        let processor = processor_time_of_children()?;
        let started = Instant::now();
        let status = ProcessGroup::wait(command)?;
        let wall = started.elapsed();
        let processor = processor_time_of_children()?.saturating_sub(processor);
        let is_done = fs::read_to_string(log)?.contains(sign);
        ensure!(
            status.success() && is_done,
            "expected `{sign}`, but: {status}; the end of {} is:\n{}",
            log.display(),
            last_lines(log)
        );
        Ok(Self { wall, processor })
    }

    /// Milliseconds from start to end.
    pub(crate) fn wall(&self) -> f64 {
        self.wall.as_secs_f64() * 1e3
    }

    /// Milliseconds of all processors together, in the kernel too.
    pub(crate) fn processor(&self) -> f64 {
        self.processor.as_secs_f64() * 1e3
    }
}

/// Of all children that have ended, and of the children that those have waited for.
fn processor_time_of_children() -> Result<Duration> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(duration(usage.user_time()) + duration(usage.system_time()))
}

fn duration(time: TimeVal) -> Duration {
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let microseconds = u64::try_from(time.tv_usec()).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_micros(microseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_time_is_that_of_grandchildren_too() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let busy = "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; echo counted";
        let mut command = Command::new("sh");
        command.args(["-c", &format!("sh -c '{busy}'; sleep 0.3")]);
        let effort = Effort::of(&mut command, &log, "counted").unwrap();
        assert!(effort.processor() > 10.0, "{}", effort.processor());
        assert!(effort.wall() > 300.0, "{}", effort.wall());

        let error = Effort::of(&mut command, &log, "compiled").map(|_| ());
        let error = error.unwrap_err().to_string();
        assert!(error.starts_with("expected `compiled`"), "{error}");
    }
}
