//! What a span of the user's says about itself.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::fields;
use crate::span::{SpanDetails, UserSpan};

/// What a span of the user's says about itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct User<'a> {
    /// In the order of their declaration.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<Field<'a>>,
    /// What the function returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Cow<'a, str>>,
    /// Whether a traced call was made inside.
    #[serde(default)]
    pub(crate) has_calls: bool,
    /// What was said with a `LiveSpan`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) details: Option<Details<'a>>,
}

/// A field of the span.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Field<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) value: FieldValue<'a>,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FieldValue<'a> {
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(Cow<'a, str>),
    Debug(Cow<'a, str>),
}

/// What was said with a `LiveSpan`. Values are JSON texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Details<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) span_type: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inputs: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outputs: Option<Cow<'a, str>>,
    /// In the order in which they were said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attributes: Vec<Attribute<'a>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) events: Vec<Event<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Cow<'a, str>>,
}

/// An attribute of the span.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attribute<'a> {
    pub(crate) key: Cow<'a, str>,
    /// JSON text.
    pub(crate) value: Cow<'a, str>,
}

/// Something that happened at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event<'a> {
    pub(crate) name: Cow<'a, str>,
    /// In nanoseconds since 1970.
    pub(crate) time: u64,
    /// JSON text.
    pub(crate) attributes: Cow<'a, str>,
}

impl<'a> User<'a> {
    pub(super) fn of(user: &'a UserSpan) -> User<'a> {
        let UserSpan {
            fields,
            output,
            error,
            has_calls,
            details,
        } = user;
        let fields = fields.iter().map(|(name, value)| Field {
            name: name.into(),
            value: FieldValue::of(value),
        });
        User {
            fields: fields.collect(),
            output: output.as_deref().map(Cow::from),
            error: error.as_deref().map(Cow::from),
            has_calls: *has_calls,
            details: details.as_deref().map(Details::of),
        }
    }

    /// The value of the field `name`, if it was recorded.
    pub(crate) fn field(&self, name: &str) -> Option<&FieldValue<'a>> {
        let field = self.fields.iter().find(|field| field.name == name)?;
        Some(&field.value)
    }

    pub(super) fn length_of_texts(&self) -> usize {
        const OF_NAMES: usize = 32;
        let length = |text: &Option<Cow<'_, str>>| text.as_ref().map_or(0, |text| text.len());
        let fields = self.fields.iter().map(|field| {
            let value = match &field.value {
                FieldValue::Text(text) | FieldValue::Debug(text) => text.len(),
                _ => 0,
            };
            field.name.len() + value + OF_NAMES
        });
        let details = self.details.as_ref().map_or(0, |details| {
            let attributes = details.attributes.iter();
            let attributes = attributes.map(|it| it.key.len() + it.value.len() + OF_NAMES);
            let events = details.events.iter();
            let events = events.map(|it| it.name.len() + it.attributes.len() + OF_NAMES);
            length(&details.inputs)
                + length(&details.outputs)
                + length(&details.error)
                + attributes.chain(events).sum::<usize>()
        });
        length(&self.output) + length(&self.error) + fields.sum::<usize>() + details
    }
}

impl<'a> FieldValue<'a> {
    fn of(value: &'a fields::FieldValue) -> FieldValue<'a> {
        match value {
            fields::FieldValue::Bool(value) => FieldValue::Bool(*value),
            fields::FieldValue::Int(value) => FieldValue::Int(*value),
            fields::FieldValue::Unsigned(value) => FieldValue::Unsigned(*value),
            fields::FieldValue::Float(value) => FieldValue::Float(*value),
            fields::FieldValue::Text(text) => FieldValue::Text(text.into()),
            fields::FieldValue::Debug(text) => FieldValue::Debug(text.into()),
        }
    }
}

impl<'a> Details<'a> {
    fn of(details: &'a SpanDetails) -> Details<'a> {
        let SpanDetails {
            span_type,
            inputs,
            outputs,
            attributes,
            events,
            error,
            place: _, // of the span
        } = details;
        let attributes = attributes.iter().map(|(key, value)| Attribute {
            key: key.into(),
            value: value.into(),
        });
        let events = events.iter().map(|event| Event {
            name: event.name.as_str().into(),
            time: event.time,
            attributes: event.attributes.as_str().into(),
        });
        Details {
            span_type: span_type.as_ref().map(|it| it.as_str().into()),
            inputs: inputs.as_deref().map(Cow::from),
            outputs: outputs.as_deref().map(Cow::from),
            attributes: attributes.collect(),
            events: events.collect(),
            error: error.as_deref().map(Cow::from),
        }
    }
}
