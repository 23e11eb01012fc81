//! The spans of the user's own functions around calls.

use super::Description;
use crate::fields::FieldValue;
use crate::span::{FinishedSpan, UserSpan};
use crate::wire::AnyValue;

/// Fields that MLflow understands on the root of a trace; they are not inputs.
const SESSION: &str = "session.id";
const USER: &str = "user.id";

pub(super) fn describe(span: &FinishedSpan, user: &UserSpan) -> Description {
    let span_type = if user.has_calls { "CHAIN" } else { "UNKNOWN" };
    let mut description = Description::new(span.metadata.name(), span_type);
    let inputs = user
        .fields
        .iter()
        .filter(|(name, _)| ![SESSION, USER].contains(name))
        .map(|(name, value)| (name, Some(AnyValue::from(value))));
    description.inputs =
        Some(AnyValue::object(inputs)).filter(|inputs| !inputs.members().is_empty());
    description.outputs = user.output.as_deref().map(debug_value);
    if span.parent.is_none() {
        // On other spans the server would take them from whichever span it reads first.
        description.session = user.fields.get(SESSION).map(text);
        description.user = user.fields.get(USER).map(text);
        description.optional(SESSION, description.session.clone());
        description.optional(USER, description.user.clone());
    }
    description.attribute("code.namespace", span.metadata.target());
    description.optional("code.file.path", span.metadata.file());
    description.optional("code.line.number", span.metadata.line());
    if let Some(error) = &user.error {
        description.fail("error", error);
    }
    description
}

fn text(value: &FieldValue) -> String {
    match value {
        FieldValue::Bool(value) => value.to_string(),
        FieldValue::Int(value) => value.to_string(),
        FieldValue::Unsigned(value) => value.to_string(),
        FieldValue::Float(value) => value.to_string(),
        FieldValue::Text(value) => value.clone(),
        FieldValue::Debug(value) => match debug_value(value).as_str() {
            Some(text) => text.to_owned(),
            None => value.clone(),
        },
    }
}

/// `Debug` texts of strings, numbers, truth values and lists of them are JSON, and are shown as what they were.
fn debug_value(text: &str) -> AnyValue {
    AnyValue::from_json(text.as_bytes())
}

impl From<&FieldValue> for AnyValue {
    fn from(value: &FieldValue) -> Self {
        match value {
            FieldValue::Bool(value) => (*value).into(),
            FieldValue::Int(value) => (*value).into(),
            FieldValue::Unsigned(value) => (*value).into(),
            FieldValue::Float(value) => (*value).into(),
            FieldValue::Text(value) => value.as_str().into(),
            FieldValue::Debug(value) => debug_value(value),
        }
    }
}
