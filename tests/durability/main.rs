//! What becomes of traces when programs are killed and servers fail.
//!
//! The programs are this binary again, each in a process of its own, which asks a provider in the process of the test.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

#[path = "../it/answers.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod answers;
#[path = "../it/events.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod events;
mod faulty_mlflow;
#[cfg(unix)]
mod fork;
#[cfg(unix)]
mod kill;
mod outage;
mod process;
mod programs;
mod provider;
#[path = "../mlflow/reading.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of MLflow, which use all of it"
)]
mod reading;
#[path = "../it/server.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod server;
#[path = "../it/strict_schema.rs"]
#[allow(dead_code, reason = "shared with the tests of the schemas")]
mod strict_schema;

/// A number from the environment, which `cargo xtask kill` sets.
fn variable(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is {value:?}, no number")),
        Err(_) => default,
    }
}
