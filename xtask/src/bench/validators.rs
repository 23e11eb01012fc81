//! An answer with eight fields that a language model judges, where a judgement takes 200 milliseconds.

use anyhow::Result;

use crate::bench::client::Client;
use crate::bench::instant_server::InstantServer;
use crate::bench::order::{Figures, Order};
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::Series;
use crate::progress::Step;

const ROUNDS: usize = 10;
/// Ten milliseconds more than one judgement takes.
const GOAL: f64 = 210_000.0;

/// V1.
pub(crate) fn run(programs: &Programs) -> Result<Vec<Row>> {
    let step = Step::start("eight judged fields");
    let server = InstantServer::start(programs)?;
    let start = |name, argument| Client::start(programs, &server, name, "ours", &[argument]);
    let mut clients = [
        start("ours", "--judged")?,
        start("limit", "--judged-once")?,
        start("in turn", "--judged-in-turn")?,
    ];
    let order = Order::Calls {
        count: 1,
        concurrency: 1,
        interval: 0,
    };
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
    let row = Row::new(
        "V1-validators",
        "eight fields, judged together",
        "us",
        &series,
        Figures::latency,
    );
    Ok(vec![row.with_goal(Goal::AtMost(GOAL))])
}
