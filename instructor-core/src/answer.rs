//! Reads the value of a type out of an answer, and out of the key around it if it has one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::model::{Deserializable, ResponseModel};

/// The value in the JSON text of an answer.
pub(crate) fn from_text<T: ResponseModel>(text: &str) -> serde_json::Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = read(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// The value in an answer.
pub(crate) fn read<'de, T: ResponseModel, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    match T::SCHEMA.wrapper {
        None => T::read(deserializer),
        Some(key) => deserializer.deserialize_map(Wrapped {
            key,
            value: PhantomData,
        }),
    }
}

/// Refuses the text of an answer that has the key around its value twice, or not at all.
pub(crate) fn check_wrapper<T: ResponseModel>(text: &str) -> serde_json::Result<()> {
    let Some(key) = T::SCHEMA.wrapper else {
        return Ok(());
    };
    let value = PhantomData::<IgnoredAny>;
    serde_json::Deserializer::from_str(text).deserialize_map(Wrapped { key, value })?;
    Ok(())
}

/// The JSON text of the value alone, out of the text of an answer that was read.
pub(crate) fn bare<T: ResponseModel>(text: &str) -> &str {
    let Some(key) = T::SCHEMA.wrapper else {
        return text;
    };
    let members: Option<BTreeMap<Cow<'_, str>, &RawValue>> = serde_json::from_str(text).ok();
    members
        .and_then(|members| members.get(key).map(|value| value.get()))
        .unwrap_or(text)
}

/// An object with the value under `key`. Other keys are ignored, but the value is never made up if its key is absent.
struct Wrapped<T> {
    key: &'static str,
    value: PhantomData<T>,
}

impl<'de, T: Deserializable> Visitor<'de> for Wrapped<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with the key `{}`", self.key)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<T, A::Error> {
        let mut value = None;
        while let Some(is_key) = members.next_key_seed(IsKey(self.key))? {
            if !is_key {
                members.next_value::<IgnoredAny>()?;
            } else if value.is_some() {
                return Err(A::Error::duplicate_field(self.key));
            } else {
                value = Some(members.next_value_seed(Content(PhantomData))?);
            }
        }
        value.ok_or_else(|| A::Error::missing_field(self.key))
    }
}

/// Whether a key is this one.
struct IsKey(&'static str);

impl<'de> DeserializeSeed<'de> for IsKey {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for IsKey {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

struct Content<T>(PhantomData<T>);

impl<'de, T: Deserializable> DeserializeSeed<'de> for Content<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_value_is_under_its_key() {
        let read = |text| from_text::<Vec<u8>>(text).map_err(|error| error.to_string());
        assert_eq!(read(r#"{"content": [1, 2]}"#), Ok(vec![1, 2]));
        assert_eq!(read(r#"{"a": {}, "content": [], "b": 1}"#), Ok(vec![]));
        for wrong in [
            "[1]",
            "{}",
            r#"{"content": null}"#,
            r#"{"content": {}}"#,
            r#"{"content": [1], "content": [2]}"#,
            r#"{"content": [1]} 2"#,
        ] {
            read(wrong).expect_err(wrong);
        }
    }

    #[test]
    fn an_absent_key_is_no_none() {
        from_text::<Option<u8>>("{}").expect_err("no key");
        let none: Option<u8> = from_text(r#"{"content": null}"#).expect("null");
        assert_eq!(none, None);
    }

    #[test]
    fn the_bare_value_is_as_it_was_written() {
        assert_eq!(bare::<Vec<u8>>(r#"{"content": [1,  2]}"#), "[1,  2]");
    }
}
