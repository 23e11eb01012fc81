//! A record as JSON, for people.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// The fields that hold ids.
const IDS: [&str; 3] = ["trace_id", "id", "parent"];

/// How deep values may nest; records nest a dozen deep.
const DEEPEST: usize = 64;

/// What `bytes` hold; `null` if it is no MessagePack.
pub(super) fn read(bytes: &[u8]) -> Value {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    deserializer.set_max_depth(DEEPEST);
    let any = Readable { is_id: false };
    any.deserialize(&mut deserializer).unwrap_or_default()
}

/// Any value. Bytes become text, unless they are an id.
#[derive(Clone, Copy)]
struct Readable {
    is_id: bool,
}

impl<'de> DeserializeSeed<'de> for Readable {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Readable {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<Value, E> {
        let text = std::str::from_utf8(value).ok().filter(|_| !self.is_id);
        let digits = || value.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(text.map_or_else(digits, str::to_owned).into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = fields.next_key_seed(Readable { is_id: false })? {
            let key = match key {
                Value::String(key) => key,
                key => key.to_string(),
            };
            let is_id = IDS.contains(&key.as_str());
            map.insert(key, fields.next_value_seed(Readable { is_id })?);
        }
        Ok(map.into())
    }
}
