//! Logged models: what MLflow keeps of a response model, and which traces belong to it.

mod active;
mod artifacts;
mod definition;
mod directory;
mod endpoints;
mod error;
mod links;
mod log_model;
mod signature;

pub(crate) use active::ActiveModel;
pub use active::{clear_active_model, set_active_model, set_active_model_id};
pub use error::ModelError;
pub(crate) use links::{Link, Links};
pub use log_model::{LogModel, LoggedModel, log_model};
