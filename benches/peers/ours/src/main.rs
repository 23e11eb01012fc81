//! The framework under measurement. With `--traced` as second argument every call is traced by its MLflow layer, into a sink
//! that only counts; with `--autolog`, an address and an experiment it is sent to MLflow. With `--judged` a form is asked for whose eight fields are judged together, with `--judged-in-turn` one after
//! another, with `--judged-once` a form with one such field.

mod judged;
mod ticket;
mod traced;

use std::hint::black_box;

use harness::{CallError, Peer};
use instructor::prelude::*;
use instructor::provider::openai::OPENAI;
use instructor::schema::Dialect;

use crate::ticket::Ticket;

#[derive(Clone)]
struct Ours {
    client: Client,
}

impl Ours {
    fn new(address: &str) -> Result<Self, CallError> {
        let client = Client::builder(OPENAI.clone(), harness::MODEL)
            .base_url(format!("{address}/tool/v1"))
            .api_key(harness::API_KEY)
            .build()?;
        Ok(Ours { client })
    }
}

impl Peer for Ours {
    const READ_SCHEMA: Option<fn()> = Some(|| {
        let _ = black_box(black_box(Ticket::SCHEMA).text(Dialect::OpenAiStrict));
    });

    const FLUSH: Option<fn() -> Result<(), CallError>> = Some(traced::flush);

    async fn call(&self) -> Result<(), CallError> {
        let ticket: Ticket = self.client.create(harness::PROMPT).await?;
        black_box(ticket).check()
    }
}

fn main() -> Result<(), CallError> {
    match std::env::args().nth(2).as_deref() {
        Some("--judged") => return harness::serve(|address| judged::Eight::new(address, 8)),
        Some("--judged-in-turn") => {
            return harness::serve(|address| judged::Eight::new(address, 1));
        }
        Some("--judged-once") => return harness::serve(judged::One::new),
        Some("--traced") => traced::install()?,
        Some("--autolog") => traced::send()?,
        _ => {}
    }
    harness::serve(Ours::new)
}
