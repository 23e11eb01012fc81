//! Finds the values of an answer that LLM rules judge.

use serde_json::{Map, Value};

use super::choice::{Choice, choose};
use super::faults;
use super::faults::names;
use crate::schema::{
    Body, Edge, Field, Flattened, LlmRule, Named, Node, Payload, Tagging, Variant, open_map,
};
use crate::validate::Path;

/// A value that an LLM rule is to judge.
#[derive(Debug)]
pub(crate) struct LlmTarget {
    /// Where it stands, for people: `steps[2].owner`.
    pub(crate) path: String,
    /// Where it stands, for `Value::pointer_mut`: `/steps/2/owner`.
    pub(crate) pointer: String,
    pub(crate) rule: &'static LlmRule,
    pub(crate) value: Value,
}

/// Every value in `value`, a `root` under the key `key` (if any) at `path`, that an LLM rule judges; an absent or null value has
/// nothing to judge.
pub(super) fn llm_targets(root: Edge, key: &str, value: &Value, path: &Path<'_>) -> Vec<LlmTarget> {
    let mut targets = Targets {
        found: Vec::new(),
        pointer: String::new(),
        current: None,
    };
    if key.is_empty() {
        targets.value(root, value, path);
    } else {
        targets.below(key, |targets| targets.value(root, value, path));
    }
    targets.found
}

struct Targets {
    found: Vec<LlmTarget>,
    /// The pointer to the value at hand: it grows on the way down and shrinks on the way up.
    pointer: String,
    /// The type whose parts are being walked.
    current: Option<&'static Named>,
}

impl Targets {
    fn value(&mut self, edge: Edge, value: &Value, path: &Path<'_>) {
        match (edge.node(), value) {
            (Node::Nullable(inner), _) => self.value(*inner, value, path),
            (Node::Array { items: inner, .. }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.below(&index.to_string(), |targets| {
                        targets.value(*inner, item, &path.index(index));
                    });
                }
            }
            (Node::Tuple(edges), Value::Array(items)) => {
                for (index, (edge, item)) in edges.iter().zip(items).enumerate() {
                    self.below(&index.to_string(), |targets| {
                        targets.value(*edge, item, &path.index(index));
                    });
                }
            }
            (Node::Map { values, .. }, Value::Object(entries)) => {
                for (key, entry) in entries {
                    self.below(key, |targets| {
                        targets.value(*values, entry, &path.key(key));
                    });
                }
            }
            (Node::Named(named), _) => self.named(named, value, path),
            (Node::Enclosing(_), _) => {
                if let Some(named) = self.current {
                    self.named(named, value, path);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, named: &'static Named, value: &Value, path: &Path<'_>) {
        self.judged(named.llm_rules, value, path);
        let outer = self.current.replace(named);
        match named.body {
            Body::Object { fields, .. } => self.object_or_list(fields, value, path),
            Body::Tuple(fields) => self.tuple(fields, value, path),
            Body::Newtype { field, .. } => self.field(field, value, path),
            Body::Enum {
                variants, tagging, ..
            } => self.enumeration(named, variants, tagging, value, path),
        }
        self.current = outer;
    }

    fn enumeration(
        &mut self,
        named: &'static Named,
        variants: &'static [Variant],
        tagging: Tagging,
        value: &Value,
        path: &Path<'_>,
    ) {
        match choose(variants, tagging, value) {
            Ok(Choice {
                variant,
                content: Some(content),
                key: Some(key),
                ..
            }) => self.below(key, |targets| {
                targets.payload(variant.payload, content, &path.key(key));
            }),
            Ok(Choice {
                variant,
                content: Some(content),
                key: None,
                ..
            }) => self.payload(variant.payload, content, path),
            Ok(_) => {}
            // The first one that fits, as serde takes it.
            Err(_) => {
                let untagged =
                    |variant: &&Variant| variant.untagged || matches!(tagging, Tagging::Untagged);
                let fits = |variant: &&Variant| faults::payload_fits(named, variant.payload, value);
                if let Some(variant) = variants.iter().filter(untagged).find(fits) {
                    self.payload(variant.payload, value, path);
                }
            }
        }
    }

    fn payload(&mut self, payload: Payload, value: &Value, path: &Path<'_>) {
        match payload {
            Payload::Unit => {}
            Payload::Newtype(field) => self.field(field, value, path),
            Payload::Tuple(fields) => self.tuple(fields, value, path),
            Payload::Object(fields) => self.object_or_list(fields, value, path),
        }
    }

    fn tuple(&mut self, fields: &'static [Field], value: &Value, path: &Path<'_>) {
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, (field, item)) in fields.iter().zip(items).enumerate() {
            self.below(&index.to_string(), |targets| {
                targets.field(field, item, &path.index(index));
            });
        }
    }

    fn object_or_list(&mut self, fields: &'static [Field], value: &Value, path: &Path<'_>) {
        match value {
            Value::Object(entries) => {
                self.object(fields, entries, path);
                if let Some((_, values)) = open_map(fields) {
                    for (key, entry) in entries {
                        if !faults::has_key(fields, key) {
                            self.below(key, |targets| {
                                targets.value(values, entry, &path.key(key));
                            });
                        }
                    }
                }
            }
            // serde also reads a struct from an array of its fields in order. Rules must hold however the answer is written.
            Value::Array(values) => {
                for (index, (field, value)) in fields.iter().zip(values).enumerate() {
                    let path = path.key(field.name.as_str());
                    self.below(&index.to_string(), |targets| {
                        targets.field(field, value, &path);
                    });
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, fields: &'static [Field], entries: &Map<String, Value>, path: &Path<'_>) {
        for field in fields {
            if field.is_flattened {
                if let Flattened::Fields(named, inner, _) = Flattened::of(field.edge) {
                    let outer = self.current.replace(named);
                    self.object(inner, entries, path);
                    self.current = outer;
                }
                continue;
            }
            let given = names(field).find_map(|name| Some((name, entries.get(name)?)));
            if let Some((name, value)) = given {
                let path = path.key(field.name.as_str());
                self.below(name, |targets| targets.field(field, value, &path));
            }
        }
    }

    /// A field whose value stands at `path`.
    fn field(&mut self, field: &'static Field, value: &Value, path: &Path<'_>) {
        if value.is_null() {
            return;
        }
        self.judged(field.llm_rules, value, path);
        self.value(field.edge, value, path);
    }

    /// The value at `path`, or its items, for each of the `rules`.
    fn judged(&mut self, rules: &'static [LlmRule], value: &Value, path: &Path<'_>) {
        for rule in rules {
            match value {
                Value::Array(items) if rule.each => {
                    for (index, item) in items.iter().enumerate() {
                        self.below(&index.to_string(), |targets| {
                            targets.target(rule, item, &path.index(index));
                        });
                    }
                }
                Value::Object(entries) if rule.each => {
                    for (key, entry) in entries {
                        self.below(key, |targets| {
                            targets.target(rule, entry, &path.key(key));
                        });
                    }
                }
                _ => self.target(rule, value, path),
            }
        }
    }

    fn target(&mut self, rule: &'static LlmRule, value: &Value, path: &Path<'_>) {
        if !value.is_null() {
            self.found.push(LlmTarget {
                path: path.to_string(),
                pointer: self.pointer.clone(),
                rule,
                value: value.clone(),
            });
        }
    }

    fn below(&mut self, key: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&key.replace('~', "~0").replace('/', "~1"));
        walk(self);
        self.pointer.truncate(length);
    }
}
