//! The calls whose spans and metrics are looked at.

use instructor::prelude::*;
use instructor::{Error, RetryPolicy, provider};
use serde_json::{Value, json};

use crate::answers::openai;
use crate::events;
use crate::server::{Reply, Server};

/// A person mentioned in the text.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
pub(crate) struct Person {
    /// The name, as written.
    name: String,
    /// The age in years.
    #[validate(range(min = 0))]
    age: i64,
}

pub(crate) const PROMPT: &str = "Ann is 34.";

pub(crate) fn client(server: &Server) -> Client {
    Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key("sk-canary-07f3")
        .retry_policy(RetryPolicy::none())
        .hooks(server.ledger())
        .build()
        .unwrap()
}

/// A call of the tool, by a model that thinks and has a cache.
pub(crate) fn thoughtful(arguments: &Value) -> Reply {
    let call = json!({"id": "call_1", "type": "function",
        "function": {"name": "Person", "arguments": arguments.to_string()}});
    Reply::json(
        200,
        &json!({
            "id": "chatcmpl-2",
            "object": "chat.completion",
            "created": 1_763_800_000,
            "model": "gpt-4o-2024-08-06",
            "choices": [{"index": 0, "logprobs": null, "finish_reason": "tool_calls",
                "message": {"role": "assistant", "content": null, "refusal": null, "tool_calls": [call]}}],
            "usage": {
                "prompt_tokens": 200,
                "completion_tokens": 40,
                "total_tokens": 240,
                "prompt_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 32, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 16},
            },
        }),
    )
}

/// A wrong answer, then a good one: 150 + 200 tokens of prompts, 24 + 40 of answers.
pub(crate) async fn retried() -> Server {
    let wrong = openai::call("Person", &json!({"name": "Ann", "age": -34}));
    let right = thoughtful(&json!({"name": "Ann", "age": 34}));
    let server = Server::script("opentelemetry retried", vec![wrong, right]).await;
    let call = client(&server).create::<Person>(PROMPT);
    let person = call.temperature(0.5).max_tokens(100).await.unwrap();
    assert_eq!(person.age, 34);
    server
}

/// The provider answers with an HTTP error.
pub(crate) async fn refused() -> Server {
    let error = openai::error(
        429,
        "requests",
        "rate_limit_exceeded",
        "Rate limit reached for Ann is 34.",
    );
    let server = Server::script("opentelemetry refused", vec![error]).await;
    let error = client(&server).create::<Person>(PROMPT).await.unwrap_err();
    assert!(matches!(error, Error::Api { .. }), "{error:?}");
    server
}

/// A streamed answer: 150 tokens of the prompt, 24 of the answer.
pub(crate) async fn streamed() -> Server {
    let pieces = events::pieces(r#"{"name": "Ann", "age": 34}"#, 4);
    let reply = Reply::stream(events::openai::call("Person", &pieces));
    let server = Server::script("opentelemetry streamed", vec![reply]).await;
    let mut stream = client(&server).create::<Person>(PROMPT).stream();
    assert_eq!(stream.finish().await.unwrap().age, 34);
    server
}

/// A call that is dropped while the provider has not answered.
pub(crate) async fn dropped() -> Server {
    let never = Reply::Together(
        std::sync::Arc::new(tokio::sync::Barrier::new(2)),
        Box::new(Reply::Reset),
    );
    let server = Server::script("opentelemetry dropped", vec![never]).await;
    let call = client(&server).create::<Person>(PROMPT).into_future();
    let sent = async {
        while server.requests().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        outcome = call => panic!("{outcome:?}"),
        () = sent => {}
    }
    server
}
