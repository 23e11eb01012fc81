//! Walks an answer beside the schema graph: the slow path, taken only when an answer failed, has LLM rules, or rules that only its
//! JSON can tell.
//!
//! serde stops at the first fault and names it in its own words; a model that is to correct its answer needs all of them.
//! All walks end: a JSON value is finite even where the graph is not.

mod choice;
mod faults;
mod targets;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::schema::Schema;
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

pub(crate) use choice::choose;
pub(crate) use faults::{has_key, names, payload_errors, value_errors};
pub(crate) use targets::LlmTarget;

/// Every fault of an answer, in the order of the fields.
pub(crate) fn errors(schema: &Schema, answer: &Value) -> ValidationErrors {
    let Some(key) = schema.wrapper else {
        return faults::errors(schema.root, answer, &Path::ROOT);
    };
    let fault = |path: &Path<'_>, code, message: String| {
        ValidationError::new(path, code, message).with_input(answer)
    };
    match answer {
        Value::Object(members) => match members.get(key) {
            Some(value) => faults::errors(schema.root, value, &Path::ROOT.key(key)),
            None => {
                let message = "is required, but missing: the answer stands under this key";
                fault(&Path::ROOT.key(key), ErrorCode::Missing, message.to_owned()).into()
            }
        },
        _ => {
            let message = format!(
                "expected an object with the key `{key}`, got {}",
                choice::type_name(answer)
            );
            fault(&Path::ROOT, ErrorCode::Type, message).into()
        }
    }
}

/// Every value of an answer that an LLM rule judges.
pub(crate) fn llm_targets(schema: &Schema, answer: &Value) -> Vec<LlmTarget> {
    match schema.wrapper {
        None => targets::llm_targets(schema.root, "", answer, &Path::ROOT),
        Some(key) => match answer.get(key) {
            Some(value) => targets::llm_targets(schema.root, key, value, &Path::ROOT.key(key)),
            None => Vec::new(),
        },
    }
}
