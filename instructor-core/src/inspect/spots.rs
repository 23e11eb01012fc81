//! Visits the values of an answer with what the schema says of each.

use serde_json::{Map, Value};

use super::choice::{Choice, Enumeration, Place};
use super::context::{Context, Source};
use super::members::{Rest, names};
use crate::pointer;
use crate::schema::{Body, Edge, Field, Named, Node, Payload};
use crate::validate::Path;

/// A value that a field or a type of the schema says something about.
pub(super) struct Spot<'a> {
    /// What says it.
    pub(super) carrier: Carrier,
    pub(super) value: &'a Value,
    /// Where the value stands, for people: `steps[2].owner`.
    pub(super) path: &'a Path<'a>,
    /// Where it stands, for `Value::pointer_mut`: `/steps/2/owner`.
    pub(super) pointer: &'a str,
    /// What else stands there.
    pub(super) tag: Tag,
}

/// What says something about a value.
#[derive(Clone, Copy)]
pub(super) enum Carrier {
    Type(&'static Named),
    Field(&'static Field),
}

/// The tag of an internally tagged variant stands in the same JSON as its content.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Tag {
    #[default]
    Elsewhere,
    /// It is another key of the object.
    BesideContent,
    /// It is the first item of the list.
    BeforeContent,
}

impl Tag {
    /// How many items stand before those of the value.
    pub(super) fn items(self) -> usize {
        usize::from(self == Tag::BeforeContent)
    }
}

/// Visits every value of `answer` that a field or a type describes, each before what is in it. The `root` stands under `key`, if
/// there is one; an absent or null value is no value.
pub(super) fn visit(
    root: Edge,
    key: Option<&'static str>,
    answer: &Value,
    visitor: &mut dyn FnMut(Spot<'_>),
) {
    let mut walk = Walk {
        visitor,
        pointer: String::new(),
        tag: Tag::Elsewhere,
        context: Context::ROOT,
    };
    match key {
        None => walk.value(root, answer, &Path::ROOT),
        Some(key) => {
            if let Some(value) = answer.get(key) {
                walk.below(key, |walk| {
                    walk.value(root, value, &Path::ROOT.key(key));
                });
            }
        }
    }
}

struct Walk<'a> {
    visitor: &'a mut dyn FnMut(Spot<'_>),
    /// The pointer to the value at hand: it grows on the way down and shrinks on the way up.
    pointer: String,
    /// What stands beside the value at hand.
    tag: Tag,
    context: Context,
}

impl Walk<'_> {
    fn value(&mut self, edge: Edge, value: &Value, path: &Path<'_>) {
        match (edge.node(), value) {
            (Node::Nullable(inner), _) => self.value(*inner, value, path),
            (Node::Array { items: inner, .. }, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(index, |walk| {
                        walk.value(*inner, item, &path.index(index));
                    });
                }
            }
            (Node::Tuple(edges), Value::Array(items)) => {
                for (index, (edge, item)) in edges.iter().zip(items).enumerate() {
                    self.item(index, |walk| {
                        walk.value(*edge, item, &path.index(index));
                    });
                }
            }
            (Node::Map { values, .. }, Value::Object(entries)) => {
                for (key, entry) in entries {
                    self.below(key, |walk| {
                        walk.value(*values, entry, &path.key(key));
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
        self.spot(Carrier::Type(named), value, path);
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
        self.from(content.source, |walk| match content.place {
            Place::Whole => walk.payload(payload, value, path),
            Place::BesideTag => walk.with_tag(Tag::BesideContent, |walk| {
                walk.payload(payload, value, path);
            }),
            Place::AfterTag => walk.with_tag(Tag::BeforeContent, |walk| {
                walk.payload(payload, value, path);
            }),
            Place::Key { name, written } => walk.below(written, |walk| {
                walk.payload(payload, value, &path.key(name));
            }),
            Place::Item { name, index } => walk.item(index, |walk| {
                walk.payload(payload, value, &path.key(name));
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
            self.item(index, |walk| {
                walk.field(field, item, &path.index(index));
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
                    self.item(index, |walk| walk.field(field, value, &path));
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
                self.from(source, |walk| walk.field(field, &handed_over, path));
                continue;
            }
            let given = names(field).find_map(|name| Some((name, entries.get(name)?)));
            if let Some((name, value)) = given {
                let path = path.key(field.name.as_str());
                self.below(name, |walk| walk.field(field, value, &path));
            }
        }
    }

    /// A field whose value stands at `path`.
    fn field(&mut self, field: &'static Field, value: &Value, path: &Path<'_>) {
        if value.is_null() {
            return;
        }
        self.spot(Carrier::Field(field), value, path);
        self.value(field.edge, value, path);
    }

    fn spot(&mut self, carrier: Carrier, value: &Value, path: &Path<'_>) {
        (self.visitor)(Spot {
            carrier,
            value,
            path,
            pointer: &self.pointer,
            tag: self.tag,
        });
    }

    /// Walks what serde reads from `source`.
    fn from(&mut self, source: Source, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.context.source, source);
        walk(self);
        self.context.source = outer;
    }

    fn item(&mut self, index: usize, walk: impl FnOnce(&mut Self)) {
        let index = index + self.tag.items();
        self.below(&index.to_string(), walk);
    }

    fn with_tag(&mut self, tag: Tag, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.tag, tag);
        walk(self);
        self.tag = outer;
    }

    fn below(&mut self, key: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        pointer::push(&mut self.pointer, key);
        self.with_tag(Tag::Elsewhere, walk);
        self.pointer.truncate(length);
    }
}
