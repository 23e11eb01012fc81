//! Finds every fault of an answer: types, missing fields, unknown variants and rules.

mod enumeration;
mod object;
mod scalar;

pub(crate) use object::{has_key, names};

use serde_json::Value;

use super::choice::type_name;
use crate::rule::Size;
use crate::schema::{Body, Edge, Field, Keys, Named, Node, Payload, Rule};
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// Every fault of `value` at `path` against the graph, in the order of the fields.
pub(super) fn errors(root: Edge, value: &Value, path: &Path<'_>) -> ValidationErrors {
    let mut faults = Faults::new(None);
    faults.value(root, &[], value, path);
    faults.errors
}

/// Whether the content of a variant of `named` has no fault, as far as can be seen.
pub(super) fn payload_fits(named: &'static Named, payload: Payload, value: &Value) -> bool {
    payload_errors(named, payload, value).is_empty()
}

/// Every fault of `value` as the content of a variant of `named`, wherever it stands.
pub(crate) fn payload_errors(
    named: &'static Named,
    payload: Payload,
    value: &Value,
) -> ValidationErrors {
    let mut faults = Faults::new(Some(named));
    faults.payload(payload, false, value, &Path::ROOT);
    faults.errors
}

/// Every fault of `value` as a part of `current`, wherever it stands.
pub(crate) fn value_errors(
    current: Option<&'static Named>,
    edge: Edge,
    value: &Value,
) -> ValidationErrors {
    let mut faults = Faults::new(current);
    faults.value(edge, &[], value, &Path::ROOT);
    faults.errors
}

struct Faults {
    errors: ValidationErrors,
    /// The type whose parts are being checked.
    current: Option<&'static Named>,
}

impl Faults {
    fn new(current: Option<&'static Named>) -> Self {
        Faults {
            errors: ValidationErrors::new(),
            current,
        }
    }

    fn push(&mut self, path: &Path<'_>, code: ErrorCode, message: String, input: &Value) {
        let error = ValidationError::new(path, code, message).with_input(input);
        self.errors.push(error);
    }

    /// Checks `value` against a type and the rules of the field it is the type of.
    fn value(&mut self, edge: Edge, rules: &[Rule], value: &Value, path: &Path<'_>) {
        match (edge.node(), value) {
            (Node::Nullable(_), Value::Null) | (Node::Any | Node::Foreign(_), _) => {}
            (Node::Nullable(inner), _) => self.value(*inner, rules, value, path),
            (Node::Scalar(scalar), _) => self.scalar(*scalar, rules, value, path),
            (Node::Array { items, length, .. }, Value::Array(values)) => {
                match length {
                    Some(length) => self.exact_length(*length, values, value, path),
                    None => self.length(rules, value, path),
                }
                for (index, item) in values.iter().enumerate() {
                    self.value(*items, &[], item, &path.index(index));
                }
            }
            (Node::Tuple(edges), Value::Array(values)) => {
                self.exact_length(edges.len(), values, value, path);
                for (index, (edge, item)) in edges.iter().zip(values).enumerate() {
                    self.value(*edge, &[], item, &path.index(index));
                }
            }
            (Node::Array { .. } | Node::Tuple(_), _) => self.wrong_type("array", value, path),
            (Node::Map { keys, values }, Value::Object(entries)) => {
                self.length(rules, value, path);
                for (key, entry) in entries {
                    let path = path.key(key);
                    self.key(*keys, key, &path);
                    self.value(*values, &[], entry, &path);
                }
            }
            (Node::Map { .. }, _) => self.wrong_type("object", value, path),
            (Node::Named(named), _) => self.named(named, value, path),
            (Node::Enclosing(_), _) => {
                if let Some(named) = self.current {
                    self.named(named, value, path);
                }
            }
        }
    }

    fn named(&mut self, named: &'static Named, value: &Value, path: &Path<'_>) {
        let outer = self.current.replace(named);
        match named.body {
            Body::Object { fields, closed } => self.object_or_list(fields, closed, value, path),
            Body::Tuple(fields) => self.tuple(fields, value, path),
            Body::Newtype { field, .. } => self.value(field.edge, field.rules, value, path),
            Body::Enum {
                variants,
                tagging,
                closed,
            } => self.enumeration(variants, tagging, closed, value, path),
        }
        self.current = outer;
    }

    /// Fields without names, in order.
    fn tuple(&mut self, fields: &'static [Field], value: &Value, path: &Path<'_>) {
        let Value::Array(values) = value else {
            self.wrong_type("array", value, path);
            return;
        };
        self.exact_length(fields.len(), values, value, path);
        for (index, (field, item)) in fields.iter().zip(values).enumerate() {
            self.value(field.edge, field.rules, item, &path.index(index));
        }
    }

    fn key(&mut self, keys: Keys, key: &str, path: &Path<'_>) {
        let Keys::Integer {
            minimum, maximum, ..
        } = keys
        else {
            return;
        };
        // As serde_json reads it: decimal, without a plus or leading zeros.
        let number = key
            .parse::<i128>()
            .ok()
            .filter(|number| number.to_string() == key);
        // A negative number is not above the maximum.
        let fits = number.is_some_and(|number| {
            number >= minimum && u128::try_from(number).unwrap_or_default() <= maximum
        });
        if !fits {
            let message = format!("the key must be an integer from {minimum} to {maximum}");
            let error = ValidationError::new(path, ErrorCode::Type, message);
            self.errors.push(error);
        }
    }

    fn exact_length(&mut self, length: usize, items: &[Value], value: &Value, path: &Path<'_>) {
        if items.len() != length {
            let unit = if length == 1 { "item" } else { "items" };
            let message = format!("must have exactly {length} {unit}, has {}", items.len());
            self.push(path, ErrorCode::Length, message, value);
        }
    }

    fn length(&mut self, rules: &[Rule], value: &Value, path: &Path<'_>) {
        for rule in rules {
            if let Rule::Length { min, max } = rule
                && let Some(fault) = Size::of(value).and_then(|size| size.fault(*min, *max))
            {
                self.push(path, ErrorCode::Length, fault, value);
            }
        }
    }

    fn wrong_type(&mut self, expected: &str, value: &Value, path: &Path<'_>) {
        let message = format!("expected {expected}, got {}", type_name(value));
        self.push(path, ErrorCode::Type, message, value);
    }
}
