//! The spans of the user's own functions around calls, and those that the program started itself.

use std::borrow::Cow;

use super::Description;
use crate::record::{self, Details, Failure, FieldValue, User};
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

pub(super) fn describe(span: &record::Span<'_>, user: &User<'_>) -> Description {
    let said = |name| user.field(name).map(text);
    let span_type: Cow<'static, str> = match (said(SPAN_TYPE), user.has_calls) {
        (Some(said), _) => said.into(),
        (None, true) => "CHAIN".into(),
        (None, false) => "UNKNOWN".into(),
    };
    let name = said(NAME).unwrap_or_else(|| span.name.to_string());
    let mut description = Description::new(name, span_type);
    let arguments = user.fields.iter().filter(|field| is_argument(&field.name));
    let arguments = arguments.map(|it| (&*it.name, Some(AnyValue::from(&it.value))));
    description.inputs =
        Some(AnyValue::object(arguments)).filter(|inputs| !inputs.members().is_empty());
    description.outputs = user.output.as_deref().map(debug_value);
    for record::Field { name, value } in &user.fields {
        match &**name {
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
    if let Some(place) = &span.place {
        description.optional("code.namespace", place.target.as_deref());
        description.optional("code.file.path", place.file.as_deref());
        description.optional("code.line.number", place.line);
    }
    if let Some(details) = &user.details {
        detail(&mut description, details);
    }
    if let Some(error) = &user.error {
        description.fail(&Failure::new("error", &**error));
    } else if said(STATUS).is_some_and(|status| status.eq_ignore_ascii_case("error")) {
        let message = said(STATUS_DESCRIPTION).or_else(|| said(STATUS_MESSAGE));
        description.failure = Some(message.unwrap_or_default());
    }
    description
}

/// Adds what was said with a `LiveSpan`.
fn detail(description: &mut Description, details: &Details<'_>) {
    let json = |text: &str| AnyValue::from_json(text.as_bytes());
    if let Some(span_type) = &details.span_type {
        description.span_type = span_type.to_string().into();
    }
    if let Some(inputs) = &details.inputs {
        description.inputs = Some(json(inputs));
    }
    if let Some(outputs) = &details.outputs {
        description.outputs = Some(json(outputs));
    }
    for record::Attribute { key, value } in &details.attributes {
        match &**key {
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
            name: event.name.to_string(),
            attributes,
        }
    });
    description.events.extend(events);
    if let Some(error) = &details.error {
        description.failure = Some(error.to_string());
    }
}

/// Whether the field is an argument of a function, and not said for a tracing system.
fn is_argument(name: &str) -> bool {
    let spoken = ["mlflow.", "otel.", "gen_ai."];
    ![SESSION, USER].contains(&name) && !spoken.iter().any(|prefix| name.starts_with(prefix))
}

fn text(value: &FieldValue<'_>) -> String {
    match value {
        FieldValue::Bool(value) => value.to_string(),
        FieldValue::Int(value) => value.to_string(),
        FieldValue::Unsigned(value) => value.to_string(),
        FieldValue::Float(value) => value.to_string(),
        FieldValue::Text(value) => value.to_string(),
        FieldValue::Debug(value) => match debug_value(value).as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        },
    }
}

/// The JSON value that a field holds as text.
fn json_value(value: &FieldValue<'_>) -> AnyValue {
    match value {
        FieldValue::Text(json) | FieldValue::Debug(json) => AnyValue::from_json(json.as_bytes()),
        other => other.into(),
    }
}

/// `Debug` texts of strings, numbers, truth values and lists of them are JSON, and are shown as what they were.
fn debug_value(text: &str) -> AnyValue {
    AnyValue::from_json(text.as_bytes())
}

impl From<&FieldValue<'_>> for AnyValue {
    fn from(value: &FieldValue<'_>) -> Self {
        match value {
            FieldValue::Bool(value) => (*value).into(),
            FieldValue::Int(value) => (*value).into(),
            FieldValue::Unsigned(value) => (*value).into(),
            FieldValue::Float(value) => (*value).into(),
            FieldValue::Text(value) => (&**value).into(),
            FieldValue::Debug(value) => debug_value(value),
        }
    }
}
