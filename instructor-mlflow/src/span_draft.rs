//! A span as span processors see it: with JSON values.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::record;
use crate::span::{SpanId, TraceId};
use crate::trace_info::Previews;
use crate::wire::{AnyValue, Event, KeyValue, Span};

/// Attributes that stand for what the draft has fields for.
pub(crate) const INPUTS: &str = "mlflow.spanInputs";
pub(crate) const OUTPUTS: &str = "mlflow.spanOutputs";

/// Attributes by which MLflow knows how to draw a span; no text of the user's stands there.
pub(crate) const SPAN_TYPE: &str = "mlflow.spanType";
const MESSAGE_FORMAT: &str = "mlflow.message.format";

/// A span as it is about to be sent; a span processor changes it as it likes.
///
/// ```no_run
/// # fn main() -> Result<(), instructor_mlflow::InitError> {
/// let _mlflow = instructor_mlflow::autolog()
///     .span_processor(|span| {
///         span.for_each_text(|text| {
///             if text.contains("secret") {
///                 *text = "[redacted]".to_owned();
///             }
///         });
///         span.attributes.remove("mlflow.chat.tools");
///     })
///     .init()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SpanDraft {
    /// The name of the span. The name of the root is the name of the trace.
    pub name: String,
    /// What went in. If it is changed, so is the request that the list of traces shows.
    pub inputs: Option<Value>,
    /// What came out. If it is changed, so is the response that the list of traces shows.
    pub outputs: Option<Value>,
    /// Everything else that is known, under the names of MLflow and OpenTelemetry. On the first span of a trace
    /// `session.id`, `user.id` and `mlflow.traceTag.<key>` are what is known of the trace.
    pub attributes: BTreeMap<String, Value>,
    /// What happened in between. The events named `exception` are errors.
    pub events: Vec<EventDraft>,
    /// Why the span failed; empty if it did not.
    pub status_message: String,
    /// What the list of traces shows as the request, where that is not made of the inputs of the root.
    pub request_preview: Option<String>,
    /// What the list of traces shows as the response, where that is not made of the outputs of the root.
    pub response_preview: Option<String>,
    trace_id: TraceId,
    id: SpanId,
    parent: Option<SpanId>,
}

/// Something that happened at one moment of a span.
#[derive(Debug)]
#[non_exhaustive]
pub struct EventDraft {
    /// What happened; `exception` for an error.
    pub name: String,
    /// More about it: of an error `exception.type` and `exception.message`.
    pub attributes: BTreeMap<String, Value>,
    time: u64,
}

impl SpanDraft {
    /// The trace that the span belongs to.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// The id of the span.
    pub fn id(&self) -> SpanId {
        self.id
    }

    /// Whether the span is the root of its trace.
    pub fn is_root(&self) -> bool {
        self.parent.is_none()
    }

    /// MLflow's type of the span, for example `CHAT_MODEL`.
    pub fn span_type(&self) -> Option<&str> {
        self.attributes.get(SPAN_TYPE)?.as_str()
    }

    /// Calls `change` with every text: the name, and each string, however deep, in inputs, outputs, attributes, events,
    /// status and previews; of inputs, outputs and attributes also the keys of objects.
    pub fn for_each_text(&mut self, mut change: impl FnMut(&mut String)) {
        change(&mut self.name);
        change(&mut self.status_message);
        let previews = [&mut self.request_preview, &mut self.response_preview];
        previews.into_iter().flatten().for_each(&mut change);
        let values = [&mut self.inputs, &mut self.outputs];
        for value in values.into_iter().flatten() {
            each_text(value, &mut change);
        }
        for (key, value) in &mut self.attributes {
            if ![SPAN_TYPE, MESSAGE_FORMAT].contains(&key.as_str()) {
                each_text(value, &mut change);
            }
        }
        for event in &mut self.events {
            for value in event.attributes.values_mut() {
                each_text(value, &mut change);
            }
        }
    }

    pub(crate) fn new(
        source: &record::Span<'_>,
        trace_id: TraceId,
        span: &Span,
        previews: &Previews,
    ) -> Self {
        let mut attributes = values(&span.attributes);
        SpanDraft {
            name: span.name.clone(),
            inputs: attributes.remove(INPUTS),
            outputs: attributes.remove(OUTPUTS),
            attributes,
            events: span
                .events
                .iter()
                .map(|event| EventDraft {
                    name: event.name.clone(),
                    attributes: values(&event.attributes),
                    time: event.time_unix_nano,
                })
                .collect(),
            status_message: span
                .status
                .as_ref()
                .map(|status| status.message.clone())
                .unwrap_or_default(),
            request_preview: previews.request.clone(),
            response_preview: previews.response.clone(),
            trace_id,
            id: source.id,
            parent: source.parent,
        }
    }

    /// Writes the draft back.
    pub(crate) fn apply(self, span: &mut Span, previews: &mut Previews) {
        let mut attributes = self.attributes;
        let has_changed = |key: &str, now: Option<&Value>| match (find(&span.attributes, key), now)
        {
            (Some(before), Some(now)) => !is_same(before, now),
            (before, now) => before.is_some() != now.is_some(),
        };
        let new_inputs = has_changed(INPUTS, self.inputs.as_ref());
        let new_outputs = has_changed(OUTPUTS, self.outputs.as_ref());
        // A preview made of what was there before would tell what was taken out.
        previews.request = match self.request_preview {
            same if new_inputs && !previews.request_is_said && same == previews.request => None,
            preview => preview,
        };
        previews.response = match self.response_preview {
            same if new_outputs && !previews.response_is_said && same == previews.response => None,
            preview => preview,
        };
        attributes.extend(self.inputs.map(|value| (INPUTS.to_owned(), value)));
        attributes.extend(self.outputs.map(|value| (OUTPUTS.to_owned(), value)));
        span.name = self.name;
        write(attributes, &mut span.attributes);
        let mut old = std::mem::take(&mut span.events).into_iter();
        span.events = self
            .events
            .into_iter()
            .map(|event| {
                let mut attributes = old.next().unwrap_or_default().attributes;
                write(event.attributes, &mut attributes);
                Event {
                    time_unix_nano: event.time,
                    name: event.name,
                    attributes,
                }
            })
            .collect();
        if let Some(status) = &mut span.status {
            status.message = self.status_message;
        }
    }
}

fn each_text(value: &mut Value, change: &mut impl FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| each_text(item, change)),
        Value::Object(members) => {
            for (mut key, mut value) in std::mem::take(members) {
                change(&mut key);
                each_text(&mut value, change);
                members.insert(key, value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn values(attributes: &[KeyValue]) -> BTreeMap<String, Value> {
    attributes
        .iter()
        .map(|attribute| {
            let value = serde_json::to_value(&attribute.value);
            (attribute.key.clone(), value.unwrap_or_default())
        })
        .collect()
}

fn find<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a AnyValue> {
    let attribute = attributes.iter().find(|attribute| attribute.key == key)?;
    attribute.value.as_ref()
}

/// Makes `attributes` what `values` says. What has not changed stays as it was: the members of its objects, which
/// [`Value`] sorts, keep their order.
fn write(mut values: BTreeMap<String, Value>, attributes: &mut Vec<KeyValue>) {
    attributes.retain_mut(|attribute| {
        let Some(now) = values.remove(&attribute.key) else {
            return false;
        };
        let is_unchanged = attribute
            .value
            .as_ref()
            .is_some_and(|value| is_same(value, &now));
        if !is_unchanged {
            attribute.value = serde_json::from_value(now).ok();
        }
        true
    });
    let new = values.into_iter().map(|(key, value)| KeyValue {
        key,
        value: serde_json::from_value(value).ok(),
    });
    attributes.extend(new);
}

fn is_same(value: &AnyValue, other: &Value) -> bool {
    use crate::wire::Value as Wire;
    match (&value.value, other) {
        (None, Value::Null) => true,
        (Some(Wire::String(text)), Value::String(other)) => text == other,
        (Some(Wire::Bool(truth)), Value::Bool(other)) => truth == other,
        (Some(Wire::Int(number)), Value::Number(other)) => other.as_i64() == Some(*number),
        (Some(Wire::Double(number)), Value::Number(other)) => other.as_f64() == Some(*number),
        (Some(Wire::Array(array)), Value::Array(other)) => {
            let mut pairs = array.values.iter().zip(other);
            array.values.len() == other.len() && pairs.all(|(value, other)| is_same(value, other))
        }
        (Some(Wire::Object(object)), Value::Object(other)) => {
            let is_same_member = |member: &KeyValue| match (&member.value, other.get(&member.key)) {
                (Some(value), Some(other)) => is_same(value, other),
                (value, other) => value.is_none() && other.is_some_and(Value::is_null),
            };
            object.values.len() == other.len() && object.values.iter().all(is_same_member)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_keeps_its_order() {
        let json = br#"{"z":1,"a":[true,null,1.5,"x"],"m":{"y":"b","x":null}}"#;
        let value = AnyValue::from_json(json);
        let mut attributes = vec![
            KeyValue::new(INPUTS, value.clone()),
            KeyValue::new("b", 1_i64),
        ];
        let mut drafted = values(&attributes);
        assert!(is_same(&value, &drafted[INPUTS]));
        drafted.insert("b".into(), "changed".into());
        drafted.insert("c".into(), "new".into());
        write(drafted, &mut attributes);
        assert_eq!(attributes[0].value, Some(value));
        assert_eq!(attributes[1].value, Some("changed".into()));
        assert_eq!(attributes[2], KeyValue::new("c", "new"));
        write(BTreeMap::new(), &mut attributes);
        assert!(attributes.is_empty());
    }

    #[test]
    fn a_difference_anywhere_is_seen() {
        let value = AnyValue::from_json(br#"{"a":[1,{"b":"x"}],"c":null}"#);
        for other in [
            r#"{"a":[1,{"b":"y"}],"c":null}"#,
            r#"{"a":[1],"c":null}"#,
            r#"{"a":[1,{"b":"x"}]}"#,
            r#"{"a":[1,{"b":"x"}],"d":null}"#,
            r#"{"a":[1.5,{"b":"x"}],"c":null}"#,
        ] {
            let other = serde_json::from_str(other).expect("it is JSON");
            assert!(!is_same(&value, &other), "{other}");
        }
    }

    #[test]
    fn every_text_is_visited_keys_too() {
        let mut value = serde_json::json!({"ann@x": ["ann@x", {"b": "ann@x"}], "c": 1});
        each_text(&mut value, &mut |text| {
            *text = text.replace("ann@x", "[mail]");
        });
        let expected = serde_json::json!({"[mail]": ["[mail]", {"b": "[mail]"}], "c": 1});
        assert_eq!(value, expected);
    }
}
