//! Finds the values of an answer that LLM rules judge.

use serde_json::{Map, Value};

use super::choice::{Choice, Enumeration, Place};
use super::context::{Context, Source};
use super::members::{Rest, names};
use crate::schema::{Body, Edge, Field, LlmRule, Named, Node, Payload};
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

/// Every value of `answer` that an LLM rule judges. The `root` stands under `key`, if there is one; an absent or null value has
/// nothing to judge.
pub(super) fn llm_targets(root: Edge, key: Option<&'static str>, answer: &Value) -> Vec<LlmTarget> {
    let mut targets = Targets {
        answer,
        found: Vec::new(),
        pointer: String::new(),
        tags_before: 0,
        context: Context::ROOT,
    };
    match key {
        None => targets.value(root, answer, &Path::ROOT),
        Some(key) => {
            if let Some(value) = answer.get(key) {
                targets.below(key, |targets| {
                    targets.value(root, value, &Path::ROOT.key(key));
                });
            }
        }
    }
    targets.found
}

struct Targets<'a> {
    answer: &'a Value,
    found: Vec<LlmTarget>,
    /// The pointer to the value at hand: it grows on the way down and shrinks on the way up.
    pointer: String,
    /// How many items stand before the list at hand in the JSON: the tag, if it is the content of an internally tagged variant.
    tags_before: usize,
    context: Context,
}

impl Targets<'_> {
    fn value(&mut self, edge: Edge, value: &Value, path: &Path<'_>) {
        match (edge.node(), value) {
            (Node::Nullable(inner), _) => self.value(*inner, value, path),
            (Node::Array { items: inner, .. }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(index, |targets| {
                        targets.value(*inner, item, &path.index(index));
                    });
                }
            }
            (Node::Tuple(edges), Value::Array(items)) => {
                for (index, (edge, item)) in edges.iter().zip(items).enumerate() {
                    self.item(index, |targets| {
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
                if let Some(named) = self.context.current {
                    self.named(named, value, path);
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, named: &'static Named, value: &Value, path: &Path<'_>) {
        let outer = self.context.current.replace(named);
        match named.body {
            Body::Object { fields, .. } => self.object_or_list(fields, value, path),
            Body::Tuple(fields) => self.tuple(fields, value, path),
            Body::Newtype { field, .. } => self.field(field, value, path),
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

    fn enumeration(&mut self, enumeration: Enumeration, value: &Value, path: &Path<'_>) {
        let Ok(Choice {
            variant,
            content: Some(content),
        }) = enumeration.choose(self.context, value)
        else {
            return;
        };
        let (payload, value) = (variant.payload, content.value.as_ref());
        self.from(content.source, |targets| match content.place {
            Place::Whole | Place::BesideTag => targets.payload(payload, value, path),
            Place::AfterTag => {
                let outer = std::mem::replace(&mut targets.tags_before, 1);
                targets.payload(payload, value, path);
                targets.tags_before = outer;
            }
            Place::Key { name, written } => targets.below(written, |targets| {
                targets.payload(payload, value, &path.key(name));
            }),
            Place::Item { name, index } => targets.item(index, |targets| {
                targets.payload(payload, value, &path.key(name));
            }),
        });
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
            self.item(index, |targets| {
                targets.field(field, item, &path.index(index));
            });
        }
    }

    fn object_or_list(&mut self, fields: &'static [Field], value: &Value, path: &Path<'_>) {
        match value {
            Value::Object(entries) => self.object(fields, entries, path),
            // serde also reads a struct from an array of its fields in order. Rules must hold however the answer is written.
            Value::Array(values) => {
                for (index, (field, value)) in fields.iter().zip(values).enumerate() {
                    let path = path.key(field.name.as_str());
                    self.item(index, |targets| targets.field(field, value, &path));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, fields: &'static [Field], entries: &Map<String, Value>, path: &Path<'_>) {
        let mut rest = Rest::of(fields, entries);
        for field in fields {
            if field.is_flattened {
                let (handed_over, source) = rest.hand_over(field.edge);
                self.from(source, |targets| targets.field(field, &handed_over, path));
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
        for rule in field.llm_rules {
            // What is judged is what a replacement takes the place of: all that stands there, with the tag beside it if it has one.
            let judged = self.answer.pointer(&self.pointer);
            self.found.push(LlmTarget {
                path: path.to_string(),
                pointer: self.pointer.clone(),
                rule,
                value: judged.unwrap_or(value).clone(),
            });
        }
        self.value(field.edge, value, path);
    }

    /// Walks what serde reads from `source`.
    fn from(&mut self, source: Source, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.context.source, source);
        walk(self);
        self.context.source = outer;
    }

    fn item(&mut self, index: usize, walk: impl FnOnce(&mut Self)) {
        let index = index + self.tags_before;
        self.below(&index.to_string(), walk);
    }

    fn below(&mut self, key: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&key.replace('~', "~0").replace('/', "~1"));
        let tags_before = std::mem::take(&mut self.tags_before);
        walk(self);
        self.tags_before = tags_before;
        self.pointer.truncate(length);
    }
}
