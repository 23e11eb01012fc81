//! Values of another JSON type than the schema's, where the schema leaves one meaning only.
//!
//! The walk goes beside the schema graph, like those of `inspect`, and runs only once the answer could not be read as it is.
//! Nothing is changed that the schema accepts, nothing inside a `serde_json::Value`, and `null` is never made into a value.

mod enumeration;
mod scalar;

use serde_json::{Map, Value};

use super::{Correction, CorrectionKind};
use crate::inspect::{Context, Enumeration, Rest, Source, is_flat, names, value_errors};
use crate::schema::{Body, Edge, Field, Named, Node, Schema};
use crate::validate::Path;

/// How many variants of untagged enums are tried in one answer. Enums within enums multiply.
const MAX_TRIES: u32 = 1_000;

/// Changes in `answer` what `schema` makes unambiguous, and notes each change.
pub(crate) fn coerce(schema: &Schema, answer: &mut Value, corrections: &mut Vec<Correction>) {
    let mut coercion = Coercion {
        corrections: Vec::new(),
        context: Context::ROOT,
        tries_left: MAX_TRIES,
    };
    match schema.wrapper {
        None => coercion.value(schema.root, answer, &Path::ROOT, Wrapping::Allowed),
        Some(key) => {
            if let Some(value) = answer.get_mut(key) {
                let path = Path::ROOT.key(key);
                coercion.value(schema.root, value, &path, Wrapping::Allowed);
            }
        }
    }
    corrections.append(&mut coercion.corrections);
}

/// The same for a part of an answer, met in `context`. Says whether anything changed.
pub(crate) fn coerce_part(context: Context, edge: Edge, value: &mut Value) -> bool {
    let mut coercion = Coercion {
        corrections: Vec::new(),
        context,
        tries_left: MAX_TRIES,
    };
    coercion.value(edge, value, &Path::ROOT, Wrapping::Forbidden);
    !coercion.corrections.is_empty()
}

/// Whether a single item may become a list. The item of a list that was made so may not, or a type that is a list of itself
/// would never end; nor may the content of an untagged variant, since `5` is rather the one of "one or many".
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrapping {
    Allowed,
    Forbidden,
}

struct Coercion {
    corrections: Vec<Correction>,
    context: Context,
    tries_left: u32,
}

impl Coercion {
    fn note(&mut self, path: &Path<'_>, kind: CorrectionKind, given: &Value) {
        self.corrections
            .push(Correction::of_value(path, kind, given));
    }

    fn value(&mut self, edge: Edge, value: &mut Value, path: &Path<'_>, wrapping: Wrapping) {
        if value.is_null() {
            return;
        }
        match (edge.node(), value) {
            (Node::Any | Node::Foreign(_), _) => {}
            (Node::Nullable(inner), value) => self.value(*inner, value, path, wrapping),
            (Node::Scalar(scalar), value) => self.scalar(*scalar, value, path),
            (Node::Array { items, .. }, Value::Array(values)) => {
                for (index, item) in values.iter_mut().enumerate() {
                    self.value(*items, item, &path.index(index), Wrapping::Allowed);
                }
            }
            (Node::Array { items, length, .. }, value) => {
                if wrapping == Wrapping::Allowed && length.is_none_or(|length| length == 1) {
                    self.single_item(*items, value, path);
                }
            }
            (Node::Tuple(edges), Value::Array(values)) => {
                for (index, (edge, item)) in edges.iter().zip(values).enumerate() {
                    self.value(*edge, item, &path.index(index), Wrapping::Allowed);
                }
            }
            (Node::Map { values, .. }, Value::Object(entries)) => {
                for (key, entry) in entries {
                    self.value(*values, entry, &path.key(key), Wrapping::Allowed);
                }
            }
            (Node::Tuple(_) | Node::Map { .. }, _) => {}
            (Node::Named(named), value) => self.named(named, value, path, wrapping),
            (Node::Enclosing(_), value) => {
                if let Some(named) = self.context.current {
                    self.named(named, value, path, wrapping);
                }
            }
        }
    }

    /// A list of one, if the value is an item without a fault.
    fn single_item(&mut self, items: Edge, value: &mut Value, path: &Path<'_>) {
        let before = self.corrections.len();
        let mut item = value.clone();
        self.note(path, CorrectionKind::SingleItem, value);
        self.value(items, &mut item, &path.index(0), Wrapping::Forbidden);
        if value_errors(self.context, items, &item).is_empty() {
            *value = Value::Array(vec![item]);
        } else {
            self.corrections.truncate(before);
        }
    }

    fn named(
        &mut self,
        named: &'static Named,
        value: &mut Value,
        path: &Path<'_>,
        wrapping: Wrapping,
    ) {
        let outer = self.context.current.replace(named);
        match named.body {
            Body::Object { fields, .. } => self.object_or_list(fields, value, path),
            Body::Tuple(fields) => self.tuple(fields, value, path),
            Body::Newtype { field, .. } => self.value(field.edge, value, path, wrapping),
            Body::Enum {
                variants,
                tagging,
                closed,
            } => {
                let enumeration = Enumeration {
                    variants,
                    tagging,
                    closed,
                };
                self.enumeration(enumeration, value, path);
            }
        }
        self.context.current = outer;
    }

    fn tuple(&mut self, fields: &'static [Field], value: &mut Value, path: &Path<'_>) {
        let Value::Array(values) = value else { return };
        for (index, (field, item)) in fields.iter().zip(values).enumerate() {
            self.value(field.edge, item, &path.index(index), Wrapping::Allowed);
        }
    }

    fn object_or_list(&mut self, fields: &'static [Field], value: &mut Value, path: &Path<'_>) {
        match value {
            Value::Object(entries) => self.object(fields, entries, path),
            // serde also reads a struct from an array of its fields in order.
            Value::Array(values) => {
                for (field, item) in fields.iter().zip(values) {
                    let path = path.key(field.name.as_str());
                    self.value(field.edge, item, &path, Wrapping::Allowed);
                }
            }
            _ => {}
        }
    }

    fn object(
        &mut self,
        fields: &'static [Field],
        entries: &mut Map<String, Value>,
        path: &Path<'_>,
    ) {
        // What flattened fields are handed is a copy; what is changed in it is put back.
        let given = if is_flat(fields) {
            entries.clone()
        } else {
            Map::new()
        };
        let mut rest = Rest::of(fields, &given);
        for field in fields {
            if field.is_flattened {
                let (mut handed_over, source) = rest.hand_over(field.edge);
                self.from(source, |coercion| {
                    coercion.value(field.edge, &mut handed_over, path, Wrapping::Forbidden);
                });
                put_back(&given, handed_over, entries);
                continue;
            }
            if let Some(name) = names(field).find(|name| entries.contains_key(*name))
                && let Some(entry) = entries.get_mut(name)
            {
                let path = path.key(field.name.as_str());
                self.value(field.edge, entry, &path, Wrapping::Allowed);
            }
        }
    }

    /// Walks what serde reads from `source`.
    fn from(&mut self, source: Source, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.context.source, source);
        walk(self);
        self.context.source = outer;
    }
}

/// Puts the members of `changed` that are not as they were `given` into `entries`.
fn put_back(given: &Map<String, Value>, changed: Value, entries: &mut Map<String, Value>) {
    if let Value::Object(changed) = changed {
        for (key, value) in changed {
            if given.get(&key) != Some(&value) {
                entries.insert(key, value);
            }
        }
    }
}
