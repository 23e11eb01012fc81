//! Walks an answer beside the schema graph: the slow path, taken only when an answer failed, has LLM rules, or rules that only its
//! JSON can tell.
//!
//! serde stops at the first fault and names it in its own words; a model that is to correct its answer needs all of them.
//! All walks end: a JSON value is finite even where the graph is not.

mod choice;
mod context;
mod faults;
mod functions;
mod members;
mod spots;
mod targets;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::context::Context as Given;
use crate::schema::{Edge, Named, Rule, Schema};
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

pub(crate) use choice::{Choice, Content, Enumeration, Place};
pub(crate) use context::{Context, Source};
use faults::Sought;
pub(crate) use faults::{choice_errors, value_errors};
pub(crate) use functions::AsyncFault;
pub(crate) use members::{Rest, is_flat, names};
pub(crate) use targets::LlmTarget;

/// Every fault of an answer, in the order of the fields.
pub(crate) fn errors(schema: &Schema, answer: &Value, given: &Given) -> ValidationErrors {
    walk(schema, answer, Sought::Everything, given)
}

/// Every broken rule of an answer that serde has read, in the order of the fields. It may be written in a way that the schema does
/// not know, so its types are no fault.
pub(crate) fn broken_rules(schema: &Schema, answer: &Value, given: &Given) -> ValidationErrors {
    walk(schema, answer, Sought::Rules, given)
}

/// Of these, the ones that no typed value can tell ([`Schema::has_json_rules`]).
pub(crate) fn broken_json_rules(
    schema: &Schema,
    answer: &Value,
    given: &Given,
) -> ValidationErrors {
    walk(schema, answer, Sought::JsonRules, given)
}

fn walk(schema: &Schema, answer: &Value, sought: Sought, given: &Given) -> ValidationErrors {
    let Some(key) = schema.wrapper else {
        return faults::errors(schema.root, answer, &Path::ROOT, sought, given);
    };
    let fault = |path: &Path<'_>, code, message: String| {
        ValidationError::new(path, code, message).with_input(answer)
    };
    match answer {
        Value::Object(members) => match members.get(key) {
            Some(value) => faults::errors(schema.root, value, &Path::ROOT.key(key), sought, given),
            None => {
                let message = "is required, but missing: the answer stands under this key";
                fault(&Path::ROOT.key(key), ErrorCode::Missing, message.to_owned()).into()
            }
        },
        _ => {
            let message = format!(
                "expected an object with the key `{key}`, got {}",
                type_name(answer)
            );
            fault(&Path::ROOT, ErrorCode::Type, message).into()
        }
    }
}

/// Every value of an answer that an LLM rule judges.
pub(crate) fn llm_targets(schema: &Schema, answer: &Value) -> Vec<LlmTarget> {
    targets::llm_targets(schema.root, schema.wrapper, answer)
}

/// Puts the values of an answer into shape by the functions of `before = path`. Says whether any changed.
pub(crate) fn put_into_shape(schema: &Schema, answer: &mut Value) -> bool {
    functions::put_into_shape(schema.root, schema.wrapper, answer)
}

/// What the functions of `custom_async = path` find in an answer.
pub(crate) fn async_faults(schema: &Schema, answer: &Value, given: &Given) -> Vec<AsyncFault> {
    functions::async_faults(schema.root, schema.wrapper, answer, given)
}

/// Every fault of a value that is a part of a `current` type, with the rules that stand on it. Its path is the root.
pub(crate) fn part_errors(
    current: Option<&'static Named>,
    edge: Edge,
    rules: &'static [Rule],
    value: &Value,
    given: &Given,
) -> ValidationErrors {
    let context = Context {
        current,
        ..Context::ROOT
    };
    faults::part_errors(context, edge, rules, value, given)
}

/// The JSON type of a value, in words.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
