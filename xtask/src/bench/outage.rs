//! What a caller notices of a tracking server that fails: calls that are traced to one, beside calls that are traced to a server
//! that answers at once.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result};

use crate::bench::client::Client;
use crate::bench::instant_server::InstantServer;
use crate::bench::order::{Figures, Order};
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::Series;
use crate::progress::Step;

const ROUNDS: usize = 20;
/// Calls in a round, so many that a few exceed the slowest of a hundred.
const CALLS: Order = Order::Calls {
    count: 500,
    concurrency: 1,
    interval: 0,
};

/// A way to fail, with the names of its two rows.
struct Failure {
    name: &'static str,
    ids: [&'static str; 2],
    work: &'static str,
}

const DOWN: Failure = Failure {
    name: "down",
    ids: ["O1-down", "O1-down-p99"],
    work: "a call, nobody listens for its trace",
};
const MUTE: Failure = Failure {
    name: "mute",
    ids: ["O1-mute", "O1-mute-p99"],
    work: "a call, the server takes and never answers",
};
const UNAVAILABLE: Failure = Failure {
    name: "unavailable",
    ids: ["O1-unavailable", "O1-unavailable-p99"],
    work: "a call, the server answers 503",
};

/// O1, for each way to fail.
pub(crate) fn run(programs: &Programs, folder: &Path) -> Result<Vec<Row>> {
    // What no server takes waits there, and not where the next program of this user would find it.
    let spools = folder.join("spools");
    if spools.exists() {
        fs::remove_dir_all(&spools).context("cannot remove the traces of the last run")?;
    }
    let model = InstantServer::start(programs)?;
    let tracking = InstantServer::start(programs)?;
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let mute = format!("http://{}", silent.local_addr()?);
    // A port that only the system could listen at.
    let down = "http://127.0.0.1:1".to_owned();
    let well = format!("{}/tracking", tracking.address);
    let unavailable = format!("{well}/unavailable");

    let mut rows = Vec::new();
    for (failure, uri) in [(DOWN, &down), (MUTE, &mute), (UNAVAILABLE, &unavailable)] {
        let client = |name: &'static str, uri: &str| {
            let mut command = programs.program("ours");
            command
                .args([&model.address, "--autolog", uri, "bench"])
                .env("MLFLOW_SPOOL_DIR", spools.join(failure.name).join(name));
            Client::spawn(name, command)
        };
        let step = Step::start(format!("calls while MLflow is {}", failure.name));
        let clients = &mut [client("failing", uri)?, client("well", &well)?];
        for client in clients.iter_mut() {
            client.round(CALLS)?;
        }
        let series = Series::measure(
            clients,
            ROUNDS,
            |client| client.name,
            |client| client.round(CALLS),
        )?;
        step.done();
        let [median, slowest] = failure.ids;
        for row in [
            Row::new(median, failure.work, "us", &series, Figures::latency),
            Row::new(
                slowest,
                "the slowest in a hundred",
                "us",
                &series,
                Figures::slowest,
            ),
        ] {
            rows.push(row.with_goal(Goal::RatioAtMost(1.1)));
        }
    }
    Ok(rows)
}
