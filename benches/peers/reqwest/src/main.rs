//! `reqwest` alone: sends bytes that were serialised once, takes the answer's bytes, and looks at neither.

use std::hint::black_box;

use bytes::Bytes;
use harness::{CallError, Peer};
use limit::request;
use reqwest::Url;
use reqwest::header::HeaderMap;

#[derive(Clone)]
struct Bare {
    client: reqwest::Client,
    address: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Bare {
    fn new(address: &str) -> Result<Self, CallError> {
        Ok(Bare {
            client: limit::http_client()?,
            address: Url::parse(&format!("{address}/tool/v1/chat/completions"))?,
            headers: limit::headers(harness::API_KEY)?,
            body: request::body(harness::MODEL, harness::PROMPT, request::schema()?)?.into(),
        })
    }
}

impl Peer for Bare {
    const READ_SCHEMA: Option<fn()> = None;

    async fn call(&self) -> Result<(), CallError> {
        let request = self
            .client
            .post(self.address.clone())
            .headers(self.headers.clone())
            .body(self.body.clone());
        let response = request.send().await?.error_for_status()?.bytes().await?;
        black_box(response);
        Ok(())
    }
}

fn main() -> Result<(), CallError> {
    harness::serve(Bare::new)
}
