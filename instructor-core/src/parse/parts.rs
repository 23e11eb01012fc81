//! The parts of a JSON text, each as it was written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The parts of an array or an object, in order.
pub(crate) enum Parts<'a> {
    Items(Vec<&'a RawValue>),
    Members(Vec<(String, &'a RawValue)>),
    /// It has none.
    Scalar,
}

impl<'a> Parts<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let parts = if text.starts_with('{') {
            serde_json::from_str(text).map(|Members(members)| Parts::Members(members))
        } else if text.starts_with('[') {
            serde_json::from_str(text).map(Parts::Items)
        } else {
            Ok(Parts::Scalar)
        };
        parts.unwrap_or(Parts::Scalar)
    }
}

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
