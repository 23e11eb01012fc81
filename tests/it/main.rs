//! The library against a server that speaks the true wire.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

mod answer_cache;
mod answers;
mod bad_input;
mod blocking;
mod bounds;
mod budget;
mod cancellation;
mod citations;
mod conformance;
mod cost;
mod custom_rules;
mod events;
mod faults;
mod functions_of_json;
mod hooks;
mod hostile;
mod ledger;
mod leniency;
mod llm_rules;
mod maybe;
mod models;
mod rate_limits;
#[cfg(feature = "mlflow")]
mod readme;
mod real_model;
mod repair;
mod retries;
mod roots;
mod schema;
mod server;
mod stream;
mod strict_schema;
mod tools;
mod wire_anthropic;
mod wire_openai;
mod wire_openai_responses;
