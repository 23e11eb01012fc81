//! What tracing to MLflow costs: the call that is traced, and the delivery of its traces.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::bench::client::Client;
use crate::bench::instant_server::InstantServer;
use crate::bench::order::{Figures, Order};
use crate::bench::programs::Programs;
use crate::bench::row::{Goal, Row};
use crate::bench::series::Series;
use crate::environment::Environment;
use crate::interpreter::Interpreter;
use crate::mlflow_api::MlflowApi;
use crate::mlflow_server;
use crate::packages::Packages;
use crate::progress::Step;
use crate::workspace::Workspace;

const PEER: &str = "mlflow-py";
const ROUNDS: usize = 10;
/// Calls in a round, so many that a few exceed the slowest of a hundred.
const CALLS: u64 = 500;
const CROWDED_CALLS: u64 = 2_000;
const CROWD: u64 = 64;
/// Calls whose traces are delivered.
const DELIVERED: u64 = 310;
/// Python takes seconds for a round.
const ROUNDS_BESIDE_PEER: usize = 5;

/// A1 to A4.
pub(crate) fn run(workspace: &Workspace, programs: &Programs, folder: &Path) -> Result<Vec<Row>> {
    let mut rows = on_and_off(programs)?;
    let python = Packages::MLFLOW_INSTRUCTOR.install(
        workspace,
        &Interpreter::find()?,
        &workspace.target.join("environment"),
    )?;
    rows.extend(beside_python(workspace, programs, &python, folder)?);
    Ok(rows)
}

/// The framework with tracing and (limit) without, both on one thread. The traces go to a server that answers at once.
fn on_and_off(programs: &Programs) -> Result<Vec<Row>> {
    let model = InstantServer::start(programs)?;
    let tracking = InstantServer::start(programs)?;
    let uri = format!("{}/tracking", tracking.address);
    let mut on = Client::start(
        programs,
        &model,
        "on",
        "ours",
        &["--autolog", &uri, "bench"],
    )?;
    let mut off = Client::start(programs, &model, "off", "ours", &[])?;
    let clients = &mut [&mut on, &mut off];

    let alone = measure("calls with and without tracing", clients, CALLS, 1)?;
    let crowd = measure("the same, 64 at a time", clients, CROWDED_CALLS, CROWD)?;
    let row = |id, work, unit, series, figure, most| {
        Row::new(id, work, unit, series, figure).with_goal(Goal::RatioAtMost(most))
    };
    Ok(vec![
        row(
            "A1-cpu",
            "a traced call, time of its thread",
            "us",
            &alone,
            Figures::thread_cpu,
            1.2,
        ),
        row(
            "A1-allocations",
            "allocations of its thread",
            "count",
            &alone,
            Figures::allocations,
            1.25,
        ),
        row(
            "A1-p99",
            "the slowest in a hundred",
            "us",
            &alone,
            Figures::slowest,
            1.25,
        ),
        row(
            "A2-cpu",
            "64 traced calls at a time, time of their thread",
            "us",
            &crowd,
            Figures::thread_cpu,
            1.2,
        ),
        row(
            "A2-allocations",
            "allocations of a call",
            "count",
            &crowd,
            Figures::allocations,
            1.25,
        ),
        row(
            "A2-p99",
            "the slowest in a hundred",
            "us",
            &crowd,
            Figures::slowest,
            1.25,
        ),
    ])
}

/// Both clients against a real MLflow, and what each takes more than without it.
fn beside_python(
    workspace: &Workspace,
    programs: &Programs,
    python: &Path,
    folder: &Path,
) -> Result<Vec<Row>> {
    let folder = folder.join("mlflow");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("cannot remove the database of the last run")?;
    }
    fs::create_dir_all(&folder)?;
    let environment = Environment {
        python: python.to_owned(),
        // No model answers here.
        model: PathBuf::new(),
    };
    let mlflow = mlflow_server::start(workspace, &environment, &folder)?;
    let uri = mlflow.address.as_str();
    let model = InstantServer::start(programs)?;
    let ours = |arguments: &[&str]| Client::start(programs, &model, "ours", "ours", arguments);
    let theirs = |arguments: &[&str]| {
        let mut command = Command::new(python);
        command
            .arg(workspace.script("autolog_caller.py"))
            .arg(&model.address)
            .args(arguments);
        Client::spawn(PEER, command)
    };

    let our_costs = added(ours(&["--autolog", uri, "ours"])?, ours(&[])?)?;
    let their_costs = added(theirs(&[uri, "theirs"])?, theirs(&[])?)?;
    let our_delivery = delivery(ours(&["--autolog", uri, "ours-delivered"])?)?;
    let their_delivery = delivery(theirs(&[uri, "theirs-delivered"])?)?;
    // It does not count how fast a trace is lost.
    let api = MlflowApi::new(uri);
    for experiment in ["ours-delivered", "theirs-delivered"] {
        let id = api.experiment_id(experiment)?;
        let id = id.with_context(|| format!("there is no experiment {experiment}"))?;
        let arrived = api.count_traces(&id)?;
        ensure!(
            arrived == DELIVERED,
            "{arrived} of {DELIVERED} traces are in {experiment}"
        );
    }

    let beside = |id, work, unit, ours, theirs| Row::beside(id, work, unit, ours, PEER, theirs);
    Ok(vec![
        beside(
            "A3-latency",
            "what tracing adds to a call, median",
            "us",
            our_costs.latency,
            their_costs.latency,
        )
        .with_goal(Goal::RatioAtMost(0.05)),
        beside(
            "A3-cpu",
            "processor time that it adds, delivery included",
            "us",
            our_costs.cpu,
            their_costs.cpu,
        )
        .with_goal(Goal::RatioAtMost(0.1)),
        beside(
            "A4-delivery",
            "310 calls and the delivery of their traces",
            "s",
            our_delivery.0 + our_delivery.1,
            their_delivery.0 + their_delivery.1,
        )
        .with_goal(Goal::RatioAtMost(0.5)),
        beside(
            "A4-flush",
            "of this, waiting for it after the last call",
            "s",
            our_delivery.1,
            their_delivery.1,
        )
        .with_goal(Goal::RatioAtMost(0.5)),
    ])
}

/// Microseconds that tracing adds to a call.
struct Added {
    latency: f64,
    /// Of the whole process, with the delivery of all traces.
    cpu: f64,
}

/// What `traced` takes more than `untraced`.
fn added(mut traced: Client, mut untraced: Client) -> Result<Added> {
    let step = Step::start(format!("what tracing adds, {}", traced.name));
    let calls = order(100, 1);
    for client in [&mut traced, &mut untraced] {
        client.round(calls)?;
    }
    traced.round(Order::Flush)?;
    let series = Series::measure(
        &mut [traced, untraced],
        ROUNDS_BESIDE_PEER,
        |client| client.name,
        |client| {
            // What is delivered later belongs to the round as well, and does not disturb the next one.
            let calls = client.round(calls)?;
            Ok(calls.and_delivery(&client.round(Order::Flush)?))
        },
    )?;
    step.done();
    let median = |figure| series.differences(figure).median().unwrap_or_default();
    Ok(Added {
        latency: median(Figures::latency),
        cpu: median(Figures::process_cpu),
    })
}

/// Seconds of the calls, and of the flush after them.
fn delivery(mut client: Client) -> Result<(f64, f64)> {
    let step = Step::start(format!(
        "the delivery of {DELIVERED} traces, {}",
        client.name
    ));
    let calls = client.round(order(DELIVERED, 1))?.seconds();
    let flush = client.round(Order::Flush)?.seconds();
    step.done();
    Ok((calls, flush))
}

/// Interleaved rounds of `count` calls each.
fn measure(
    name: &str,
    clients: &mut [&mut Client],
    count: u64,
    concurrency: u64,
) -> Result<Series<Figures>> {
    let step = Step::start(name.to_owned());
    for client in clients.iter_mut() {
        client.round(order(count, concurrency))?;
    }
    let series = Series::measure(
        clients,
        ROUNDS,
        |client| client.name,
        |client| client.round(order(count, concurrency)),
    )?;
    step.done();
    Ok(series)
}

fn order(count: u64, concurrency: u64) -> Order {
    Order::Calls {
        count,
        concurrency,
        interval: 0,
    }
}
