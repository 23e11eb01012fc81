//! The framework under measurement. With `--traced` as second argument every call is traced by its MLflow layer, into a sink
//! that only counts.

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

    async fn call(&self) -> Result<(), CallError> {
        let ticket: Ticket = self.client.create(harness::PROMPT).await?;
        black_box(ticket).check()
    }
}

fn main() -> Result<(), CallError> {
    if std::env::args().nth(2).as_deref() == Some("--traced") {
        traced::install()?;
    }
    harness::serve(Ours::new)
}
