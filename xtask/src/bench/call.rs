//! A whole call, from prompt to typed ticket, against the instant server.

use anyhow::Result;

use crate::bench::client::Client;
use crate::bench::instant_server::InstantServer;
use crate::bench::order::{Figures, Order};
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::Series;
use crate::progress::Step;

/// Rounds of every series: enough for a median that a single disturbance does not move.
const ROUNDS: usize = 20;
/// Calls before the first round of a series, which are not counted.
const WARM_UP: u64 = 100;
/// Calls in a round, one at a time: 2,000 in all rounds.
const CALLS: u64 = 100;
/// Calls in a round of many at a time, so that start and end of the round weigh little.
const CROWDED_CALLS: u64 = 2_000;
const CROWD: u64 = 64;
/// Microseconds from call to call at the paced load: 200 calls in a second.
const INTERVAL: u64 = 5_000;

/// P1, P2 and P3.
pub(crate) fn run(programs: &Programs) -> Result<Vec<Row>> {
    let server = InstantServer::start(programs)?;
    let start =
        |name, program, arguments| Client::start(programs, &server, name, program, arguments);
    let mut ours = start("ours", "ours", &[])?;
    let mut limit = start("limit", "limit", &[])?;
    let mut bare = start("reqwest", "bare-reqwest", &[])?;
    let mut rstructor = start("rstructor", "peer-rstructor", &[])?;
    let mut traced = start("traced", "ours", &["--traced"])?;

    let mut rows = Vec::new();
    let all = &mut [&mut ours, &mut limit, &mut bare, &mut rstructor];
    rows.extend(one_at_a_time(all)?);
    rows.extend(many_at_a_time(all)?);
    rows.extend(tracing(&mut [&mut traced, &mut ours])?);
    Ok(rows)
}

fn one_at_a_time(clients: &mut [&mut Client]) -> Result<[Row; 4]> {
    let series = calls("one call at a time", clients, CALLS, 1, 0)?;
    let row = |id, work, unit, figure| Row::new(id, work, unit, &series, figure);
    Ok([
        row(
            "P1-latency",
            "one call at a time, median",
            "us",
            Figures::latency,
        )
        .with_goal(Goal::RatioAtMost(1.05)),
        row(
            "P1-cpu",
            "processor time of a call",
            "us",
            Figures::process_cpu,
        )
        .with_goal(Goal::RatioAtMost(1.05)),
        row(
            "P1-allocations",
            "allocations of a call",
            "count",
            Figures::allocations,
        )
        .with_goal(Goal::AtMost(75.0)),
        row(
            "P1-bytes",
            "bytes allocated for a call",
            "bytes",
            Figures::allocated,
        ),
    ])
}

fn many_at_a_time(clients: &mut [&mut Client]) -> Result<[Row; 1]> {
    let series = calls("64 calls at a time", clients, CROWDED_CALLS, CROWD, 0)?;
    Ok([Row::new(
        "P2-rate",
        "64 calls at a time",
        "calls/s",
        &series,
        Figures::rate,
    )
    .with_goal(Goal::RatioAtLeast(0.9))])
}

/// `clients` are the traced framework and the framework without tracing, which here is the limit.
fn tracing(clients: &mut [&mut Client]) -> Result<[Row; 3]> {
    let paced = calls(
        "200 calls a second, traced and not",
        clients,
        CALLS,
        1,
        INTERVAL,
    )?;
    let busy = calls(
        "calls without a pause, traced and not",
        clients,
        CALLS,
        1,
        0,
    )?;
    let latency = Row::new(
        "P3-latency",
        "one call in 5 ms, traced and not",
        "us",
        &paced,
        Figures::latency,
    );
    let added = |id, work, series: &Series<Figures>| {
        Row::of_difference(id, work, "us", series, Figures::thread_cpu)
            .with_goal(Goal::AtMost(10.0))
    };
    Ok([
        latency.with_goal(Goal::RatioAtMost(1.1)),
        added("P3-cpu", "processor time that tracing adds", &paced),
        added(
            "P3-cpu-busy",
            "the same without a pause between calls",
            &busy,
        ),
    ])
}

/// Interleaved rounds of `count` calls each.
fn calls(
    name: &str,
    clients: &mut [&mut Client],
    count: u64,
    concurrency: u64,
    interval: u64,
) -> Result<Series<Figures>> {
    let step = Step::start(name);
    let order = |count| Order::Calls {
        count,
        concurrency,
        interval,
    };
    for client in clients.iter_mut() {
        // Also makes as many connections as the rounds will use.
        client.round(order(WARM_UP.max(concurrency * 10)))?;
    }
    let series = Series::measure(
        clients,
        ROUNDS,
        |client| client.name,
        |client| client.round(order(count)),
    )?;
    step.done();
    Ok(series)
}
