//! Enums, in each of serde's representations.

use serde_json::Value;

use super::{Faults, Sought};
use crate::inspect::choice::{Choice, Content, Enumeration, NoChoice, Place};
use crate::schema::{Payload, Tagging};
use crate::validate::Path;

impl Faults<'_> {
    pub(super) fn enumeration(&mut self, enumeration: Enumeration, value: &Value, path: &Path<'_>) {
        match enumeration.choose(self.context, value) {
            Ok(choice) => self.choice(enumeration, &choice, value, path),
            Err(fault) => {
                self.no_choice(&fault, path);
                if enumeration.has_untagged() && self.sought == Sought::Everything {
                    self.nearest_misses(enumeration, value, path);
                }
            }
        }
    }

    fn no_choice(&mut self, fault: &NoChoice<'_>, path: &Path<'_>) {
        let inner = fault.key.map(|key| path.key(key));
        let path = inner.as_ref().unwrap_or(path);
        self.misfit(path, fault.code, fault.message.as_str(), fault.input);
    }

    /// What is wrong with the variant that has the fewest faults, of those that serde tries.
    fn nearest_misses(&mut self, enumeration: Enumeration, value: &Value, path: &Path<'_>) {
        let misses = enumeration
            .candidates(self.context, value)
            .map(|candidate| {
                let mut tried = Faults::new(self.context, self.sought, self.given);
                match candidate {
                    Ok(choice) => tried.choice(enumeration, &choice, value, path),
                    Err(fault) => tried.no_choice(&fault, path),
                }
                tried.errors
            });
        let nearest = misses.min_by_key(|errors| errors.len());
        for error in nearest.iter().flatten() {
            self.errors.push(error.clone());
        }
    }

    /// The content of a variant of `value`, and the keys around it.
    pub(super) fn choice(
        &mut self,
        enumeration: Enumeration,
        choice: &Choice<'_>,
        value: &Value,
        path: &Path<'_>,
    ) {
        let content = choice.content.as_ref();
        let has_tag = content.is_none_or(|content| !matches!(content.place, Place::Whole));
        if has_tag
            && enumeration.closed
            && let Tagging::Adjacent { tag, content } = enumeration.tagging
        {
            let known = [tag.as_str(), content.as_str()];
            for (key, value) in value.as_object().into_iter().flatten() {
                if !known.contains(&key.as_str()) {
                    self.unknown_key(value, &path.key(key));
                }
            }
        }
        let Some(content) = content else {
            return;
        };
        let (payload, closed) = (choice.variant.payload, enumeration.closed);
        self.from(content.source, |faults| match content.place.name() {
            Some(name) => faults.payload(payload, closed, content, &path.key(name)),
            None => faults.payload(payload, closed, content, path),
        });
    }

    fn payload(&mut self, payload: Payload, closed: bool, content: &Content<'_>, path: &Path<'_>) {
        let value = content.value.as_ref();
        match (payload, value) {
            (Payload::Unit, Value::Null) => {}
            (Payload::Unit, _) => self.wrong_type("null", value, path),
            (Payload::Newtype(field), _) => self.field(field, value, path),
            (Payload::Tuple(fields), _) => self.tuple(fields, value, path),
            (Payload::Object(fields), Value::Object(entries)) => {
                self.object(fields, entries, closed, path);
            }
            (Payload::Object(fields), _) if content.may_be_list => {
                self.object_or_list(fields, closed, value, path);
            }
            (Payload::Object(_), _) => self.wrong_type("object", value, path),
        }
    }
}
