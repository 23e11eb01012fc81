//! The fields of a user's span.

use std::fmt;

use tracing::field::{Field, Visit};

/// The longest text that is kept of one field, in bytes; a longer one is cut and ends in `...`.
///
/// The whole of a request or a document belongs into the call, where it is not copied.
pub const MAX_FIELD_BYTES: usize = 16 * 1024;

/// Fields of a span with their values, in the order they were declared or first recorded.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<(&'static str, FieldValue)>);

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum FieldValue {
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A floating point number.
    Float(f64),
    /// Text.
    Text(String),
    /// The `Debug` text of any other value; `#[tracing::instrument]` records most arguments so, strings too.
    Debug(String),
}

impl Fields {
    /// The fields and their values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &FieldValue)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// The value of the field `name`, if it was recorded.
    pub fn get(&self, name: &str) -> Option<&FieldValue> {
        self.iter()
            .find_map(|(field, value)| (field == name).then_some(value))
    }

    pub(crate) fn weight(&self) -> usize {
        self.iter()
            .map(|(_, value)| match value {
                FieldValue::Text(text) | FieldValue::Debug(text) => {
                    text.len() + size_of::<FieldValue>()
                }
                _ => size_of::<FieldValue>(),
            })
            .sum()
    }

    fn set(&mut self, field: &Field, value: FieldValue) {
        self.set_named(field.name(), value);
    }

    /// A field that is recorded again has the new value, as everywhere in `tracing`.
    fn set_named(&mut self, field: &'static str, value: FieldValue) {
        match self.0.iter_mut().find(|(name, _)| *name == field) {
            Some((_, old)) => *old = value,
            None => self.0.push((field, value)),
        }
    }

    /// Adds what was recorded later.
    pub(crate) fn update(&mut self, later: Fields) {
        for (field, value) in later.0 {
            self.set_named(field, value);
        }
    }
}

impl Visit for Fields {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, FieldValue::Bool(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, FieldValue::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, FieldValue::Unsigned(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, FieldValue::Float(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, FieldValue::Text(bounded(value).into_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        self.set(field, FieldValue::Debug(bounded(&text).into_owned()));
    }
}

fn bounded(text: &str) -> std::borrow::Cow<'_, str> {
    crate::preview::cut(text, MAX_FIELD_BYTES)
}

/// What `#[tracing::instrument(ret, err)]` reports: an event with the single field `return` or `error`.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) output: Option<String>,
    pub(crate) error: Option<String>,
}

impl Outcome {
    /// The names of the fields.
    pub(crate) const RETURN: &'static str = "return";
    pub(crate) const ERROR: &'static str = "error";
}

impl Visit for Outcome {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = bounded(&format!("{value:?}")).into_owned();
        match field.name() {
            Outcome::RETURN => self.output = Some(text),
            Outcome::ERROR => self.error = Some(text),
            _ => {}
        }
    }
}
