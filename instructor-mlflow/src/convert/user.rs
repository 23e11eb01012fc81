//! The spans of the user's own functions around calls, and those that the program started itself.

use std::borrow::Cow;

use instructor_core::trace::Failure;

use super::Description;
use crate::fields::FieldValue;
use crate::span::{FinishedSpan, SpanDetails, UserSpan};
use crate::trace_info::{SESSION, USER};
use crate::wire::{AnyValue, Event, KeyValue};

/// Fields with a meaning of their own.
const SPAN_TYPE: &str = "mlflow.spanType";
const INPUTS: &str = "mlflow.spanInputs";
const OUTPUTS: &str = "mlflow.spanOutputs";
const NAME: &str = "otel.name";
const STATUS: &str = "otel.status_code";
const STATUS_DESCRIPTION: &str = "otel.status_description";
/// What `tracing-opentelemetry` called it before.
const STATUS_MESSAGE: &str = "otel.status_message";

pub(super) fn describe(span: &FinishedSpan, user: &UserSpan) -> Description {
    let said = |name| user.fields.get(name).map(text);
    let span_type: Cow<'static, str> = match (said(SPAN_TYPE), user.has_calls) {
        (Some(said), _) => said.into(),
        (None, true) => "CHAIN".into(),
        (None, false) => "UNKNOWN".into(),
    };
    let name = said(NAME).unwrap_or_else(|| span.metadata.name().to_owned());
    let mut description = Description::new(name, span_type);
    let arguments = user.fields.iter().filter(|(name, _)| is_argument(name));
    let arguments = arguments.map(|(name, value)| (name, Some(AnyValue::from(value))));
    description.inputs =
        Some(AnyValue::object(arguments)).filter(|inputs| !inputs.members().is_empty());
    description.outputs = user.output.as_deref().map(debug_value);
    for (name, value) in user.fields.iter() {
        match name {
            INPUTS => description.inputs = Some(json_value(value)),
            OUTPUTS => description.outputs = Some(json_value(value)),
            SPAN_TYPE | NAME | STATUS | STATUS_DESCRIPTION | STATUS_MESSAGE => {}
            // On other spans the server would take them from whichever span it reads first.
            SESSION | USER if span.parent.is_none() => description.replace(name, text(value)),
            name if name.starts_with("mlflow.") || name.starts_with("gen_ai.") => {
                description.attribute(name, value);
            }
            _ => {}
        }
    }
    let place = user.details.as_ref().and_then(|details| details.place);
    if let Some(place) = place {
        // The metadata are those of `start_span` itself.
        description.attribute("code.file.path", place.file());
        description.attribute("code.line.number", place.line());
    } else {
        description.attribute("code.namespace", span.metadata.target());
        description.optional("code.file.path", span.metadata.file());
        description.optional("code.line.number", span.metadata.line());
    }
    if let Some(details) = &user.details {
        detail(&mut description, details);
    }
    if let Some(error) = &user.error {
        description.fail(&Failure::new("error", error.clone()));
    } else if said(STATUS).is_some_and(|status| status.eq_ignore_ascii_case("error")) {
        let message = said(STATUS_DESCRIPTION).or_else(|| said(STATUS_MESSAGE));
        description.failure = Some(message.unwrap_or_default());
    }
    description
}

/// Adds what was said with a `LiveSpan`.
fn detail(description: &mut Description, details: &SpanDetails) {
    let json = |text: &String| AnyValue::from_json(text.as_bytes());
    if let Some(span_type) = &details.span_type {
        description.span_type = span_type.as_str().to_owned().into();
    }
    if let Some(inputs) = &details.inputs {
        description.inputs = Some(json(inputs));
    }
    if let Some(outputs) = &details.outputs {
        description.outputs = Some(json(outputs));
    }
    for (key, value) in &details.attributes {
        match key.as_str() {
            // They would stand there twice.
            SPAN_TYPE => description.span_type = json(value).to_text().into(),
            INPUTS => description.inputs = Some(json(value)),
            OUTPUTS => description.outputs = Some(json(value)),
            key => description.replace(key, json(value)),
        }
    }
    let events = details.events.iter().map(|event| {
        let attributes = json(&event.attributes);
        let attributes = match attributes.members() {
            [] if attributes.value.is_some() && event.attributes != "{}" => {
                vec![KeyValue::new("value", attributes)]
            }
            members => members.to_vec(),
        };
        Event {
            time_unix_nano: event.time,
            name: event.name.clone(),
            attributes,
        }
    });
    description.events.extend(events);
    if let Some(error) = &details.error {
        description.failure = Some(error.clone());
    }
}

/// Whether the field is an argument of a function, and not said for a tracing system.
fn is_argument(name: &str) -> bool {
    let spoken = ["mlflow.", "otel.", "gen_ai."];
    ![SESSION, USER].contains(&name) && !spoken.iter().any(|prefix| name.starts_with(prefix))
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

/// The JSON value that a field holds as text.
fn json_value(value: &FieldValue) -> AnyValue {
    match value {
        FieldValue::Text(json) | FieldValue::Debug(json) => AnyValue::from_json(json.as_bytes()),
        other => other.into(),
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
