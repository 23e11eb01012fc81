//! Reads a value and notes the keys that stand in it twice. serde refuses a field that is given twice; a `Value` says nothing.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::leniency::{Correction, CorrectionKind};
use crate::validate::Path;

pub(super) fn read(text: &str, corrections: &mut Vec<Correction>) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let noting = Noting {
        path: Path::ROOT,
        corrections,
    };
    let value = noting.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

struct Noting<'a> {
    path: Path<'a>,
    corrections: &'a mut Vec<Correction>,
}

impl<'de> DeserializeSeed<'de> for Noting<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Noting<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Noting {
            path: self.path.index(values.len()),
            corrections: &mut *self.corrections,
        })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            let path = self.path.key(&key);
            let value = members.next_value_seed(Noting {
                path,
                corrections: &mut *self.corrections,
            })?;
            if let Some(earlier) = values.get(&key) {
                let kind = CorrectionKind::DuplicateKey;
                let correction = Correction::of_value(&path, kind, earlier);
                self.corrections.push(correction);
            }
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}
