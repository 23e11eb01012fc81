//! schemars, which makes schemas and no calls: other frameworks derive theirs with it.

mod ticket;

use std::hint::black_box;

use harness::{CallError, Peer};
use schemars::schema_for;

use crate::ticket::Ticket;

#[derive(Clone)]
struct Schemars;

impl Peer for Schemars {
    const READ_SCHEMA: Option<fn()> = Some(|| {
        black_box(schema_for!(Ticket));
    });

    async fn call(&self) -> Result<(), CallError> {
        Err("schemars makes no calls".into())
    }
}

fn main() -> Result<(), CallError> {
    harness::serve(|_| Ok(Schemars))
}
