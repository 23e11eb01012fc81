//! Getting at the schema of the ticket that `call` asks for, as often as a program likes.

use anyhow::Result;

use crate::bench::client::Client;
use crate::bench::instant_server::InstantServer;
use crate::bench::order::{Figures, Order};
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::Series;
use crate::progress::Step;

const ROUNDS: usize = 20;
/// Readings of the schema in a round.
const READS: u64 = 10_000;

/// S1.
pub(crate) fn rows(programs: &Programs) -> Result<[Row; 2]> {
    let step = Step::start("getting at the schema");
    // Nobody calls it, but every client is told where it is.
    let server = InstantServer::start(programs)?;
    let start = |name, program| Client::start(programs, &server, name, program, &[]);
    let mut clients = [
        start("ours", "ours")?,
        start("limit", "limit")?,
        start("schemars", "peer-schemars")?,
        start("rstructor", "peer-rstructor")?,
    ];
    let order = Order::Schema { reads: READS };
    for client in &mut clients {
        client.round(order)?;
    }
    let series = Series::measure(
        &mut clients,
        ROUNDS,
        |client| client.name,
        |client| client.round(order),
    )?;
    step.done();
    let row = |id, work, unit, figure, goal| {
        Row::new(id, work, unit, &series, figure).with_goal(Goal::AtMost(goal))
    };
    Ok([
        row(
            "S1-allocations",
            "allocations to get the schema",
            "count",
            Figures::allocations,
            0.0,
        ),
        // 1 to 2 ns of this are the measuring itself.
        row(
            "S1-time",
            "time to get the schema",
            "ns",
            Figures::time,
            5.0,
        ),
    ])
}
