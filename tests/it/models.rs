//! Response models and clients that several tests use.

use std::time::Duration;

use instructor::prelude::*;
use instructor::{ClientBuilder, RetryPolicy, provider};

use crate::server::Server;

/// A person mentioned in the text.
#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
pub(crate) struct Person {
    /// The name, as written.
    #[validate(length(min = 1))]
    pub(crate) name: String,
    /// The age in years.
    #[validate(range(min = 0))]
    pub(crate) age: i64,
}

/// The subject line of an email.
#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
pub(crate) struct EmailSubject {
    /// Who receives the email.
    pub(crate) recipient: String,
    /// The subject line.
    #[validate(length(max = 60))]
    #[llm_validate("ensure subject is concise and engaging")]
    pub(crate) subject: String,
}

/// The key of every test client: it must never be seen.
pub(crate) const CANARY: &str = "sk-canary-5e1f";

/// Transport retries without waiting.
fn quick(max_retries: u32) -> RetryPolicy {
    RetryPolicy::default()
        .with_max_retries(max_retries)
        .with_initial_backoff(Duration::from_millis(1))
}

pub(crate) fn openai(server: &Server, transport_retries: u32) -> Client {
    openai_with(server, |builder| {
        builder.retry_policy(quick(transport_retries))
    })
}

/// A client with something more said of it.
pub(crate) fn openai_with(
    server: &Server,
    say: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> Client {
    let builder = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .hooks(server.ledger());
    say(builder).build().unwrap()
}

pub(crate) fn openai_responses(server: &Server, transport_retries: u32) -> Client {
    let provider = provider::openai_responses::OPENAI_RESPONSES.clone();
    Client::builder(provider, "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .retry_policy(quick(transport_retries))
        .hooks(server.ledger())
        .build()
        .unwrap()
}

pub(crate) fn anthropic(server: &Server, transport_retries: u32) -> Client {
    Client::builder(provider::anthropic::ANTHROPIC.clone(), "claude-sonnet-4-5")
        .base_url(server.url())
        .api_key(CANARY)
        .retry_policy(quick(transport_retries))
        .hooks(server.ledger())
        .build()
        .unwrap()
}
