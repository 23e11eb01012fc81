//! JSON to OpenTelemetry values, in one pass and without a tree in between.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::wire::{AnyValue, ArrayValue, KeyValue, KeyValueList, Value};

/// The most lists and objects in each other that a value may have on the wire.
///
/// Readers of protobuf, the server's too, refuse a body with more than 100 messages in each other: all of it, with every other span
/// that is in it. An object takes three of them, and six are around every attribute.
const MAX_LEVELS: usize = 30;

impl AnyValue {
    /// Makes lists and objects that are too deep in others text: the JSON that they are.
    pub(crate) fn limit_levels(&mut self) {
        self.limit_levels_to(MAX_LEVELS);
    }

    fn limit_levels_to(&mut self, levels: usize) {
        let is_too_deep =
            levels == 0 && matches!(self.value, Some(Value::Array(_) | Value::Object(_)));
        if is_too_deep {
            *self = self.to_json().into();
        }
        let below = levels.saturating_sub(1);
        match &mut self.value {
            Some(Value::Array(array)) => array
                .values
                .iter_mut()
                .for_each(|item| item.limit_levels_to(below)),
            Some(Value::Object(object)) => object
                .values
                .iter_mut()
                .filter_map(|member| member.value.as_mut())
                .for_each(|value| value.limit_levels_to(below)),
            _ => {}
        }
    }

    /// The value that the JSON text `json` denotes; the text itself, as a string, if it is not JSON.
    pub(crate) fn from_json(json: &[u8]) -> AnyValue {
        serde_json::from_slice(json)
            .unwrap_or_else(|_| AnyValue::from(String::from_utf8_lossy(json).into_owned()))
    }

    /// The object of `members`, in their order; members without a value are left out.
    pub(crate) fn object<'a>(
        members: impl IntoIterator<Item = (&'a str, Option<AnyValue>)>,
    ) -> AnyValue {
        let values = members
            .into_iter()
            .filter_map(|(key, value)| value.map(|value| KeyValue::new(key, value)))
            .collect();
        AnyValue {
            value: Some(Value::Object(KeyValueList { values })),
        }
    }

    /// The array of `items`.
    pub(crate) fn array(items: impl IntoIterator<Item = AnyValue>) -> AnyValue {
        let values = items.into_iter().collect();
        AnyValue {
            value: Some(Value::Array(ArrayValue { values })),
        }
    }

    /// The members, if this is an object.
    pub(crate) fn members(&self) -> &[KeyValue] {
        match &self.value {
            Some(Value::Object(object)) => &object.values,
            _ => &[],
        }
    }

    /// The items, if this is an array.
    pub(crate) fn items(&self) -> &[AnyValue] {
        match &self.value {
            Some(Value::Array(array)) => &array.values,
            _ => &[],
        }
    }

    /// The member `key`, if this is an object that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&AnyValue> {
        self.members()
            .iter()
            .find(|member| member.key == key)
            .and_then(|member| member.value.as_ref())
    }

    /// The text, if this is a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The value as people read it: text as it is, anything else as JSON.
    pub(crate) fn to_text(&self) -> String {
        self.as_str().map_or_else(|| self.to_json(), str::to_owned)
    }

    /// Has it nest `most` levels deep, and makes texts of JSON of what lies deeper.
    pub(crate) fn limit_depth(&mut self, most: usize) {
        let is_scalar = !matches!(&self.value, Some(Value::Array(_) | Value::Object(_)));
        if is_scalar {
            return;
        }
        let Some(most) = most.checked_sub(1) else {
            *self = self.to_json().into();
            return;
        };
        match &mut self.value {
            Some(Value::Array(array)) => {
                array.values.iter_mut().for_each(|it| it.limit_depth(most));
            }
            Some(Value::Object(object)) => {
                let members = object.values.iter_mut();
                let values = members.filter_map(|member| member.value.as_mut());
                values.for_each(|value| value.limit_depth(most));
            }
            _ => {}
        }
    }

    /// JSON text of the value, with the members of objects in their order.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl KeyValue {
    pub(crate) fn new(key: impl Into<String>, value: impl Into<AnyValue>) -> KeyValue {
        KeyValue {
            key: key.into(),
            value: Some(value.into()),
        }
    }
}

impl From<Value> for AnyValue {
    fn from(value: Value) -> Self {
        AnyValue { value: Some(value) }
    }
}

impl From<String> for AnyValue {
    fn from(text: String) -> Self {
        Value::String(text).into()
    }
}

impl From<&str> for AnyValue {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned()).into()
    }
}

impl From<bool> for AnyValue {
    fn from(truth: bool) -> Self {
        Value::Bool(truth).into()
    }
}

impl From<i64> for AnyValue {
    fn from(number: i64) -> Self {
        Value::Int(number).into()
    }
}

impl From<u32> for AnyValue {
    fn from(number: u32) -> Self {
        Value::Int(number.into()).into()
    }
}

impl From<u64> for AnyValue {
    /// Numbers over `i64::MAX`, which OpenTelemetry has no integer for, become floating point.
    fn from(number: u64) -> Self {
        match i64::try_from(number) {
            Ok(number) => Value::Int(number).into(),
            Err(_) => Value::Double(number as f64).into(),
        }
    }
}

impl From<f64> for AnyValue {
    fn from(number: f64) -> Self {
        Value::Double(number).into()
    }
}

impl Serialize for AnyValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.value {
            None => serializer.serialize_unit(),
            Some(Value::String(text)) => serializer.serialize_str(text),
            Some(Value::Bool(truth)) => serializer.serialize_bool(*truth),
            Some(Value::Int(number)) => serializer.serialize_i64(*number),
            Some(Value::Double(number)) => serializer.serialize_f64(*number),
            Some(Value::Array(array)) => serializer.collect_seq(&array.values),
            Some(Value::Object(object)) => serializer.collect_map(
                object
                    .values
                    .iter()
                    .map(|member| (&member.key, &member.value)),
            ),
        }
    }
}

impl<'de> Deserialize<'de> for AnyValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValueVisitor)
    }
}

struct AnyValueVisitor;

impl<'de> Visitor<'de> for AnyValueVisitor {
    type Value = AnyValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, truth: bool) -> Result<AnyValue, E> {
        Ok(truth.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<AnyValue, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<AnyValue, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<AnyValue, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<AnyValue, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<AnyValue, E> {
        Ok(text.into())
    }

    /// MLflow reads a value without content back as `null` (seen on 3.6.0 and 3.17.2).
    fn visit_unit<E>(self) -> Result<AnyValue, E> {
        Ok(AnyValue { value: None })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<AnyValue, A::Error> {
        let mut values = Vec::with_capacity(items.size_hint().unwrap_or(0).min(1024));
        while let Some(item) = items.next_element()? {
            values.push(item);
        }
        Ok(Value::Array(ArrayValue { values }).into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<AnyValue, A::Error> {
        let mut values = Vec::new();
        while let Some((key, value)) = members.next_entry::<String, AnyValue>()? {
            values.push(KeyValue::new(key, value));
        }
        Ok(Value::Object(KeyValueList { values }).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_becomes_native_values() {
        let value = AnyValue::from_json(br#"{"a":[1,-2.5,true],"b":{"c":"d"}}"#);
        let expected = AnyValue::object([
            (
                "a",
                Some(AnyValue::array([1i64.into(), (-2.5).into(), true.into()])),
            ),
            ("b", Some(AnyValue::object([("c", Some("d".into()))]))),
        ]);
        assert_eq!(value, expected);
    }

    #[test]
    fn what_is_too_deep_for_the_wire_is_text() {
        let nested = |levels: usize| "{\"a\":[".repeat(levels / 2) + &"]}".repeat(levels / 2);
        let mut fits = AnyValue::from_json(nested(MAX_LEVELS).as_bytes());
        let whole = fits.clone();
        fits.limit_levels();
        assert_eq!(fits, whole);

        let mut deep = AnyValue::from_json(nested(MAX_LEVELS + 4).as_bytes());
        deep.limit_levels();
        let mut value = &deep;
        for _ in 0..MAX_LEVELS / 2 {
            value = &value.get("a").expect("an object").items()[0];
        }
        assert_eq!(value.as_str(), Some(nested(4).as_str()));
    }

    #[test]
    fn null_is_a_value_without_content() {
        let value = AnyValue::from_json(br#"{"content":null,"items":[null,1]}"#);
        assert_eq!(value.get("content"), Some(&AnyValue { value: None }));
        assert_eq!(value.to_json(), r#"{"content":null,"items":[null,1]}"#);
    }

    #[test]
    fn text_that_is_not_json_stays_text() {
        let value = AnyValue::from_json(b"<html>502</html>");
        assert_eq!(value.as_str(), Some("<html>502</html>"));
    }

    #[test]
    fn a_number_beyond_64_signed_bits_is_kept_as_floating_point() {
        let value = AnyValue::from_json(b"18446744073709551615");
        assert_eq!(value.value, Some(Value::Double(18446744073709551615.0)));
    }
}
