//! OpenTelemetry metrics for `instructor-rs`: how long requests take, how many tokens they use, how often answers are wrong.
//!
//! Users depend on `instructor-rs` with the feature `opentelemetry`, which re-exports this crate as `instructor::opentelemetry`. Spans
//! need nothing of it: those of every call carry the attributes of the conventions, and `tracing-opentelemetry` hands them on.
//!
//! The crate depends on the API of OpenTelemetry alone. Which SDK and which exporter there are is the program's choice.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)] // libraries do not print

mod attributes;
mod instruments;
mod layer;

pub use layer::{CallMetrics, MetricsLayer, layer};
