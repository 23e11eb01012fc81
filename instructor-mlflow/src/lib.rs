//! MLflow traces for `instructor-rs`: every call as one tree, from the prompt over each attempt to the typed answer.
//!
//! Users depend on `instructor-rs` with the feature `mlflow`, which re-exports this crate as `instructor::mlflow`.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)] // libraries do not print

mod annotations;
mod api;
mod autolog;
mod config;
mod convert;
mod current;
mod delivery;
mod drain;
mod error;
mod exporter;
mod fields;
mod filter;
mod guard;
mod layer;
mod layer_builder;
mod models;
mod notes;
mod notice;
mod open_roots;
mod open_span;
mod parcel;
mod preview;
mod process;
mod processor;
mod prompt;
mod providers;
mod quarantine;
mod queue;
mod random;
mod record;
mod sampling;
mod scope;
mod server;
mod shipment;
mod sink;
mod source;
mod span;
mod span_draft;
mod span_sizes;
mod span_type;
pub(crate) mod spool;
mod spool_status;
mod start_span;
mod storage;
mod store;
mod termination;
mod trace_context;
mod trace_info;
mod tree;
mod trial;
mod value;
mod wire;

pub use api::{
    Assessment, AssessmentError, AssessmentKind, AssessmentSource, LogExpectation, LogFeedback,
    SearchTraces, SourceKind, SpanStatus, Trace, TraceInfo, TracePage, TraceSpan, TraceSpanEvent,
    TraceStatus, Tracking, TrackingError, UpdateAssessment, delete_assessment, delete_trace_tag,
    get_assessment, get_trace, log_expectation, log_feedback, override_feedback, search_traces,
    set_trace_tag, update_assessment,
};
pub use autolog::{Autolog, anthropic, autolog, openai};
pub use config::DEFAULT_TRACKING_URI;
pub use current::{TraceUpdate, current_trace_id, last_trace_id, update_current_trace};
pub use drain::{DrainError, drain};
pub use error::InitError;
pub use fields::{FieldValue, Fields, MAX_FIELD_BYTES};
pub use filter::CallFilter;
pub use guard::Guard;
pub use layer::{CallLayer, MlflowLayer};
pub use layer_builder::{LayerBuilder, layer};
pub use models::{
    LogModel, LoggedModel, ModelError, clear_active_model, log_model, set_active_model,
    set_active_model_id,
};
pub use notes::{TraceNotes, TraceState};
pub use process::{flush, set_experiment, set_tracking_uri};
pub use prompt::{
    FormatError, Prompt, PromptTemplate, RegisterPrompt, link_prompt, load_prompt, register_prompt,
    set_prompt_alias,
};
pub use sampling::{disable, enable, is_enabled};
pub use scope::TraceScope;
pub use sink::{FlushError, Sink, Statistics};
pub use span::{
    Ancestor, Content, FinishedSpan, Frame, SpanDetails, SpanEvent, SpanId, TraceId, UserSpan,
};
pub use span_draft::{EventDraft, SpanDraft};
pub use span_type::SpanType;
pub use spool_status::{
    QuarantinedFile, SpoolDirectory, SpoolStatus, WaitingRecord, WaitingSpan, spool_directory,
};
pub use start_span::{LiveSpan, current_span, start_span};
pub use storage::{Durability, WhenFull};
pub use trace_context::TraceContext;

/// For tests that try any frame. Not for people: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::trial::{otlp, record, reread};
}
