//! Walks an answer beside the schema graph: the slow path, taken only when an answer failed or has LLM rules.
//!
//! serde stops at the first fault and names it in its own words; a model that is to correct its answer needs all of them.
//! Both walks end: a JSON value is finite even where the graph is not.

mod faults;
mod targets;
#[cfg(test)]
mod tests;

pub(crate) use faults::errors;
pub(crate) use targets::{LlmTarget, llm_targets};
