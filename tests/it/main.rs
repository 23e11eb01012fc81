//! The library against a server that speaks the true wire.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

mod answers;
mod bad_input;
mod conformance;
mod ledger;
mod leniency;
mod llm_rules;
mod models;
#[cfg(feature = "mlflow")]
mod readme;
mod real_model;
mod repair;
mod roots;
mod schema;
mod server;
mod strict_schema;
mod wire_anthropic;
mod wire_openai;
