//! Enums, in each of serde's representations.

use serde_json::Value;

use super::Faults;
use crate::inspect::choice::{Choice, choose};
use crate::schema::{Field, Flattened, Payload, Tagging, Variant};
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

impl Faults {
    pub(super) fn enumeration(
        &mut self,
        variants: &'static [Variant],
        tagging: Tagging,
        closed: bool,
        value: &Value,
        path: &Path<'_>,
    ) {
        let is_untagged =
            |variant: &&Variant| variant.untagged || matches!(tagging, Tagging::Untagged);
        // serde tries the variants without a tag after the others.
        let mut nearest: Option<ValidationErrors> = None;
        if !matches!(tagging, Tagging::Untagged) {
            let mut tagged = Faults::new(self.current);
            tagged.tagged(variants, tagging, closed, value, path);
            if tagged.errors.is_empty() {
                return;
            }
            nearest = Some(tagged.errors);
        }
        for variant in variants.iter().filter(is_untagged) {
            let mut tried = Faults::new(self.current);
            tried.payload(variant.payload, closed, value, path);
            if tried.errors.is_empty() {
                return;
            }
            if nearest
                .as_ref()
                .is_none_or(|nearest| tried.errors.len() < nearest.len())
            {
                nearest = Some(tried.errors);
            }
        }
        if variants.iter().any(|variant| is_untagged(&variant)) {
            let message = "fits none of the variants".to_owned();
            self.push(path, ErrorCode::UnknownVariant, message, value);
        }
        for error in nearest.iter().flatten() {
            self.errors.push(error.clone());
        }
    }

    fn tagged(
        &mut self,
        variants: &'static [Variant],
        tagging: Tagging,
        closed: bool,
        value: &Value,
        path: &Path<'_>,
    ) {
        let Choice {
            variant,
            content,
            key,
            tag,
        } = match choose(variants, tagging, value) {
            Ok(choice) => choice,
            Err(fault) => {
                let key = fault.key;
                let inner = key.map(|key| path.key(key));
                let path = inner.as_ref().unwrap_or(path);
                let input = key.map_or(Some(value), |key| value.get(key));
                let error = ValidationError::new(path, fault.code, fault.message);
                self.errors.push(match input {
                    Some(input) => error.with_input(input),
                    None => error,
                });
                return;
            }
        };
        if let (Tagging::Adjacent { tag, content }, Value::Object(members), true) =
            (tagging, value, closed)
        {
            let (tag, content) = (tag.as_str(), content.as_str());
            for (key, value) in members
                .iter()
                .filter(|(key, _)| *key != tag && *key != content)
            {
                let message = "there is no such key: remove it".to_owned();
                self.push(&path.key(key), ErrorCode::UnknownField, message, value);
            }
        }
        match (key, content, tag) {
            (_, Some(value), Some(tag)) => self.beside_tag(variant, tag, closed, value, path),
            (Some(key), Some(value), None) => {
                self.payload(variant.payload, closed, value, &path.key(key));
            }
            _ => {}
        }
    }

    /// The content of a variant, among whose keys stands the tag.
    fn beside_tag(
        &mut self,
        variant: &'static Variant,
        tag: &str,
        closed: bool,
        value: &Value,
        path: &Path<'_>,
    ) {
        let Value::Object(entries) = value else {
            return;
        };
        match variant.payload {
            Payload::Object(fields) => self.object(fields, entries, Some(tag), closed, path),
            Payload::Newtype(field) => self.newtype_beside_tag(field, tag, value, path),
            Payload::Unit | Payload::Tuple(_) => {}
        }
    }

    fn newtype_beside_tag(
        &mut self,
        field: &'static Field,
        tag: &str,
        value: &Value,
        path: &Path<'_>,
    ) {
        let Value::Object(entries) = value else {
            return;
        };
        match Flattened::of(field.edge) {
            Flattened::Fields(named, fields, closed) => {
                let outer = self.current.replace(named);
                self.object(fields, entries, Some(tag), closed, path);
                self.current = outer;
            }
            Flattened::Open(_, values) => {
                for (key, value) in entries.iter().filter(|(key, _)| *key != tag) {
                    self.value(values, &[], value, &path.key(key));
                }
            }
            Flattened::Unsayable => {}
        }
    }

    /// The content of a variant that stands alone.
    pub(super) fn payload(
        &mut self,
        payload: Payload,
        closed: bool,
        value: &Value,
        path: &Path<'_>,
    ) {
        match payload {
            Payload::Unit if value.is_null() => {}
            Payload::Unit => self.wrong_type("null", value, path),
            Payload::Newtype(field) => self.value(field.edge, field.rules, value, path),
            Payload::Tuple(fields) => self.tuple(fields, value, path),
            Payload::Object(fields) => self.object_or_list(fields, closed, value, path),
        }
    }
}
