//! What `serde_json` makes of a text that is all there.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// Whether it is JSON. How deep it is does not count here.
pub(super) fn accepts(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Whether more text could make JSON of it. Of what begins like a number it says no, and so of an escape near the end: of that
/// `serde_json` takes four digits without a look at the first ones.
pub(super) fn is_unfinished(text: &str) -> bool {
    let end = text.as_bytes().split_at(text.len().saturating_sub(6)).1;
    !end.windows(2).any(|escape| escape == b"\\u")
        && serde_json::from_str::<IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

/// Whether it has a value that is not too deep.
pub(super) fn makes_value(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}

/// The value of a text that is JSON, in the form that [`Lexed`](super::Lexed) has: a number is a text, as it was written, and a text has a
/// quote before it. `None` if it has half a surrogate pair, which no `String` can hold.
pub(super) fn value(text: &str) -> Option<Value> {
    Some(match text.as_bytes().first()? {
        b'{' => {
            let Members(parts) = serde_json::from_str(text).ok()?;
            let mut members = Map::new();
            for (key, part) in parts {
                members.insert(key, value(part.get())?);
            }
            members.into()
        }
        b'[' => {
            let parts: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            let items = parts.into_iter().map(|part| value(part.get()));
            items.collect::<Option<Vec<_>>>()?.into()
        }
        b'"' => {
            let text: String = serde_json::from_str(text).ok()?;
            format!("\"{text}").into()
        }
        b'-' | b'0'..=b'9' => text.into(),
        _ => serde_json::from_str(text).ok()?,
    })
}

/// All members of an object, in order.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(Vec::new()))
    }
}

impl<'de: 'a, 'a> Visitor<'de> for Members<'a> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self, A::Error> {
        while let Some(member) = members.next_entry()? {
            self.0.push(member);
        }
        Ok(self)
    }
}
