//! Walks an answer beside the schema graph: the slow path, taken only when an answer failed or has LLM rules.

use serde_json::Value;

use crate::schema::{Edge, LlmRule};
use crate::validate::ValidationErrors;

/// A value that an LLM rule is to judge.
#[derive(Debug)]
pub(crate) struct LlmTarget {
    /// Where it stands, for people: `steps[2].owner`.
    pub(crate) path: String,
    /// Where it stands, for `Value::pointer_mut`: `/steps/2/owner`.
    pub(crate) pointer: String,
    pub(crate) rule: &'static LlmRule,
    pub(crate) value: Value,
}

/// Every fault of `value` against the graph: types, missing fields, unknown variants and rules.
pub(crate) fn errors(root: Edge, value: &Value) -> ValidationErrors {
    let _ = (root, value);
    ValidationErrors::new()
}

/// Every value below `root` that an LLM rule judges; an absent or null value has nothing to judge.
pub(crate) fn llm_targets(root: Edge, value: &Value) -> Vec<LlmTarget> {
    let _ = (root, value);
    Vec::new()
}
