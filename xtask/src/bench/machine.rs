//! The machine that is measured on, and whether it has other work.

use std::fmt;
use std::fs;
use std::num::NonZero;
use std::thread::available_parallelism;

use anyhow::Result;

/// The machine at the start of a run.
pub(crate) struct Machine {
    processors: usize,
    /// Programs that wanted a processor during the last minute, on average; `None` where the system does not say.
    load: Option<f64>,
}

impl Machine {
    pub(crate) fn now() -> Result<Self> {
        let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
        Ok(Self {
            processors: available_parallelism().map(NonZero::get)?,
            load: text.split(' ').next().and_then(|load| load.parse().ok()),
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} processors", self.processors)?;
        match self.load {
            Some(load) => write!(
                f,
                ", load {load:.1} in the minute before (the build that came first counts)"
            ),
            None => Ok(()),
        }
    }
}
