//! Spans as they are read back: OpenTelemetry in the JSON of protobuf.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A span of a trace that was read back.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TraceSpan {
    /// The id: 16 hexadecimal digits.
    pub id: String,
    /// The id of its parent; `None` for the root.
    pub parent_id: Option<String>,
    /// The name.
    pub name: String,
    /// How it ended.
    pub status: SpanStatus,
    /// What went wrong.
    pub status_message: Option<String>,
    /// When it began.
    pub start: SystemTime,
    /// When it ended; `None` while it runs.
    pub end: Option<SystemTime>,
    /// What it knows, inputs and outputs among them.
    pub attributes: BTreeMap<String, Value>,
    /// What happened while it ran.
    pub events: Vec<TraceSpanEvent>,
}

/// Something that happened while a span ran, an exception for example.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TraceSpanEvent {
    /// What kind of event, for example `exception`.
    pub name: String,
    /// When.
    pub time: SystemTime,
    /// What is known of it.
    pub attributes: BTreeMap<String, Value>,
}

/// How a span ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[non_exhaustive]
pub enum SpanStatus {
    /// It did what it should.
    #[serde(rename = "STATUS_CODE_OK")]
    Ok,
    /// It failed.
    #[serde(rename = "STATUS_CODE_ERROR")]
    Error,
    /// Nothing is said.
    #[default]
    #[serde(other, rename = "STATUS_CODE_UNSET")]
    Unset,
}

impl TraceSpan {
    /// MLflow's type of the span, for example `CHAT_MODEL`.
    pub fn span_type(&self) -> Option<&str> {
        self.attributes.get("mlflow.spanType")?.as_str()
    }

    /// What went in.
    pub fn inputs(&self) -> Option<&Value> {
        self.attributes.get("mlflow.spanInputs")
    }

    /// What came out.
    pub fn outputs(&self) -> Option<&Value> {
        self.attributes.get("mlflow.spanOutputs")
    }

    /// How long it took.
    pub fn duration(&self) -> Option<Duration> {
        self.end?.duration_since(self.start).ok()
    }
}

impl<'de> Deserialize<'de> for TraceSpan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Read::deserialize(deserializer)?;
        let ended = nanoseconds(&read.end_time_unix_nano);
        Ok(TraceSpan {
            id: hexadecimal(&read.span_id),
            parent_id: (!read.parent_span_id.is_empty()).then(|| hexadecimal(&read.parent_span_id)),
            name: read.name,
            status: read.status.code.unwrap_or_default(),
            status_message: Some(read.status.message).filter(|message| !message.is_empty()),
            start: moment(nanoseconds(&read.start_time_unix_nano)),
            end: (ended > 0).then(|| moment(ended)),
            attributes: attributes(read.attributes),
            events: read
                .events
                .into_iter()
                .map(|event| TraceSpanEvent {
                    name: event.name,
                    time: moment(nanoseconds(&event.time_unix_nano)),
                    attributes: attributes(event.attributes),
                })
                .collect(),
        })
    }
}

#[derive(Deserialize)]
struct Read {
    span_id: String,
    #[serde(default)]
    parent_span_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    start_time_unix_nano: Value,
    #[serde(default)]
    end_time_unix_nano: Value,
    #[serde(default)]
    attributes: Vec<ReadAttribute>,
    #[serde(default)]
    events: Vec<ReadEvent>,
    #[serde(default)]
    status: ReadStatus,
}

#[derive(Deserialize, Default)]
struct ReadStatus {
    #[serde(default)]
    message: String,
    code: Option<SpanStatus>,
}

#[derive(Deserialize)]
struct ReadEvent {
    #[serde(default)]
    name: String,
    #[serde(default)]
    time_unix_nano: Value,
    #[serde(default)]
    attributes: Vec<ReadAttribute>,
}

#[derive(Deserialize)]
struct ReadAttribute {
    key: String,
    #[serde(default)]
    value: ReadValue,
}

/// Exactly one member is there; none stands for `null`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct ReadValue {
    string_value: Option<String>,
    bool_value: Option<bool>,
    int_value: Option<Value>,
    double_value: Option<Value>,
    bytes_value: Option<String>,
    array_value: Option<ReadArray>,
    kvlist_value: Option<ReadObject>,
}

#[derive(Deserialize)]
struct ReadArray {
    #[serde(default)]
    values: Vec<ReadValue>,
}

#[derive(Deserialize)]
struct ReadObject {
    #[serde(default)]
    values: Vec<ReadAttribute>,
}

impl ReadValue {
    fn into_value(self) -> Value {
        if let Some(text) = self.string_value.or(self.bytes_value) {
            return Value::String(text);
        }
        if let Some(truth) = self.bool_value {
            return Value::Bool(truth);
        }
        if let Some(number) = self.int_value {
            // Protobuf writes 64 bits as text.
            return match number.as_str().and_then(|text| text.parse::<i64>().ok()) {
                Some(parsed) => parsed.into(),
                None => number,
            };
        }
        if let Some(number) = self.double_value {
            return number;
        }
        if let Some(array) = self.array_value {
            return array
                .values
                .into_iter()
                .map(ReadValue::into_value)
                .collect();
        }
        match self.kvlist_value {
            Some(object) => object
                .values
                .into_iter()
                .map(|member| (member.key, member.value.into_value()))
                .collect::<Map<_, _>>()
                .into(),
            None => Value::Null,
        }
    }
}

/// Some clients write MLflow's own attributes as JSON texts; these are shown as what they mean.
fn attributes(read: Vec<ReadAttribute>) -> BTreeMap<String, Value> {
    read.into_iter()
        .map(|ReadAttribute { key, value }| {
            let value = value.into_value();
            let text = value
                .as_str()
                .filter(|text| key.starts_with("mlflow.") && text.starts_with(['{', '[', '"']));
            let meant = text.and_then(|text| serde_json::from_str(text).ok());
            (key, meant.unwrap_or(value))
        })
        .collect()
}

/// Ids are base64 in the JSON of protobuf; everywhere else they are hexadecimal.
fn hexadecimal(id: &str) -> String {
    match STANDARD.decode(id) {
        Ok(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        Err(_) => id.to_owned(),
    }
}

fn nanoseconds(time: &Value) -> u64 {
    time.as_u64()
        .or_else(|| time.as_str()?.parse().ok())
        .unwrap_or_default()
}

fn moment(nanoseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_read() {
        let span: TraceSpan = serde_json::from_str(
            r#"{"span_id": "1JwiaB2m7RY=", "name": "a", "start_time_unix_nano": "1795804173887391251",
                "end_time_unix_nano": 1795804174766680261, "status": {"code": "STATUS_CODE_OK"}, "attributes": [
                {"key": "number", "value": {"int_value": "7"}},
                {"key": "mlflow.spanInputs", "value": {"string_value": "{\"a\": [1]}"}},
                {"key": "mlflow.spanType", "value": {"string_value": "CHAIN"}},
                {"key": "text", "value": {"string_value": "{\"a\": [1]}"}},
                {"key": "object", "value": {"kvlist_value": {"values": [
                    {"key": "list", "value": {"array_value": {"values": [{}, {"bool_value": true}, {"double_value": 2.5}]}}}]}}}
            ]}"#,
        )
        .expect("it is read");
        assert_eq!(span.id, "d49c22681da6ed16");
        assert_eq!(span.span_type(), Some("CHAIN"));
        assert_eq!(span.inputs(), Some(&serde_json::json!({"a": [1]})));
        let expected = serde_json::json!({
            "mlflow.spanInputs": {"a": [1]},
            "mlflow.spanType": "CHAIN",
            "number": 7,
            "object": {"list": [null, true, 2.5]},
            "text": "{\"a\": [1]}",
        });
        assert_eq!(serde_json::json!(span.attributes), expected);
        assert_eq!(span.duration(), Some(Duration::from_nanos(879_289_010)));
    }
}
