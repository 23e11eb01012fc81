//! Whole calls whose streams arrive in two pieces, split at every byte: the recorded ones of each dialect (`tests/wire`), and a list.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics has failed, which is its purpose"
)]
#![cfg(all(feature = "openai", feature = "anthropic"))]

use std::fs;
use std::path::Path;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use futures_util::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use instructor_core::error::TransportError;
use instructor_core::provider::{anthropic, openai, openai_responses};
use instructor_core::transport::{Body, Transport};
use instructor_core::{Client, Codec, Provider, RetryPolicy};
use instructor_derive::ResponseModel;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ResponseModel)]
#[response_model(crate = instructor_core)]
struct Person {
    #[validate(length(min = 1))]
    name: String,
    age: u8,
    motto: Option<String>,
}

/// Answers with a stream in two pieces, the second of which is not there yet when the first one is.
#[derive(Debug)]
struct TwoPieces([Bytes; 2]);

impl Transport for TwoPieces {
    fn send(
        &self,
        _request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let pieces = stream::iter(self.0.clone()).then(|piece| async {
            tokio::task::yield_now().await;
            Ok(piece)
        });
        let response = http::Response::builder().header(CONTENT_TYPE, "text/event-stream");
        let response = response
            .body(Body::stream(pieces.boxed()))
            .expect("a response");
        Box::pin(std::future::ready(Ok(response)))
    }
}

fn client(codec: &'static dyn Codec, stream: &Bytes, at: usize) -> Client {
    Client::builder(
        Provider::new("recorded", "https://llm.test", codec),
        "model-1",
    )
    .api_key("unused")
    .transport(TwoPieces([stream.slice(..at), stream.slice(at..)]))
    .retry_policy(RetryPolicy::none())
    .max_retries(0)
    .build()
    .expect("a client")
}

/// What a reader sees of a stream, however it comes.
#[derive(Debug, PartialEq)]
struct Seen {
    /// Where something has changed, one after the other.
    changed: Vec<String>,
    /// Where something was whole.
    whole: Vec<String>,
    partial: Value,
    /// The value, or the error in words.
    end: Result<Person, String>,
}

async fn seen(client: &Client) -> (Seen, usize) {
    let mut stream = client.create::<Person>("Who?").stream();
    let (mut changed, mut whole, mut updates) = (Vec::new(), Vec::new(), 0);
    let end = loop {
        let update = match stream.next().await {
            Ok(Some(update)) => update,
            Ok(None) => break stream.finish().await,
            Err(error) => break Err(error),
        };
        updates += 1;
        for change in update.changes() {
            let path = change.path.to_owned();
            if change.is_whole {
                whole.push(path.clone());
            }
            if changed.last() != Some(&path) {
                changed.push(path);
            }
        }
    };
    let partial = serde_json::to_value(stream.partial()).expect("JSON");
    let end = end.map_err(|error| error.to_string());
    let seen = Seen {
        changed,
        whole,
        partial,
        end,
    };
    (seen, updates)
}

/// Every recorded stream of a dialect shows the same, and comes to the same, wherever it is split.
async fn recorded(codec: &'static dyn Codec) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire");
    let folder = folder.join(codec.dialect());
    let (mut values, mut errors, mut most) = (0, 0, 0);
    for entry in fs::read_dir(folder).expect("a folder for the dialect") {
        let scenario = entry.expect("a scenario").path();
        let stream = Bytes::from(fs::read(scenario.join("stream.txt")).expect("a stream"));
        let (whole, updates) = seen(&client(codec, &stream, stream.len())).await;
        assert!(updates <= 1, "all of it came at once");
        for at in 0..stream.len() {
            let (split, updates) = seen(&client(codec, &stream, at)).await;
            assert_eq!(split, whole, "{} split at {at}", scenario.display());
            most = most.max(updates);
        }
        values += usize::from(whole.end.is_ok());
        errors += usize::from(whole.end.is_err());
    }
    assert!(
        values >= 1 && errors >= 5,
        "{values} values, {errors} errors"
    );
    assert_eq!(most, 2, "somebody looks between the pieces");
}

#[tokio::test]
async fn recorded_chat_completions_are_the_same_wherever_they_are_split() {
    recorded(&openai::STANDARD).await;
}

#[tokio::test]
async fn recorded_responses_are_the_same_wherever_they_are_split() {
    recorded(&openai_responses::STANDARD).await;
}

#[tokio::test]
async fn recorded_messages_are_the_same_wherever_they_are_split() {
    recorded(&anthropic::STANDARD).await;
}

#[tokio::test]
async fn items_are_the_same_wherever_their_list_is_split() {
    let chunk = |choice: &Value| {
        let chunk = serde_json::json!({"id": "1", "model": "model-1", "choices": [choice]});
        format!("data: {chunk}\n\n")
    };
    let list = r#"{"tasks": [{"name": "Zoë \ud83e\udd80", "age": 3}, {"name": "", "age": 4}, {"name": "Ann", "age": 5}]}"#;
    let characters: Vec<char> = list.chars().collect();
    let mut text: String = characters
        .chunks(5)
        .map(|piece| {
            let arguments: String = piece.iter().collect();
            let function = serde_json::json!({"name": "IterablePerson", "arguments": arguments});
            let call = serde_json::json!({"index": 0, "id": "call_1", "type": "function", "function": function});
            chunk(&serde_json::json!({"index": 0, "delta": {"tool_calls": [call]}}))
        })
        .collect();
    text += &chunk(&serde_json::json!({"index": 0, "delta": {}, "finish_reason": "tool_calls"}));
    text += "data: [DONE]\n\n";
    let stream = Bytes::from(text);
    let mut expected = None;
    for at in 0..=stream.len() {
        let client = client(&openai::STANDARD, &stream, at);
        let mut items = client.create_items::<Person>("Who?").stream();
        let mut seen = Vec::new();
        while let Some(item) = items.next().await {
            seen.push(item.map_err(|error| error.to_string()));
        }
        let summary = items.finish().await.expect("the list has ended");
        assert_eq!((summary.valid, summary.invalid), (2, 1), "split at {at}");
        assert_eq!(seen.len(), 3);
        assert_eq!(
            &seen,
            expected.get_or_insert_with(|| seen.clone()),
            "split at {at}"
        );
    }
}
