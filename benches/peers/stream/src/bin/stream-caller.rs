//! Asks for the long answer and reads it as it arrives: `stream-caller ADDRESS CALLER BYTES`.
//!
//! `ours` looks at the typed value after each update; `bytes` reads what comes through `reqwest` to its end, and looks at nothing.

use std::hint::black_box;

use bytes::Bytes;
use harness::{CallError, Peer};
use instructor::prelude::*;
use instructor::provider::openai::OPENAI;
use limit::request;
use reqwest::Url;
use reqwest::header::HeaderMap;
use stream::Club;

#[derive(Clone)]
struct Ours {
    client: Client,
}

impl Peer for Ours {
    const READ_SCHEMA: Option<fn()> = None;

    async fn call(&self) -> Result<(), CallError> {
        let mut stream = self.client.create::<Club>(harness::PROMPT).stream();
        while let Some(update) = stream.next().await? {
            black_box(update.value());
        }
        black_box(stream.finish().await?).check()
    }
}

#[derive(Clone)]
struct Raw {
    client: reqwest::Client,
    address: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Peer for Raw {
    const READ_SCHEMA: Option<fn()> = None;

    async fn call(&self) -> Result<(), CallError> {
        let request = self
            .client
            .post(self.address.clone())
            .headers(self.headers.clone())
            .body(self.body.clone());
        let mut response = request.send().await?.error_for_status()?;
        while let Some(chunk) = response.chunk().await? {
            black_box(chunk);
        }
        Ok(())
    }
}

fn main() -> Result<(), CallError> {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    let [caller, bytes] = arguments.as_slice() else {
        return Err("usage: ADDRESS CALLER BYTES".into());
    };
    match caller.as_str() {
        "ours" => harness::serve(|address| {
            let client = Client::builder(OPENAI.clone(), harness::MODEL)
                .base_url(format!("{address}/stream/{bytes}/v1"))
                .api_key(harness::API_KEY)
                .build()?;
            Ok(Ours { client })
        }),
        "bytes" => harness::serve(|address| {
            let address = format!("{address}/stream/{bytes}/v1/chat/completions");
            Ok(Raw {
                client: limit::http_client()?,
                address: Url::parse(&address)?,
                headers: limit::headers(harness::API_KEY)?,
                body: request::body(harness::MODEL, harness::PROMPT, request::schema()?)?.into(),
            })
        }),
        other => Err(format!("there is no caller `{other}`").into()),
    }
}
