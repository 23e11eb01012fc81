//! Forms whose fields a language model judges.

use std::hint::black_box;

use harness::{CallError, Peer};
use instructor::prelude::*;
use instructor::provider::openai::OPENAI;

/// Eight judged fields.
#[derive(Debug, Deserialize, ResponseModel)]
struct Form {
    #[llm_validate("clear")]
    a: String,
    #[llm_validate("clear")]
    b: String,
    #[llm_validate("clear")]
    c: String,
    #[llm_validate("clear")]
    d: String,
    #[llm_validate("clear")]
    e: String,
    #[llm_validate("clear")]
    f: String,
    #[llm_validate("clear")]
    g: String,
    #[llm_validate("clear")]
    h: String,
}

/// One judged field.
#[derive(Debug, Deserialize, ResponseModel)]
struct Line {
    #[llm_validate("clear")]
    a: String,
}

/// Asks for eight judged fields.
#[derive(Clone)]
pub(crate) struct Eight(Client);

/// Asks for one.
#[derive(Clone)]
pub(crate) struct One(Client);

impl Eight {
    /// `concurrency` fields are judged at the same time.
    pub(crate) fn new(address: &str, concurrency: usize) -> Result<Self, CallError> {
        Ok(Eight(client(address, concurrency)?))
    }
}

impl One {
    pub(crate) fn new(address: &str) -> Result<Self, CallError> {
        Ok(One(client(address, 1)?))
    }
}

impl Peer for Eight {
    const READ_SCHEMA: Option<fn()> = None;

    async fn call(&self) -> Result<(), CallError> {
        let form: Form = self
            .0
            .create(harness::PROMPT)
            .mode(Mode::JsonSchema)
            .await?;
        black_box(form);
        Ok(())
    }
}

impl Peer for One {
    const READ_SCHEMA: Option<fn()> = None;

    async fn call(&self) -> Result<(), CallError> {
        let line: Line = self
            .0
            .create(harness::PROMPT)
            .mode(Mode::JsonSchema)
            .await?;
        black_box(line);
        Ok(())
    }
}

fn client(address: &str, concurrency: usize) -> Result<Client, CallError> {
    let client = Client::builder(OPENAI.clone(), harness::MODEL)
        .base_url(format!("{address}/judged/v1"))
        .api_key(harness::API_KEY)
        .validator_concurrency(concurrency)
        .build()?;
    Ok(client)
}
