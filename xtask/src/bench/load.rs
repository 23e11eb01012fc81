//! Ten thousand calls in flight at once: the memory of each, and what is left when they are dropped half-way.

use anyhow::{Result, ensure};

use crate::bench::client::Client;
use crate::bench::instant_server::InstantServer;
use crate::bench::order::Held;
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::Series;
use crate::progress::Step;

const CALLS: u64 = 10_000;
const ROUNDS: usize = 3;
/// So many calls are dropped again and again: at first until the process has all the memory that it needs for them, then to see whether it
/// takes more.
const DROPPED: u64 = 1_000;
const SETTLING: usize = 6;
const REPEATED: usize = 4;
/// KiB of a call in flight, and of one that was dropped.
const MOST: f64 = 32.0;
const MOST_LEFT: f64 = 0.5;
/// Connections with MLflow.
const MOST_OF_MLFLOW: u64 = 16;

/// L1 to L3.
pub(crate) fn run(programs: &Programs) -> Result<Vec<Row>> {
    let mlflow = InstantServer::start(programs)?;
    let uri = format!("{}/tracking", mlflow.address);
    let autolog: &[&str] = &["--autolog", &uri, "bench"];
    let plain = measure(
        programs,
        &[("ours", "ours", &[]), ("limit", "bare-reqwest", &[])],
    )?;
    let traced = measure(
        programs,
        &[("traced", "ours", autolog), ("not traced", "ours", &[])],
    )?;
    Ok(vec![
        Row::new(
            "L1-memory",
            "a call of 10,000 in flight",
            "KiB",
            &plain,
            |round| round.in_flight,
        )
        .with_goal(Goal::AtMost(MOST)),
        Row::new(
            "L1-left",
            "left of it when it was dropped",
            "KiB",
            &plain,
            |round| round.left,
        )
        .with_goal(Goal::AtMost(MOST_LEFT)),
        Row::new(
            "L2-memory",
            "a traced call of 10,000 in flight",
            "KiB",
            &traced,
            |round| round.in_flight,
        )
        .with_goal(Goal::AtMost(MOST)),
        Row::new(
            "L2-left",
            "left of it when it was dropped",
            "KiB",
            &traced,
            |round| round.left,
        )
        .with_goal(Goal::AtMost(MOST_LEFT)),
    ])
}

/// KiB of a call, in a process of its own.
struct Round {
    in_flight: f64,
    left: f64,
}

/// How much more there is for each call.
fn kibibytes(before: u64, after: u64, calls: u64) -> f64 {
    (after as f64 - before as f64) / 1024.0 / calls as f64
}

/// A client: its name in the table, its program, and what that is told.
type Kind<'a> = (&'static str, &'static str, &'a [&'a str]);

fn measure(programs: &Programs, kinds: &[Kind<'_>]) -> Result<Series<Round>> {
    let names: Vec<_> = kinds.iter().map(|(name, ..)| *name).collect();
    let step = Step::start(format!("{CALLS} calls in flight, {}", names.join(" and ")));
    let series = Series::measure(
        &mut kinds.to_vec(),
        ROUNDS,
        |(name, ..)| *name,
        |kind| round(programs, kind),
    )?;
    step.done();
    Ok(series)
}

/// A process of its own, and a server that has seen no other, since a connection that has ended keeps its port for a while.
fn round(programs: &Programs, (name, program, arguments): &Kind<'_>) -> Result<Round> {
    let mut server = InstantServer::start(programs)?;
    server.address.push_str("/held");
    let mut client = Client::start(programs, &server, name, program, arguments)?;
    // What every process needs once.
    drop_calls(&mut client, 1)?;
    let held = drop_calls(&mut client, CALLS)?;
    let in_flight = kibibytes(held.before.memory, held.during.memory, CALLS);
    // It fails unless each is answered.
    client.hold(CALLS, false)?;

    let mut client = Client::start(programs, &server, name, program, arguments)?;
    let mut settled = 0;
    for _ in 0..SETTLING {
        settled = drop_calls(&mut client, DROPPED)?.after.memory;
    }
    let mut after = settled;
    for _ in 0..REPEATED {
        after = drop_calls(&mut client, DROPPED)?.after.memory;
    }
    let left = kibibytes(settled, after, DROPPED * REPEATED as u64);
    Ok(Round { in_flight, left })
}

/// Drops so many calls in flight; nothing but memory may be left of them.
fn drop_calls(client: &mut Client, count: u64) -> Result<Held> {
    let held = client.hold(count, true)?;
    let (before, after) = (&held.before, &held.after);
    ensure!(
        held.during.sockets >= count,
        "{}: not all calls had a connection",
        client.name
    );
    ensure!(
        after.tasks <= before.tasks,
        "{}: {} tasks are left of {count} calls",
        client.name,
        after.tasks - before.tasks
    );
    // Some may be those of a connection with MLflow.
    ensure!(
        after.sockets <= before.sockets + MOST_OF_MLFLOW,
        "{}: {} sockets are left of {count} calls",
        client.name,
        after.sockets - before.sockets
    );
    Ok(held)
}
