//! From the path of an error to the place in the answer and in the graph.

use serde_json::Value;

use crate::pointer;
use crate::schema::{
    Body, Edge, Field, Flattened, Named, Node, Payload, Place, Schema, Tagging, Variant, open_map,
};

/// The longest key that Anthropic takes (`^[a-zA-Z0-9_.-]{1,64}$`, in the error that the API gives; November 2026).
const LONGEST_KEY: usize = 64;

/// The place of the error at `path`; `None` if it is the whole answer, or cannot be told.
pub(super) fn locate(schema: &Schema, answer: &Value, path: &str) -> Option<Place> {
    let mut walk = Walk {
        edge: schema.root,
        field: None,
        current: None,
        value: Some(answer),
        pointer: String::new(),
        rest: path,
    };
    if let Some(key) = schema.wrapper {
        walk.member(key, &[])?;
    }
    while !walk.rest.is_empty() {
        walk.step()?;
    }
    (!walk.pointer.is_empty()).then(|| Place {
        key: key(path),
        pointer: walk.pointer,
        edge: walk.edge,
        field: walk.field,
        current: walk.current,
    })
}

/// How far along the path the walk is.
struct Walk<'a> {
    edge: Edge,
    field: Option<&'static Field>,
    /// The type whose part `edge` is.
    current: Option<&'static Named>,
    /// `None` if nothing stands there.
    value: Option<&'a Value>,
    pointer: String,
    /// What is left of the path.
    rest: &'a str,
}

impl Walk<'_> {
    /// One step towards the end of the path: a part of the path, or of the graph where it has no part of its own.
    fn step(&mut self) -> Option<()> {
        match self.edge.node() {
            Node::Nullable(inner) => self.edge = *inner,
            Node::Array { items, .. } => {
                self.index()?;
                self.lead_to(*items, None);
            }
            Node::Tuple(items) => {
                let index = self.index()?;
                self.lead_to(*items.get(index)?, None);
            }
            Node::Map { values, .. } => {
                self.entry()?;
                self.lead_to(*values, None);
            }
            Node::Named(named) => self.named(named)?,
            Node::Enclosing(_) => self.named(self.current?)?,
            Node::Scalar(_) | Node::Any | Node::Foreign(_) => return None,
        }
        Some(())
    }

    fn lead_to(&mut self, edge: Edge, field: Option<&'static Field>) {
        self.edge = edge;
        self.field = field;
    }

    fn named(&mut self, named: &'static Named) -> Option<()> {
        self.current = Some(named);
        match named.body {
            Body::Object { fields, .. } => self.fields(fields),
            Body::Tuple(fields) => self.place(fields),
            Body::Newtype { field, .. } => {
                self.lead_to(field.edge, Some(field));
                Some(())
            }
            Body::Enum {
                variants, tagging, ..
            } => self.variant(variants, tagging),
        }
    }

    /// The variant that the value says it is, if it says so as the schema has it: what is written in one of serde's other ways is
    /// asked for as a whole.
    fn variant(&mut self, variants: &'static [Variant], tagging: Tagging) -> Option<()> {
        let members = self.value?.as_object()?;
        let name = match tagging {
            Tagging::External if members.len() == 1 => members.keys().next()?,
            Tagging::Internal { tag } | Tagging::Adjacent { tag, .. } => {
                members.get(tag.as_str())?.as_str()?
            }
            Tagging::External | Tagging::Untagged => return None,
        };
        let is_called = |variant: &&Variant| {
            !variant.untagged && (variant.name.as_str() == name || variant.aliases.contains(&name))
        };
        let variant = variants.iter().find(is_called)?;
        match tagging {
            Tagging::External => self.member(variant.name.as_str(), variant.aliases)?,
            Tagging::Adjacent { content, .. } => self.member(content.as_str(), &[])?,
            Tagging::Internal { .. } | Tagging::Untagged => {}
        }
        match variant.payload {
            // The path ends at what is in the variant: that has no edge of its own.
            _ if self.rest.is_empty() => None,
            Payload::Unit => None,
            Payload::Newtype(field) => {
                self.lead_to(field.edge, Some(field));
                Some(())
            }
            Payload::Tuple(fields) => self.place(fields),
            Payload::Object(fields) => self.fields(fields),
        }
    }

    /// A field with a name, which may stand in a flattened struct, or the entry of a flattened map.
    fn fields(&mut self, fields: &'static [Field]) -> Option<()> {
        let mut found = None;
        self.longest(fields, self.current, &mut found);
        if let Some((field, current)) = found {
            self.member(field.name.as_str(), field.aliases)?;
            self.current = current;
            self.lead_to(field.edge, Some(field));
            return Some(());
        }
        let (_, values) = open_map(fields)?;
        self.entry()?;
        self.lead_to(values, None);
        Some(())
    }

    /// The field with the longest name that the path goes on with: a name may have dots in it.
    fn longest(
        &self,
        fields: &'static [Field],
        current: Option<&'static Named>,
        found: &mut Option<(&'static Field, Option<&'static Named>)>,
    ) {
        for field in fields {
            if field.is_flattened {
                if let Flattened::Fields(named, inner, _) = Flattened::of(field.edge) {
                    self.longest(inner, Some(named), found);
                }
                continue;
            }
            let name = field.name.as_str();
            if self.after(name).is_some()
                && found.is_none_or(|(other, _)| name.len() > other.name.as_str().len())
            {
                *found = Some((field, current));
            }
        }
    }

    fn place(&mut self, fields: &'static [Field]) -> Option<()> {
        let index = self.index()?;
        let field = fields.get(index)?;
        self.lead_to(field.edge, Some(field));
        Some(())
    }

    /// What is left of the path after `key`.
    fn after(&self, key: &str) -> Option<&str> {
        let rest = self.rest.strip_prefix('.').unwrap_or(self.rest);
        let rest = rest.strip_prefix(key)?;
        (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
    }

    /// Goes to the member `key` of the object, which may be written as one of `aliases`.
    fn member(&mut self, key: &str, aliases: &[&str]) -> Option<()> {
        let skipped = self.rest.len() - self.after(key)?.len();
        let members = self.value?.as_object()?;
        let written = std::iter::once(key)
            .chain(aliases.iter().copied())
            .find(|name| members.contains_key(*name))
            .unwrap_or(key);
        self.value = members.get(written);
        pointer::push(&mut self.pointer, written);
        self.rest = self.rest.get(skipped..)?;
        Some(())
    }

    /// Goes to the entry of a map with the longest key that the path goes on with.
    fn entry(&mut self) -> Option<()> {
        let entries = self.value?.as_object()?;
        let key = entries
            .keys()
            .filter(|key| self.after(key).is_some())
            .max_by_key(|key| key.len())?
            .clone();
        self.member(&key, &[])
    }

    /// Goes to the item that the path goes on with.
    fn index(&mut self) -> Option<usize> {
        let (digits, rest) = self.rest.strip_prefix('[')?.split_once(']')?;
        let index: usize = digits.parse().ok()?;
        self.value = Some(self.value?.get(index)?);
        pointer::push(&mut self.pointer, digits);
        self.rest = rest;
        Some(index)
    }
}

/// The path in the characters of a key: `steps.2.owner`.
fn key(path: &str) -> String {
    let legal = |character: char| match character {
        '[' => Some('.'),
        ']' => None,
        '.' | '-' | '_' => Some(character),
        other if other.is_ascii_alphanumeric() => Some(other),
        _ => Some('_'),
    };
    path.chars().filter_map(legal).take(LONGEST_KEY).collect()
}

/// Gives places of one key a number.
pub(super) fn name_apart(places: &mut [Place]) {
    for index in 1..places.len() {
        let (before, after) = places.split_at_mut(index);
        let Some(place) = after.first_mut() else {
            continue;
        };
        let plain = place.key.clone();
        let mut number = 2;
        while before.iter().any(|other| other.key == place.key) {
            let suffix = format!("_{number}");
            let kept: String = plain.chars().take(LONGEST_KEY - suffix.len()).collect();
            place.key = kept + &suffix;
            number += 1;
        }
    }
}
