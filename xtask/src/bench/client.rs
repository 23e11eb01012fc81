//! A measured client: a process that carries out one round after the other.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::de::DeserializeOwned;

use crate::bench::instant_server::InstantServer;
use crate::bench::order::{Figures, Held, Order};
use crate::bench::programs::Programs;
use crate::process::ProcessGroup;

/// A running client; it ends when this value is dropped.
pub(crate) struct Client {
    /// The name in tables.
    pub(crate) name: &'static str,
    orders: ChildStdin,
    figures: BufReader<ChildStdout>,
    _process: ProcessGroup,
}

impl Client {
    /// Starts `program`, which stands in tables as `name`.
    pub(crate) fn start(
        programs: &Programs,
        server: &InstantServer,
        name: &'static str,
        program: &str,
        arguments: &[&str],
    ) -> Result<Self> {
        let mut command = programs.program(program);
        command.arg(&server.address).args(arguments);
        Self::spawn(name, command)
    }

    /// Starts a command that knows the server, or needs none.
    pub(crate) fn spawn(name: &'static str, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = ProcessGroup::start(&mut command)?;
        Ok(Self {
            name,
            orders: process.take_input()?,
            figures: process.take_output()?,
            _process: process,
        })
    }

    /// Has the client carry out one round, and waits for it. A client that fails says why on standard error.
    pub(crate) fn round(&mut self, order: Order) -> Result<Figures> {
        self.ask(order)
    }

    /// Has so many calls in flight at once.
    pub(crate) fn hold(&mut self, count: u64, drop: bool) -> Result<Held> {
        self.ask(Order::Hold { count, drop })
    }

    fn ask<A: DeserializeOwned>(&mut self, order: Order) -> Result<A> {
        let lost = || format!("the client `{}` has ended before its time", self.name);
        let order = serde_json::to_string(&order)?;
        writeln!(self.orders, "{order}").with_context(lost)?;
        let mut line = String::new();
        self.figures.read_line(&mut line).with_context(lost)?;
        ensure!(!line.is_empty(), lost());
        serde_json::from_str(&line)
            .with_context(|| format!("the client `{}` says `{}`", self.name, line.trim()))
    }
}
