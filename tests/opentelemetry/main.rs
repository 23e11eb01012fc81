//! Calls over the true wire, as OpenTelemetry's SDK sees them: spans through `tracing-opentelemetry`, and metrics.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

#[path = "../it/answers.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod answers;
mod calls;
#[path = "../../examples/opentelemetry/collector.rs"]
mod collector;
#[path = "../it/events.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod events;
mod metrics;
mod otlp;
#[path = "../it/server.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod server;
mod spans;
#[path = "../it/strict_schema.rs"]
#[allow(dead_code, reason = "shared with the tests of the schemas")]
mod strict_schema;
