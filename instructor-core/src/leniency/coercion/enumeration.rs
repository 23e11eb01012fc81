//! Enums, in each of serde's representations.

use serde_json::Value;

use super::{Coercion, Wrapping, put_back};
use crate::inspect::{Choice, Content, Enumeration, Place, choice_errors};
use crate::leniency::Correction;
use crate::schema::Payload;
use crate::validate::Path;

impl Coercion {
    pub(super) fn enumeration(
        &mut self,
        enumeration: Enumeration,
        value: &mut Value,
        path: &Path<'_>,
    ) {
        if !enumeration.has_untagged() {
            if let Ok(choice) = enumeration.choose(self.context, value)
                && let Some(coerced) = self.choice(choice, value, path)
            {
                *value = coerced;
            }
            return;
        }
        if enumeration.choose(self.context, value).is_err()
            && let Some(coerced) = self.unchosen(enumeration, value, path)
        {
            *value = coerced;
        }
    }

    /// A value that no variant takes as it is, of an enum with untagged ones: what it becomes.
    fn unchosen(
        &mut self,
        enumeration: Enumeration,
        value: &Value,
        path: &Path<'_>,
    ) -> Option<Value> {
        // One variant alone may fit once it is coerced, or the answer could have meant another.
        let mut only: Option<(Value, Vec<Correction>)> = None;
        let before = self.corrections.len();
        for choice in enumeration.candidates(self.context, value).flatten() {
            let variant = choice.variant;
            if !matches!(
                choice.content,
                Some(Content {
                    place: Place::Whole,
                    ..
                })
            ) {
                // A tag says which.
                return self.choice(choice, value, path);
            }
            if self.tries_left == 0 {
                return None;
            }
            self.tries_left -= 1;
            let tried = self.choice(choice, value, path);
            let corrections = self.corrections.split_off(before);
            let Some(tried) = tried else { continue };
            let choice = Choice::of_whole(variant, &tried);
            if !choice_errors(self.context, enumeration, &choice, &tried).is_empty() {
                continue;
            }
            if only.replace((tried, corrections)).is_some() {
                return None;
            }
        }
        let (coerced, mut corrections) = only.filter(|_| self.tries_left > 0)?;
        self.corrections.append(&mut corrections);
        Some(coerced)
    }

    /// `whole` with the content of the variant that it is changed; `None` if nothing is.
    fn choice(&mut self, choice: Choice<'_>, whole: &Value, path: &Path<'_>) -> Option<Value> {
        let Content {
            value,
            place,
            source,
            may_be_list,
        } = choice.content?;
        let payload = choice.variant.payload;
        let before = self.corrections.len();
        let mut content = value.into_owned();
        // What stands beside a tag cannot become a list, and a whole value is rather the one of "one or many".
        let wrapping = match place {
            Place::Key { .. } | Place::Item { .. } => Wrapping::Allowed,
            Place::Whole | Place::BesideTag | Place::AfterTag => Wrapping::Forbidden,
        };
        self.from(source, |coercion| {
            let inner = place.name().map(|name| path.key(name));
            let path = inner.as_ref().unwrap_or(path);
            coercion.payload(payload, may_be_list, &mut content, path, wrapping);
        });
        if self.corrections.len() == before {
            return None;
        }
        Some(with(whole, place, content))
    }

    fn payload(
        &mut self,
        payload: Payload,
        may_be_list: bool,
        value: &mut Value,
        path: &Path<'_>,
        wrapping: Wrapping,
    ) {
        match (payload, value) {
            (Payload::Unit, _) => {}
            (Payload::Newtype(field), value) => self.value(field.edge, value, path, wrapping),
            (Payload::Tuple(fields), value) => self.tuple(fields, value, path),
            (Payload::Object(fields), Value::Object(members)) => self.object(fields, members, path),
            (Payload::Object(fields), value) if may_be_list => {
                self.object_or_list(fields, value, path);
            }
            (Payload::Object(_), _) => {}
        }
    }
}

/// `whole` with other content at its place.
fn with(whole: &Value, place: Place<'_>, content: Value) -> Value {
    if let Place::Whole = place {
        return content;
    }
    let mut whole = whole.clone();
    match (place, &mut whole, content) {
        (Place::BesideTag, Value::Object(members), content) => {
            let given = members.clone();
            put_back(&given, content, members);
        }
        (Place::AfterTag, Value::Array(items), Value::Array(content)) => {
            items.truncate(1);
            items.extend(content);
        }
        (Place::Key { written, .. }, Value::Object(members), content) => {
            members.insert(written.to_owned(), content);
        }
        (Place::Item { index, .. }, Value::Array(items), content) => {
            if let Some(item) = items.get_mut(index) {
                *item = content;
            }
        }
        _ => {}
    }
    whole
}
