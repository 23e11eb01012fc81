//! What instructor-mlflow sends: any tree of spans, with any values, and calls that were answered with anything.
//!
//! Spans are opened and closed through `tracing` as a program does it. What becomes of them is read again by `opentelemetry-proto`, which
//! is generated from the protocol's own files.

mod recorded;
mod tree;
mod wrong;

use std::collections::BTreeSet;
use std::fmt::{self, Debug};

use instructor_mlflow::Frame;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::{Map, Value};

pub use recorded::frames;
pub use tree::{Recipe, Tree};
pub use wrong::WRONG;

use tree::CANARY;

/// Encodes a frame; with or without what was said.
pub type Encode = fn(&Frame, bool) -> Vec<u8>;

/// The encoder of instructor-mlflow.
pub const OWN: Encode = instructor_mlflow::__private::otlp;

/// A frame is not sent as what it is.
#[derive(thiserror::Error)]
#[error("{tree:?}\n{name}: {found}")]
pub struct Fault {
    /// What was recorded.
    pub tree: Tree,
    /// Which property does not hold.
    pub name: &'static str,
    /// What was sent.
    pub found: String,
}

impl Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Holds what `encode` makes of the frames of a tree against them.
///
/// # Errors
///
/// If it is something else.
pub fn check(tree: &Tree, encode: Encode) -> Result<(), Fault> {
    for frame in frames(tree) {
        let fault = |name, found| {
            Err(Fault {
                tree: tree.clone(),
                name,
                found,
            })
        };
        let body = encode(&frame, tree.has_content);
        let request = match ExportTraceServiceRequest::decode(body.as_slice()) {
            Ok(request) => request,
            Err(error) => return fault("not OTLP", error.to_string()),
        };
        if !tree.has_content && contains(&body, CANARY) {
            return fault("content", String::from_utf8_lossy(&body).into_owned());
        }
        let spans = spans(&request);
        let is_same = |(sent, span): (&&Span, &instructor_mlflow::FinishedSpan)| {
            let parent = span.parent.map(|parent| parent.to_bytes().to_vec());
            sent.trace_id == frame.trace_id.to_bytes()
                && sent.span_id == span.id.to_bytes()
                && sent.parent_span_id == parent.unwrap_or_default()
                && sent.start_time_unix_nano == span.started
                && sent.end_time_unix_nano == span.ended
        };
        if spans.len() != frame.spans.len() || !spans.iter().zip(&frame.spans).all(is_same) {
            return fault("other spans", format!("{spans:#?}"));
        }
        for span in spans {
            let keys: BTreeSet<_> = span.attributes.iter().map(|pair| &pair.key).collect();
            if keys.len() < span.attributes.len() {
                return fault("an attribute twice", format!("{span:#?}"));
            }
            for (key, expected) in tree.values(&span.name) {
                let expected = as_sent(expected);
                let found = span.attributes.iter().find(|pair| pair.key == key);
                let found = found.map(|pair| json(pair.value.as_ref()));
                if tree.has_content && found.as_ref().is_none_or(|it| !is_like(it, &expected, 0)) {
                    return fault("another value", format!("{key}: {found:?}, not {expected}"));
                }
            }
        }
    }
    Ok(())
}

fn spans(request: &ExportTraceServiceRequest) -> Vec<&Span> {
    let scopes = request.resource_spans.iter();
    let scopes = scopes.flat_map(|resource| &resource.scope_spans);
    scopes.flat_map(|scope| &scope.spans).collect()
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes
        .windows(word.len())
        .any(|window| window == word.as_bytes())
}

/// An attribute as JSON.
fn json(value: Option<&AnyValue>) -> Value {
    let members = |pairs: &[KeyValue]| {
        let members = pairs.iter();
        let members = members.map(|pair| (pair.key.clone(), json(pair.value.as_ref())));
        members.collect::<Map<_, _>>()
    };
    match value.and_then(|value| value.value.as_ref()) {
        None => Value::Null,
        Some(any_value::Value::StringValue(text)) => text.as_str().into(),
        Some(any_value::Value::BoolValue(truth)) => (*truth).into(),
        Some(any_value::Value::IntValue(number)) => (*number).into(),
        Some(any_value::Value::DoubleValue(number)) => (*number).into(),
        Some(any_value::Value::ArrayValue(list)) => {
            list.values.iter().map(|value| json(Some(value))).collect()
        }
        Some(any_value::Value::KvlistValue(object)) => members(&object.values).into(),
        Some(other) => format!("{other:?}").into(),
    }
}

/// A value that is too deep for `serde_json` stays the text that was recorded.
fn as_sent(value: Value) -> Value {
    let text = value.to_string();
    match serde_json::from_str::<Value>(&text) {
        Ok(_) => value,
        Err(_) => text.into(),
    }
}

/// How many lists and objects in each other are sent as such. What is below is text.
const LEVELS: usize = 30;

/// Whether a value is the same, as far as the protocol has numbers, of which larger ones are floats, and levels. The last digit of a float
/// may be another: `serde_json` is that exact only if a program asks for its feature `float_roundtrip`.
fn is_like(found: &Value, expected: &Value, level: usize) -> bool {
    match (found, expected) {
        (Value::String(text), Value::Array(_) | Value::Object(_)) if level == LEVELS => {
            let inner = serde_json::from_str(text);
            inner.is_ok_and(|inner: Value| is_like(&inner, expected, level + 1))
        }
        (Value::Number(found), Value::Number(expected)) => {
            if let (Some(found), Some(expected)) = (found.as_i64(), expected.as_i64()) {
                return found == expected;
            }
            let (found, expected) = (found.as_f64(), expected.as_f64());
            found == expected
                || found.zip(expected).is_some_and(|(found, expected)| {
                    (found - expected).abs() <= f64::EPSILON * expected.abs()
                })
        }
        (Value::Array(found), Value::Array(expected)) => {
            let mut pairs = found.iter().zip(expected);
            found.len() == expected.len()
                && pairs.all(|(found, expected)| is_like(found, expected, level + 1))
        }
        (Value::Object(found), Value::Object(expected)) => {
            let is_there = |(key, expected): (&String, &Value)| {
                let found = found.get(key);
                found.is_some_and(|found| is_like(found, expected, level + 1))
            };
            found.len() == expected.len() && expected.iter().all(is_there)
        }
        (found, expected) => found == expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_text_where_serde_json_cannot_read_it() {
        let nested = |levels| (0..levels).fold(Value::Null, |inner, _| vec![inner].into());
        assert_eq!(as_sent(nested(127)), nested(127));
        assert!(as_sent(nested(128)).is_string());
    }

    #[test]
    fn only_the_last_digit_of_a_float_may_be_another() {
        let like = |found: &str, expected: &str| {
            let value = |text| serde_json::from_str(text).expect("a number");
            is_like(&value(found), &value(expected), 0)
        };
        assert!(like("3.4028236692093836e49", "3.402823669209384e49"));
        assert!(!like("3.40282366920938e49", "3.402823669209384e49"));
        assert!(!like("9007199254740992", "9007199254740991"));
    }
}
