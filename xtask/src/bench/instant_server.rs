//! The instant model server, in a process of its own.

use std::io::BufRead;
use std::process::Stdio;

use anyhow::{Context, Result};

use crate::bench::programs::Programs;
use crate::process::ProcessGroup;

/// A running server; it ends when this value is dropped.
pub(crate) struct InstantServer {
    /// Where it listens, without a path.
    pub(crate) address: String,
    _process: ProcessGroup,
}

impl InstantServer {
    pub(crate) fn start(programs: &Programs) -> Result<Self> {
        let mut command = programs.program("server");
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = ProcessGroup::start(&mut command)?;
        let mut address = String::new();
        process
            .take_output()?
            .read_line(&mut address)
            .context("the instant server does not say where it listens")?;
        Ok(Self {
            address: address.trim().to_owned(),
            _process: process,
        })
    }
}
