//! The client, the schema graph, validation and the provider codecs behind `instructor-rs`.
//!
//! Users depend on `instructor-rs`, which re-exports what they need. This crate is for those who write a dialect, a
//! transport or a tracing layer.
#![deny(unsafe_code)] // one `#[allow]`, in schema/graph.rs

pub mod attempt;
pub mod client;
pub mod codec;
pub mod create;
pub mod error;
pub mod message;
pub mod provider;
pub mod request;
pub mod response;
pub mod retry;
pub mod rule;
pub mod schema;
pub mod trace;
pub mod transport;
pub mod validate;

mod call;
mod check;
mod exchange;
mod inspect;
#[cfg(any(feature = "openai", feature = "anthropic"))]
mod json;
mod llm_rule;
mod model;
mod parse;
mod reask;

pub use attempt::{Attempt, ValidatorCall};
pub use client::{Client, ClientBuilder};
pub use codec::{Codec, WireRequest};
pub use create::{Completion, Create, CreateWithCompletion, Validator};
pub use error::{ApiError, CodecError, Error, Result, TransportError, TransportErrorKind};
pub use message::{Message, Part, Role, ToolCall, ToolResult};
pub use model::{ResponseField, ResponseModel};
pub use provider::{Auth, Provider};
pub use request::{Mode, Request};
pub use response::{FinishReason, Response, Usage};
pub use retry::RetryPolicy;
pub use schema::Schema;
pub use transport::{Body, Transport};
pub use validate::{ErrorCode, Path, ValidationError, ValidationErrors};
