//! A thousand calls at the same time: all are answered, and when they are dropped half-way nothing is left of them. (`cargo xtask bench
//! --only load` has ten thousand, and tells what they take.)
//!
//! A binary of its own, since it counts what the whole process has open.
#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

#[path = "it/answers.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod answers;
#[path = "it/server.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod server;
#[path = "it/strict_schema.rs"]
#[allow(dead_code, reason = "shared with the tests of the schemas")]
mod strict_schema;
#[path = "../instructor-mlflow/tests/support/scripted_server.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "shared with the tests of delivery, which use all of it"
)]
mod tracking_server;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use instructor::prelude::*;
use instructor::provider;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use answers::openai;
use server::{Reply, Server};
use tracking_server::ScriptedServer;

const CALLS: usize = 1000;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    name: String,
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Answers when as many requests have come as this says.
fn server_of(runtime: &Runtime, requests: usize) -> Server {
    let barrier = Arc::new(Barrier::new(requests));
    let answer = Box::new(openai::call("Person", &json!({"name": "Ann"})));
    runtime.block_on(Server::start("load", move |_, _| {
        Reply::Together(barrier.clone(), answer.clone())
    }))
}

fn client_of(server: &Server) -> Client {
    Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key("any-key-will-do")
        .build()
        .unwrap()
}

/// All calls, each a task.
fn calls(client: &Client) -> JoinSet<instructor::Result<Person>> {
    let calls = (0..CALLS).map(|_| client.create::<Person>("Who?").into_future());
    calls.collect()
}

/// How many sockets this process has open whose other end is `server`.
fn sockets(server: &Server) -> usize {
    let port = server
        .url()
        .rsplit(':')
        .next()
        .unwrap()
        .parse::<u16>()
        .unwrap();
    let files = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let open: HashSet<String> = files
        .filter_map(|file| std::fs::read_link(file.path()).ok())
        .map(|target| target.to_string_lossy().into_owned())
        .collect();
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let rows = table
        .lines()
        .skip(1)
        .map(|row| row.split_whitespace().collect::<Vec<_>>());
    let other_end = format!(":{port:04X}");
    rows.filter(|row| {
        row[2].ends_with(&other_end) && open.contains(&format!("socket:[{}]", row[9]))
    })
    .count()
}

/// Waits for it: what is dropped is taken down by other tasks. It fails by the count that it is given in the end.
async fn settled(count: impl Fn() -> usize, expected: usize) -> usize {
    for _ in 0..500 {
        if count() == expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    count()
}

#[test]
fn a_thousand_calls_at_a_time_are_answered_and_can_be_dropped() {
    rlimit::increase_nofile_limit(8 * CALLS as u64).unwrap();
    let mlflow = ScriptedServer::start();
    let guard = instructor::mlflow::autolog()
        .tracking_uri(mlflow.uri())
        .experiment("load")
        .queue_capacity(4 * CALLS)
        .init()
        .unwrap();
    let runtime = runtime();
    let tasks = || runtime.metrics().num_alive_tasks();
    let before = tasks();

    // All at a time, or none would be answered.
    let servers = self::runtime();
    let server = server_of(&servers, CALLS);
    let client = client_of(&server);
    runtime.block_on(async {
        let mut calls = calls(&client);
        while let Some(answer) = calls.join_next().await {
            assert_eq!(answer.unwrap().unwrap().name, "Ann");
        }
    });
    assert_eq!(server.most_in_flight(), CALLS);
    // Its connections wait for the next calls until then.
    drop((client, server));
    servers.shutdown_background();

    // One more is waited for, so that none is ever answered.
    let servers = self::runtime();
    let server = server_of(&servers, CALLS + 1);
    let client = client_of(&server);
    runtime.block_on(async {
        let calls = calls(&client);
        assert_eq!(settled(|| server.most_in_flight(), CALLS).await, CALLS);
        assert_eq!(sockets(&server), CALLS);
        drop(calls);
        // The client is still there: each connection ends because of its call.
        assert_eq!(settled(tasks, before).await, before, "tasks are left");
        assert_eq!(settled(|| sockets(&server), 0).await, 0, "sockets are left");
    });
    drop(server);
    servers.shutdown_background();
    guard.flush(Duration::from_secs(60)).unwrap();
    drop(client);

    let statistics = guard.statistics();
    assert_eq!(statistics.emitted, 2 * CALLS as u64, "{statistics:?}");
    assert_eq!(statistics.sent, statistics.emitted, "{statistics:?}");
    let infos = mlflow.received_at(tracking_server::TRACES);
    let failed = infos
        .iter()
        .filter(|info| info.json()["trace"]["trace_info"]["state"] == "ERROR");
    assert_eq!(
        (infos.len(), failed.count()),
        (2 * CALLS, CALLS),
        "traces, and those of dropped calls"
    );
}
