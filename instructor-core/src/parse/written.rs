//! Writes down a value that was changed since it was read.

use std::collections::HashMap;

use serde_json::Value;

use super::Parts;

/// From here on a `Value` holds an integer as a float, if not before.
const WIDE: f64 = 9_223_372_036_854_775_808.0;

/// The JSON text of `value`, which was read from `text` and changed. Numbers that a `Value` does not hold stand as they were written.
pub(crate) fn written(text: &str, value: &Value) -> String {
    let mut out = String::new();
    if has_wide_number(value) {
        write(text.trim_start(), value, &mut out);
    } else {
        out = value.to_string();
    }
    out
}

fn has_wide_number(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.is_f64() && number.as_f64().is_some_and(|float| float.abs() >= WIDE)
        }
        Value::Array(items) => items.iter().any(has_wide_number),
        Value::Object(members) => members.values().any(has_wide_number),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

fn write(text: &str, value: &Value, out: &mut String) {
    match (value, Parts::of(text)) {
        (Value::Number(_), Parts::Scalar)
            if serde_json::from_str(text).ok().as_ref() == Some(value) =>
        {
            out.push_str(text);
        }
        (Value::Array(items), Parts::Items(parts)) if items.len() == parts.len() => {
            out.push('[');
            for (index, (item, part)) in items.iter().zip(parts).enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(part.get(), item, out);
            }
            out.push(']');
        }
        // A single item became a list.
        (Value::Array(items), _) if items.len() == 1 => {
            out.push('[');
            for item in items {
                write(text, item, out);
            }
            out.push(']');
        }
        (Value::Object(members), Parts::Members(parts)) => {
            // Of a key that is given twice the last one.
            let parts: HashMap<String, _> = parts.into_iter().collect();
            out.push('{');
            for (index, (key, member)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                let part = parts.get(key).map_or("", |part| part.get());
                write(part, member, out);
            }
            out.push('}');
        }
        _ => out.push_str(&value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_size_stand_as_they_were_written() {
        let text = r#" {"a": 340282366920938463463374607431768211455, "b": [1e30, "2"], "a": 170141183460469231731687303715884105728,
            "c": {"d": 98765432109876543210}, "e": 1.50}"#;
        let mut value: Value = serde_json::from_str(text).expect("JSON");
        value["b"][1] = Value::from(2);
        value["c"] = Value::Array(vec![value["c"].take()]);
        value["f"] = Value::from(7);
        assert_eq!(
            written(text, &value),
            r#"{"a":170141183460469231731687303715884105728,"b":[1e30,2],"c":[{"d":98765432109876543210}],"e":1.50,"f":7}"#
        );
    }

    #[test]
    fn other_values_are_written_as_they_are() {
        let value = serde_json::json!({"a": [1.5, null, "b"]});
        assert_eq!(written("{}", &value), value.to_string());
    }
}
