//! Objects: structs with named fields, and variants that have some.

use serde_json::{Map, Value};

use super::Faults;
use crate::schema::{Field, Flattened, open_map};
use crate::validate::{ErrorCode, Path, ValidationError};

impl Faults {
    /// serde reads a struct from an object, and also from a list of its fields in order.
    pub(super) fn object_or_list(
        &mut self,
        fields: &'static [Field],
        closed: bool,
        value: &Value,
        path: &Path<'_>,
    ) {
        let is_flat = fields.iter().any(|field| field.is_flattened);
        match value {
            Value::Object(entries) => self.object(fields, entries, None, closed, path),
            Value::Array(values) if !is_flat => self.list(fields, values, value, path),
            _ => self.wrong_type("object", value, path),
        }
    }

    /// The members of an object; `tag` is one that says the variant.
    pub(super) fn object(
        &mut self,
        fields: &'static [Field],
        entries: &Map<String, Value>,
        tag: Option<&str>,
        closed: bool,
        path: &Path<'_>,
    ) {
        self.fields(fields, entries, path);
        let others = entries
            .iter()
            .filter(|(key, _)| Some(key.as_str()) != tag && !has_key(fields, key));
        match open_map(fields) {
            Some((_, values)) => {
                for (key, value) in others {
                    self.value(values, &[], value, &path.key(key));
                }
            }
            None if closed => {
                for (key, value) in others {
                    let message = "there is no such key: remove it".to_owned();
                    self.push(&path.key(key), ErrorCode::UnknownField, message, value);
                }
            }
            None => {}
        }
    }

    fn fields(&mut self, fields: &'static [Field], entries: &Map<String, Value>, path: &Path<'_>) {
        for field in fields {
            if field.is_flattened {
                if let Flattened::Fields(named, inner, _) = Flattened::of(field.edge) {
                    let outer = self.current.replace(named);
                    self.fields(inner, entries, path);
                    self.current = outer;
                }
                continue;
            }
            let path = path.key(field.name.as_str());
            let mut given = names(field).filter_map(|name| Some((name, entries.get(name)?)));
            match given.next() {
                Some((first, value)) => {
                    self.value(field.edge, field.rules, value, &path);
                    if let Some((second, value)) = given.next() {
                        let message = format!("is given twice, as `{first}` and as `{second}`");
                        self.push(&path, ErrorCode::UnknownField, message, value);
                    }
                }
                None if field.is_required() => self.missing(&path),
                None => {}
            }
        }
    }

    fn list(&mut self, fields: &'static [Field], values: &[Value], value: &Value, path: &Path<'_>) {
        for (index, field) in fields.iter().enumerate() {
            let path = path.key(field.name.as_str());
            match values.get(index) {
                Some(value) => self.value(field.edge, field.rules, value, &path),
                None if field.has_default => {}
                None => self.missing(&path),
            }
        }
        if values.len() > fields.len() {
            self.wrong_type("object", value, path);
        }
    }

    pub(super) fn missing(&mut self, path: &Path<'_>) {
        let message = "is required, but missing";
        let error = ValidationError::new(path, ErrorCode::Missing, message);
        self.errors.push(error);
    }
}

/// The keys under which serde looks for a field.
pub(crate) fn names(field: &'static Field) -> impl Iterator<Item = &'static str> {
    std::iter::once(field.name.as_str()).chain(field.aliases.iter().copied())
}

/// Whether some field takes this key.
pub(crate) fn has_key(fields: &'static [Field], key: &str) -> bool {
    fields.iter().any(|field| {
        if !field.is_flattened {
            return names(field).any(|name| name == key);
        }
        match Flattened::of(field.edge) {
            Flattened::Fields(_, inner, _) => has_key(inner, key),
            _ => false,
        }
    })
}
