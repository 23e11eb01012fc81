//! rstructor. It asks for the answer as text after a JSON schema, so it gets the same ticket in that form.

mod ticket;

use std::hint::black_box;

use harness::{CallError, Peer};
use rstructor::{LLMClient, OpenAIClient, SchemaType};

use crate::ticket::Ticket;

#[derive(Clone)]
struct Rstructor {
    client: OpenAIClient,
}

impl Rstructor {
    fn new(address: &str) -> Result<Self, CallError> {
        let client = OpenAIClient::new(harness::API_KEY)?
            .base_url(format!("{address}/text/v1"))
            .model(harness::MODEL);
        Ok(Rstructor { client })
    }
}

impl Peer for Rstructor {
    /// It builds the schema for every call, and then once more what OpenAI takes of it; only the first part is public.
    const READ_SCHEMA: Option<fn()> = Some(|| {
        black_box(Ticket::schema());
    });

    async fn call(&self) -> Result<(), CallError> {
        let ticket: Ticket = self.client.extract(harness::PROMPT).await?;
        black_box(ticket).check()
    }
}

fn main() -> Result<(), CallError> {
    harness::serve(Rstructor::new)
}
