//! Random JSON values for a type, in every spelling that serde might read: objects as lists, aliases, tags as indices. Most are
//! right, some are not; serde says which.

use instructor::schema::{Body, Edge, Field, Keys, Named, Node, Payload, Scalar, Tagging, Variant};
use serde_json::{Map, Value, json};

/// How deep values are made through types that contain themselves.
const DEPTH: usize = 5;

pub(super) struct Speller {
    random: fastrand::Rng,
    current: Option<&'static Named>,
}

impl Speller {
    /// The same values for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        Speller {
            random: fastrand::Rng::with_seed(seed),
            current: None,
        }
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.random.usize(..count) == 0
    }

    fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.random.usize(..values.len())].clone()
    }

    pub(super) fn value(&mut self, edge: Edge, depth: usize) -> Value {
        match edge.node() {
            Node::Scalar(scalar) => self.scalar(*scalar),
            Node::Nullable(_) if depth > DEPTH || self.one_in(3) => Value::Null,
            Node::Nullable(inner) => self.value(*inner, depth),
            Node::Array { items, length, .. } => {
                let count = match length {
                    Some(length) => *length,
                    None if depth > DEPTH => 0,
                    None => self.random.usize(..3),
                };
                (0..count).map(|_| self.value(*items, depth + 1)).collect()
            }
            Node::Tuple(items) => items
                .iter()
                .map(|item| self.value(*item, depth + 1))
                .collect(),
            Node::Map { keys, values } => {
                let count = if depth > DEPTH {
                    0
                } else {
                    self.random.usize(..3)
                };
                let mut members = Map::new();
                for _ in 0..count {
                    let key = self.key(*keys);
                    members.insert(key, self.value(*values, depth + 1));
                }
                Value::Object(members)
            }
            Node::Named(named) => self.named(named, depth + 1),
            Node::Enclosing(_) => match self.current {
                Some(named) => self.named(named, depth + 1),
                None => Value::Null,
            },
            _ => self.one_of(&[json!(1), json!("a"), json!([null]), json!({"x": 1})]),
        }
    }

    fn named(&mut self, named: &'static Named, depth: usize) -> Value {
        let outer = self.current.replace(named);
        let value = match named.body {
            Body::Object { fields, .. } => self.structure(fields, depth),
            Body::Tuple(fields) => self.list(fields, depth),
            Body::Newtype { field, .. } => self.value(field.edge, depth),
            Body::Enum {
                variants, tagging, ..
            } => {
                let variant = if depth > DEPTH {
                    &variants[0]
                } else {
                    &variants[self.random.usize(..variants.len())]
                };
                self.variant(variants, variant, tagging, depth)
            }
            _ => Value::Null,
        };
        self.current = outer;
        value
    }

    /// Named fields, as an object or as a list.
    fn structure(&mut self, fields: &'static [Field], depth: usize) -> Value {
        if self.one_in(3) {
            return self.list(fields, depth);
        }
        let mut members = Map::new();
        self.members(fields, &mut members, depth);
        Value::Object(members)
    }

    /// Fields in order; sometimes not all of those that may be left out.
    fn list(&mut self, fields: &'static [Field], depth: usize) -> Value {
        let mut items: Vec<Value> = fields
            .iter()
            .map(|field| self.value(field.edge, depth + 1))
            .collect();
        let left_out = fields.iter().rev().take_while(|field| field.has_default);
        let left_out = self.random.usize(..=left_out.count());
        items.truncate(items.len() - left_out);
        if self.one_in(12) {
            items.pop();
        }
        Value::Array(items)
    }

    fn members(
        &mut self,
        fields: &'static [Field],
        members: &mut Map<String, Value>,
        depth: usize,
    ) {
        for field in fields {
            if !field.is_required() && self.one_in(3) {
                continue;
            }
            let value = self.value(field.edge, depth + 1);
            if field.is_flattened {
                // A list, as a struct may be, says nothing here.
                if let Value::Object(inner) = value {
                    members.extend(inner);
                }
                continue;
            }
            let mut names = vec![field.name.as_str()];
            names.extend(field.aliases);
            let name = self.one_of(&names);
            members.insert(name.to_owned(), value.clone());
            if self.one_in(20) {
                members.insert(self.one_of(&names).to_owned(), value);
            }
        }
        if self.one_in(8) {
            let key = self.key(Keys::Text);
            members.insert(key, json!(true));
        }
    }

    fn payload(&mut self, payload: Payload, depth: usize) -> Value {
        match payload {
            Payload::Newtype(field) => self.value(field.edge, depth),
            Payload::Tuple(fields) => self.list(fields, depth),
            Payload::Object(fields) => self.structure(fields, depth),
            _ => self.nothing(),
        }
    }

    fn nothing(&mut self) -> Value {
        self.one_of(&[Value::Null, Value::Null, json!({}), json!([])])
    }

    fn name(&mut self, variant: &'static Variant) -> &'static str {
        let mut names = vec![variant.name.as_str()];
        names.extend(variant.aliases);
        if variant.is_other {
            names.push("anything");
        }
        self.one_of(&names)
    }

    /// The name of a variant, or something that some buffer or other takes for it.
    fn tag(&mut self, variants: &'static [Variant], variant: &'static Variant) -> Value {
        let name = self.name(variant);
        match self.random.usize(..10) {
            0 => {
                let index = variants
                    .iter()
                    .position(|other| other.name.as_str() == variant.name.as_str());
                json!(index)
            }
            1 => json!({ name: self.nothing() }),
            _ => json!(name),
        }
    }

    fn variant(
        &mut self,
        variants: &'static [Variant],
        variant: &'static Variant,
        tagging: Tagging,
        depth: usize,
    ) -> Value {
        let content = self.payload(variant.payload, depth);
        let is_unit = matches!(variant.payload, Payload::Unit);
        match tagging {
            _ if variant.untagged => content,
            Tagging::External if is_unit && !self.one_in(3) => json!(self.name(variant)),
            Tagging::External => json!({ self.name(variant): content }),
            Tagging::Internal { tag } => {
                let name = self.tag(variants, variant);
                match content {
                    Value::Array(items) => std::iter::once(name).chain(items).collect(),
                    Value::Object(mut members) => {
                        members.insert(tag.as_str().to_owned(), name);
                        Value::Object(members)
                    }
                    _ => json!({ tag.as_str(): name }),
                }
            }
            Tagging::Adjacent { tag, content: key } => {
                let name = self.tag(variants, variant);
                match self.random.usize(..6) {
                    0 => json!([name, content]),
                    1 => json!({ tag.as_str(): name }),
                    _ if is_unit && self.random.bool() => json!({ tag.as_str(): name }),
                    _ => json!({ tag.as_str(): name, key.as_str(): content }),
                }
            }
            _ => content,
        }
    }

    fn key(&mut self, keys: Keys) -> String {
        let words = ["a", "b", "name", "age", "kind", "0"];
        let numbers = [
            "0",
            "7",
            "-7",
            "-0",
            "07",
            "300",
            "9223372036854775808",
            "x",
        ];
        match keys {
            Keys::Integer { .. } => self.one_of(&numbers).to_owned(),
            Keys::Typed(edge) if !self.one_in(12) => match self.value(edge, 0) {
                Value::String(text) => text,
                number => number.to_string(),
            },
            _ => self.one_of(&words).to_owned(),
        }
    }

    fn scalar(&mut self, scalar: Scalar) -> Value {
        match scalar {
            Scalar::Boolean => json!(self.random.bool()),
            Scalar::Char => self.one_of(&[json!("a"), json!("é"), json!("ab")]),
            Scalar::Float32 | Scalar::Float64 => {
                self.one_of(&[json!(0.5), json!(-1), json!(2), json!(100)])
            }
            Scalar::Integer { minimum, .. } | Scalar::NonZero { minimum, .. } => {
                let least = minimum.max(-9).try_into().unwrap_or(-9_i64);
                self.one_of(&[json!(least), json!(1), json!(7), json!(100), json!(1.5)])
            }
            _ => self.one_of(&[
                json!("a"),
                json!("abc"),
                json!("low"),
                json!(""),
                json!("Nothing"),
            ]),
        }
    }
}
