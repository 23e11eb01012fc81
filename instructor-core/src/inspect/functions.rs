//! Finds the values of an answer that are for functions of the user's own, which no typed value can be given.

use serde_json::Value;

use super::spots::{self, Carrier, Spot, Tag};
use crate::context::Context as Given;
use crate::rule::before;
use crate::rule::custom::Pending;
use crate::schema::{Edge, Field};
use crate::validate::{ErrorCode, Path, ValidationError};

/// What an asynchronous function will say of a value.
pub(crate) struct AsyncFault {
    /// The error, if there is one, but for its message.
    error: ValidationError,
    pending: Pending,
}

impl AsyncFault {
    /// Waits for what the function finds.
    pub(crate) async fn found(self) -> Option<ValidationError> {
        let message = self.pending.await?;
        Some(ValidationError {
            message,
            ..self.error
        })
    }
}

/// The values that asynchronous functions check.
pub(super) fn async_faults(
    root: Edge,
    key: Option<&'static str>,
    answer: &Value,
    given: &Given,
) -> Vec<AsyncFault> {
    let mut faults = Vec::new();
    spots::visit(root, key, answer, &mut |spot| {
        for function in field(&spot).map_or(&[][..], |field| field.async_rules) {
            faults.push(AsyncFault {
                error: error(spot.path, spot.value),
                pending: function(spot.value, given.clone()),
            });
        }
    });
    faults
}

fn error(path: &Path<'_>, value: &Value) -> ValidationError {
    ValidationError::new(path, ErrorCode::Custom, String::new()).with_input(value)
}

/// A value to be put into shape.
struct Unshaped {
    pointer: String,
    functions: &'static [before::Function],
    tag: Tag,
}

/// Applies the functions of `before`, those of inner values first. Says whether anything changed.
pub(super) fn put_into_shape(root: Edge, key: Option<&'static str>, answer: &mut Value) -> bool {
    let mut unshaped = Vec::new();
    spots::visit(root, key, answer, &mut |spot| {
        let functions = field(&spot).map_or(&[][..], |field| field.before);
        if !functions.is_empty() {
            unshaped.push(Unshaped {
                pointer: spot.pointer.to_owned(),
                functions,
                tag: spot.tag,
            });
        }
    });
    let mut has_changed = false;
    for place in unshaped.into_iter().rev() {
        if let Some(value) = answer.pointer_mut(&place.pointer) {
            has_changed |= place.put_into_shape(value);
        }
    }
    has_changed
}

impl Unshaped {
    fn put_into_shape(&self, value: &mut Value) -> bool {
        let before = value.clone();
        // A tag is not the function's business.
        let tag = match (self.tag, &mut *value) {
            (Tag::BeforeContent, Value::Array(items)) if !items.is_empty() => Some(items.remove(0)),
            _ => None,
        };
        for function in self.functions {
            function(value);
        }
        match (self.tag, &mut *value, &before) {
            (Tag::BeforeContent, Value::Array(items), _) => {
                tag.into_iter().for_each(|tag| items.insert(0, tag));
            }
            (Tag::BesideContent, Value::Object(members), Value::Object(before)) => {
                for (key, value) in before {
                    members.entry(key).or_insert_with(|| value.clone());
                }
            }
            (Tag::Elsewhere, ..) => {}
            // Nowhere to put the tag.
            _ => *value = before.clone(),
        }
        *value != before
    }
}

fn field(spot: &Spot<'_>) -> Option<&'static Field> {
    match spot.carrier {
        Carrier::Field(field) => Some(field),
        Carrier::Type(_) => None,
    }
}
