//! The client, the schema graph, validation and the provider codecs behind `instructor-rs`.
//!
//! Users depend on `instructor-rs`, which re-exports what they need. This crate is for those who write a dialect, a
//! transport or a tracing layer.
#![deny(unsafe_code)] // one `#[allow]`, in schema/graph.rs

pub mod message;
pub mod request;
pub mod response;
pub mod rule;
pub mod schema;
pub mod trace;
pub mod validate;

mod inspect;
mod model;

pub use message::{Message, Part, Role, ToolCall, ToolResult};
pub use model::{ResponseField, ResponseModel};
pub use request::{Mode, Request};
pub use response::{FinishReason, Response, Usage};
pub use schema::Schema;
pub use validate::{ErrorCode, Path, ValidationError, ValidationErrors};
