//! Objects: structs with named fields, and variants that have some.

use serde_json::{Map, Value};

use super::Faults;
use crate::inspect::members::{Rest, is_flat, names};
use crate::schema::Field;
use crate::validate::{ErrorCode, Path};

impl Faults<'_> {
    /// serde reads a struct from an object, and also from a list of its fields in order.
    pub(super) fn object_or_list(
        &mut self,
        fields: &'static [Field],
        closed: bool,
        value: &Value,
        path: &Path<'_>,
    ) {
        match value {
            Value::Object(entries) => self.object(fields, entries, closed, path),
            Value::Array(values) if !is_flat(fields) => self.list(fields, values, value, path),
            _ => self.wrong_type("object", value, path),
        }
    }

    /// The members of an object.
    pub(super) fn object(
        &mut self,
        fields: &'static [Field],
        entries: &Map<String, Value>,
        closed: bool,
        path: &Path<'_>,
    ) {
        let mut rest = Rest::of(fields, entries);
        for field in fields {
            if field.is_flattened {
                let (handed_over, source) = rest.hand_over(field.edge);
                self.from(source, |faults| {
                    faults.field(field, &handed_over, path);
                });
                continue;
            }
            self.member(field, entries, &path.key(field.name.as_str()));
        }
        if closed {
            for (key, value) in rest.left() {
                self.unknown_key(value, &path.key(key));
            }
        }
    }

    fn member(&mut self, field: &'static Field, entries: &Map<String, Value>, path: &Path<'_>) {
        let mut given = names(field).filter_map(|name| Some((name, entries.get(name)?)));
        match given.next() {
            Some((first, value)) => {
                self.field(field, value, path);
                if let Some((second, value)) = given.next() {
                    let message = format!("is given twice, as `{first}` and as `{second}`");
                    self.misfit(path, ErrorCode::UnknownField, message, Some(value));
                }
            }
            None if field.is_required() => self.missing(path),
            None => {}
        }
    }

    pub(super) fn unknown_key(&mut self, value: &Value, path: &Path<'_>) {
        let message = "there is no such key: remove it";
        self.misfit(path, ErrorCode::UnknownField, message, Some(value));
    }

    fn list(&mut self, fields: &'static [Field], values: &[Value], value: &Value, path: &Path<'_>) {
        for (index, field) in fields.iter().enumerate() {
            let path = path.key(field.name.as_str());
            match values.get(index) {
                Some(value) => self.field(field, value, &path),
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
        self.misfit(path, ErrorCode::Missing, message, None);
    }
}
