//! MLflow traces for `instructor-rs`: every call as one tree, from the prompt over each attempt to the typed answer.
//!
//! Users depend on `instructor-rs` with the feature `mlflow`, which re-exports this crate as `instructor::mlflow`.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)] // libraries do not print

mod autolog;
mod config;
mod convert;
mod delivery;
mod error;
mod exporter;
mod fields;
mod filter;
mod guard;
mod layer;
mod layer_builder;
mod notice;
mod preview;
mod process;
mod providers;
mod queue;
mod server;
mod sink;
mod span;
mod span_sizes;
mod trace_info;
mod tree;
mod value;
mod wire;

pub use autolog::{Autolog, anthropic, autolog, openai};
pub use config::DEFAULT_TRACKING_URI;
pub use error::InitError;
pub use fields::{FieldValue, Fields, MAX_FIELD_BYTES};
pub use filter::CallFilter;
pub use guard::Guard;
pub use layer::{CallLayer, MlflowLayer};
pub use layer_builder::{LayerBuilder, layer};
pub use process::{flush, set_experiment, set_tracking_uri};
pub use sink::{FlushError, Sink, Statistics};
pub use span::{Content, FinishedSpan, Frame, SpanId, TraceId, UserSpan};
