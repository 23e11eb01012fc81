//! Whole calls whose answers are streamed, over sockets: the processor time of the client alone.

use std::process::Command;

use anyhow::Result;

use crate::bench::client::Client;
use crate::bench::instant_server::InstantServer;
use crate::bench::order::{Figures, Order};
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::{Other, Series};
use crate::interpreter::Interpreter;
use crate::packages::Packages;
use crate::progress::Step;
use crate::workspace::Workspace;

const PEER: &str = "instructor-py";
const ROUNDS: usize = 15;
/// A call of the peer takes seconds.
const ROUNDS_BESIDE_PEER: usize = 3;

/// D4 and D5.
pub(super) fn rows(workspace: &Workspace, programs: &Programs) -> Result<Vec<Row>> {
    let python = Packages::INSTRUCTOR.install(
        workspace,
        &Interpreter::find()?,
        &workspace.target.join("environment"),
    )?;
    let server = InstantServer::start(programs)?;
    let start = |name, caller, bytes| {
        Client::start(programs, &server, name, "stream-caller", &[caller, bytes])
    };

    let step = Step::start("calls with a streamed answer of 100 KB");
    let mut clients = [
        start("ours", "ours", "100000")?,
        start("limit", "bytes", "100000")?,
    ];
    let whole = measure(&mut clients, ROUNDS)?;
    step.done();

    let step = Step::start("calls with a streamed answer of 25 KB, beside Instructor for Python");
    let mut command = Command::new(python);
    command.arg(workspace.script("stream_caller.py"));
    command.args([&server.address, "25000"]);
    let mut clients = [
        start("ours", "ours", "25000")?,
        start("limit", "bytes", "25000")?,
        Client::spawn(PEER, command)?,
    ];
    let beside = measure(&mut clients, ROUNDS_BESIDE_PEER)?;
    step.done();

    let milliseconds = |figures: &Figures| figures.process_cpu() / 1e3;
    Ok(vec![
        Row::new(
            "D4-call",
            "100 KB in 4-byte deltas, streamed and read",
            "ms",
            &whole,
            milliseconds,
        )
        .with_goal(Goal::RatioAtMost(1.3)),
        Row::compared(
            "D5-python",
            "25 KB in 4-byte deltas, streamed and read",
            "ms",
            &beside,
            milliseconds,
            Other::Peer(PEER),
        ),
    ])
}

/// Interleaved rounds of a call each, after one that does not count.
fn measure(clients: &mut [Client], rounds: usize) -> Result<Series<Figures>> {
    let order = Order::Calls {
        count: 1,
        concurrency: 1,
        interval: 0,
    };
    for client in clients.iter_mut() {
        client.round(order)?;
    }
    Series::measure(
        clients,
        rounds,
        |client| client.name,
        |client| client.round(order),
    )
}
