//! Enums, in each of serde's representations.

use serde_json::Value;

use super::{Coercion, Wrapping};
use crate::inspect::{choose, payload_errors};
use crate::leniency::Correction;
use crate::schema::{Flattened, Named, Payload, Tagging, Variant};
use crate::validate::{ErrorCode, Path, ValidationErrors};

impl Coercion {
    pub(super) fn enumeration(
        &mut self,
        named: &'static Named,
        variants: &'static [Variant],
        tagging: Tagging,
        value: &mut Value,
        path: &Path<'_>,
    ) {
        let mut untagged = variants
            .iter()
            .filter(|variant| variant.untagged || matches!(tagging, Tagging::Untagged));
        let is_read =
            |variant: &Variant| has_right_types(&payload_errors(named, variant.payload, value));
        if untagged.clone().any(is_read) {
            return;
        }
        if let Ok(choice) = choose(variants, tagging, value) {
            let payload = choice.variant.payload;
            self.tagged(choice.variant, payload, tagging, value, path);
            return;
        }
        // One variant alone may fit once it is coerced, or the answer could have meant another.
        let mut only: Option<(Value, Vec<Correction>)> = None;
        let before = self.corrections.len();
        while let Some(variant) = untagged.next().filter(|_| self.tries_left > 0) {
            self.tries_left -= 1;
            let mut tried = value.clone();
            self.payload(variant.payload, &mut tried, path, Wrapping::Forbidden);
            let corrections = self.corrections.split_off(before);
            if !payload_errors(named, variant.payload, &tried).is_empty() {
                continue;
            }
            if only.replace((tried, corrections)).is_some() {
                return;
            }
        }
        if let Some((coerced, mut corrections)) = only.filter(|_| self.tries_left > 0) {
            *value = coerced;
            self.corrections.append(&mut corrections);
        }
    }

    /// The content of the variant that a value says it is.
    fn tagged(
        &mut self,
        variant: &'static Variant,
        payload: Payload,
        tagging: Tagging,
        value: &mut Value,
        path: &Path<'_>,
    ) {
        let Value::Object(members) = value else {
            return;
        };
        match tagging {
            Tagging::External => {
                if let Some(content) = members.values_mut().next() {
                    let path = path.key(variant.name.as_str());
                    self.payload(payload, content, &path, Wrapping::Allowed);
                }
            }
            Tagging::Adjacent { content, .. } => {
                if let Some(inside) = members.get_mut(content.as_str()) {
                    let path = path.key(content.as_str());
                    self.payload(payload, inside, &path, Wrapping::Allowed);
                }
            }
            Tagging::Internal { tag } => {
                let tag = tag.as_str();
                match payload {
                    Payload::Object(fields) => self.object(fields, members, Some(tag), path),
                    Payload::Newtype(field) => match Flattened::of(field.edge) {
                        Flattened::Fields(named, fields, _) => {
                            let outer = self.current.replace(named);
                            self.object(fields, members, Some(tag), path);
                            self.current = outer;
                        }
                        Flattened::Open(_, values) => {
                            for (key, entry) in members.iter_mut().filter(|(key, _)| *key != tag) {
                                self.value(values, entry, &path.key(key), Wrapping::Allowed);
                            }
                        }
                        Flattened::Unsayable => {}
                    },
                    Payload::Unit | Payload::Tuple(_) => {}
                }
            }
            Tagging::Untagged => {}
        }
    }

    fn payload(
        &mut self,
        payload: Payload,
        value: &mut Value,
        path: &Path<'_>,
        wrapping: Wrapping,
    ) {
        match payload {
            Payload::Unit => {}
            Payload::Newtype(field) => self.value(field.edge, value, path, wrapping),
            Payload::Tuple(fields) => self.tuple(fields, value, path),
            Payload::Object(fields) => self.object_or_list(fields, value, path),
        }
    }
}

/// Whether serde would read the value, whatever the rules say.
fn has_right_types(errors: &ValidationErrors) -> bool {
    errors.iter().all(|error| {
        !matches!(
            error.code,
            ErrorCode::Type
                | ErrorCode::Missing
                | ErrorCode::UnknownVariant
                | ErrorCode::UnknownField
        )
    })
}
