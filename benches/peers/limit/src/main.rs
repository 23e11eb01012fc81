//! The hand-written client, as a process to measure.

use std::hint::black_box;

use harness::{CallError, Peer};
use limit::completion::Completion;
use limit::request;
use limit::ticket::Ticket;
use reqwest::Url;
use reqwest::header::HeaderMap;
use serde_json::value::RawValue;

#[derive(Clone)]
struct Limit {
    client: reqwest::Client,
    address: Url,
    headers: HeaderMap,
    schema: &'static RawValue,
}

impl Limit {
    fn new(address: &str) -> Result<Self, CallError> {
        Ok(Limit {
            client: limit::http_client()?,
            address: Url::parse(&format!("{address}/tool/v1/chat/completions"))?,
            headers: limit::headers(harness::API_KEY)?,
            schema: request::schema()?,
        })
    }
}

impl Peer for Limit {
    const READ_SCHEMA: Option<fn()> = Some(|| {
        black_box(black_box(request::SCHEMA).len());
    });

    async fn call(&self) -> Result<(), CallError> {
        let body = request::body(harness::MODEL, harness::PROMPT, self.schema)?;
        let request = self
            .client
            .post(self.address.clone())
            .headers(self.headers.clone())
            .body(body);
        let response = request.send().await?.error_for_status()?.bytes().await?;
        let completion: Completion<'_> = serde_json::from_slice(&response)?;
        let choice = completion.choices.first().ok_or("no choices")?;
        if choice.message.refusal.is_some() || choice.finish_reason == Some("length") {
            return Err("no whole answer".into());
        }
        let [call] = choice.message.tool_calls.as_slice() else {
            return Err("not one tool call".into());
        };
        if call.function.name != "Ticket" {
            return Err("not the tool".into());
        }
        let ticket: Ticket = serde_json::from_str(&call.function.arguments)?;
        black_box(&completion);
        black_box(ticket).check()
    }
}

fn main() -> Result<(), CallError> {
    harness::serve(Limit::new)
}
