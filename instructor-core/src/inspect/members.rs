//! Which members of an object belong to which field.

use serde_json::{Map, Value};

use super::context::Source;
use crate::schema::{Edge, Field, Flattened};

/// The keys under which serde looks for a field.
pub(crate) fn names(field: &'static Field) -> impl Iterator<Item = &'static str> {
    std::iter::once(field.name.as_str()).chain(field.aliases.iter().copied())
}

/// Whether some field is flattened: then serde reads the struct as a map, and from nothing else.
pub(crate) fn is_flat(fields: &[Field]) -> bool {
    fields.iter().any(|field| field.is_flattened)
}

fn has_key(fields: &'static [Field], key: &str) -> bool {
    let mut own = fields.iter().filter(|field| !field.is_flattened);
    own.any(|field| names(field).any(|name| name == key))
}

/// The members of an object that no field took yet.
pub(crate) struct Rest<'a> {
    members: Vec<(&'a String, &'a Value)>,
}

impl<'a> Rest<'a> {
    /// What is left for flattened fields.
    pub(crate) fn of(fields: &'static [Field], entries: &'a Map<String, Value>) -> Self {
        Rest {
            members: entries
                .iter()
                .filter(|(key, _)| !has_key(fields, key))
                .collect(),
        }
    }

    /// The object that serde hands to the flattened field of this type, and how it holds it.
    ///
    /// A struct takes its fields away. A map only looks at what is there, and so does a struct with flattened fields of its own:
    /// what they read is left for the fields after them too.
    pub(crate) fn hand_over(&mut self, edge: Edge) -> (Value, Source) {
        match Flattened::of(edge) {
            Flattened::Fields(_, fields, _) if !is_flat(fields) => {
                let is_taken = |(key, _): &(&String, &Value)| has_key(fields, key);
                let (taken, left) = std::mem::take(&mut self.members)
                    .into_iter()
                    .partition(is_taken);
                self.members = left;
                (object(taken), Source::Once)
            }
            _ => (object(self.members.clone()), Source::Again),
        }
    }

    /// What nobody took.
    pub(super) fn left(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.members.into_iter()
    }
}

fn object(members: Vec<(&String, &Value)>) -> Value {
    let members = members.into_iter();
    members
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
