//! The shape of a JSON value: which members it has and of what kind, how long texts and lists are.

use super::names::{KEY, Names};
use crate::wire::{AnyValue, KeyValue, Value};

/// What becomes of a member of a request or a response.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Treatment {
    /// A word of the protocol.
    Word,
    /// The name of a model or a type.
    Model,
    /// A number or a truth value of the configuration or of the protocol.
    Setting,
    /// Numbers, however deep.
    Counts,
    /// A list or an object of the protocol.
    Envelope,
    /// The name of a tool.
    Tool,
    /// JSON in a text.
    Json,
    /// A schema. That of a correction quotes the answer that it corrects.
    Schema,
    /// What the user or the model has written, in a place of the protocol.
    Content,
    /// The protocol is not known to have this place.
    Unknown,
}

fn treatment(key: &str) -> Treatment {
    match key {
        "role" | "type" | "object" | "finish_reason" | "stop_reason" | "status" | "mode"
        | "service_tier" | "effort" => Treatment::Word,
        "model" | "response_model" => Treatment::Model,
        "temperature"
        | "top_p"
        | "max_tokens"
        | "max_completion_tokens"
        | "max_output_tokens"
        | "max_retries"
        | "index"
        | "stream"
        | "include_usage"
        | "strict"
        | "is_error"
        | "parallel_tool_calls"
        | "disable_parallel_tool_use"
        | "is_valid" => Treatment::Setting,
        "usage" => Treatment::Counts,
        "messages" | "input" | "output" | "choices" | "message" | "content" | "tool_calls"
        | "function" | "tool_choice" | "tools" | "system" | "reasoning" | "stream_options"
        | "response_format" | "json_schema" | "output_config" | "format" | "text" => {
            Treatment::Envelope
        }
        "name" => Treatment::Tool,
        "arguments" => Treatment::Json,
        "parameters" | "input_schema" | "schema" | "description" => Treatment::Schema,
        "id" | "tool_call_id" | "tool_use_id" | "call_id" | "created" | "created_at"
        | "refusal" | "instructions" | "metadata" | "user" | "error" | "thinking" | "summary"
        | "reason" | "validation_rule" | "candidate_value" => Treatment::Content,
        _ => Treatment::Unknown,
    }
}

/// The longest word of a protocol, or name of a model.
const LONGEST_WORD: usize = 100;

/// The shape of a request, a response, or of what a call was given and gave.
pub(super) fn envelope(value: &AnyValue, names: &Names) -> AnyValue {
    match &value.value {
        Some(Value::Array(list)) => {
            AnyValue::array(list.values.iter().map(|item| envelope(item, names)))
        }
        Some(Value::Object(object)) => {
            let kind = value.get("type").and_then(AnyValue::as_str);
            let is_answer = kind == Some("tool_use");
            masked(&object.values, |key, value| {
                let is_known = treatment(key) != Treatment::Unknown;
                let name = (is_known || names.has_field(key)).then(|| key.to_owned());
                match is_answer && key == "input" {
                    true => (name, content(value, names)),
                    false => (name, member(key, value, names)),
                }
            })
        }
        _ => content(value, names),
    }
}

/// The shape of the member `key` of a request or a response.
pub(super) fn member(key: &str, value: &AnyValue, names: &Names) -> AnyValue {
    let word = value.as_str();
    match (treatment(key), &value.value) {
        (Treatment::Word, _) if word.is_some_and(is_word) => value.clone(),
        (Treatment::Model, _) if word.is_some_and(is_model) => value.clone(),
        (Treatment::Setting, Some(Value::Bool(_) | Value::Int(_) | Value::Double(_))) => {
            value.clone()
        }
        (Treatment::Counts, _) => counts(value, names),
        (Treatment::Envelope, Some(Value::Array(_) | Value::Object(_))) => envelope(value, names),
        (Treatment::Tool, _) if word.is_some_and(|name| names.has_tool(name)) => value.clone(),
        (Treatment::Json, Some(Value::String(text))) => {
            let parsed = AnyValue::from_json(text.as_bytes());
            content(&parsed, names).to_text().into()
        }
        (Treatment::Schema, _) => "[schema]".into(),
        _ => content(value, names),
    }
}

/// The shape of the fields of a function, whose names stand in the code.
pub(super) fn fields(value: &AnyValue, names: &Names) -> AnyValue {
    match &value.value {
        Some(Value::Object(object)) => masked(&object.values, |key, value| {
            (Some(key.to_owned()), content(value, names))
        }),
        _ => content(value, names),
    }
}

/// The shape of what a user or a model has written: names of fields stay, texts and numbers do not.
pub(super) fn content(value: &AnyValue, names: &Names) -> AnyValue {
    match &value.value {
        None => AnyValue { value: None },
        Some(Value::String(text)) => format!("[text: {} characters]", text.chars().count()).into(),
        Some(Value::Bool(_)) => "[boolean]".into(),
        Some(Value::Int(_) | Value::Double(_)) => "[number]".into(),
        Some(Value::Array(list)) => {
            AnyValue::array(list.values.iter().map(|item| content(item, names)))
        }
        Some(Value::Object(object)) => masked(&object.values, |key, value| {
            let name = names.has_field(key).then(|| key.to_owned());
            (name, content(value, names))
        }),
    }
}

fn counts(value: &AnyValue, names: &Names) -> AnyValue {
    match &value.value {
        Some(Value::Int(_) | Value::Double(_)) => value.clone(),
        Some(Value::Object(object)) => masked(&object.values, |key, value| {
            (is_word(key).then(|| key.to_owned()), counts(value, names))
        }),
        _ => content(value, names),
    }
}

/// The object of `members` as `show` has them; those without a name are numbered.
fn masked(
    members: &[KeyValue],
    show: impl Fn(&str, &AnyValue) -> (Option<String>, AnyValue),
) -> AnyValue {
    let nothing = AnyValue { value: None };
    let shown: Vec<(String, AnyValue)> = members
        .iter()
        .enumerate()
        .map(|(position, member)| {
            let value = member.value.as_ref().unwrap_or(&nothing);
            let (name, value) = show(&member.key, value);
            let name = name.unwrap_or_else(|| format!("{KEY} {}", position + 1));
            (name, value)
        })
        .collect();
    AnyValue::object(
        shown
            .iter()
            .map(|(key, value)| (key.as_str(), Some(value.clone()))),
    )
}

fn is_word(text: &str) -> bool {
    consists_of(text, |byte| {
        byte.is_ascii_lowercase() || b"_.-".contains(&byte)
    })
}

fn is_model(text: &str) -> bool {
    consists_of(text, |byte| {
        byte.is_ascii_alphanumeric() || b"_.-:/@".contains(&byte)
    })
}

fn consists_of(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    text.len() <= LONGEST_WORD && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use instructor_core::ResponseModel as _;
    use instructor_derive::ResponseModel;
    use serde::Deserialize;
    use serde_json::{Value as Json, json};

    use super::*;

    #[derive(Deserialize, ResponseModel)]
    #[response_model(crate = instructor_core)]
    #[allow(dead_code)]
    struct Person {
        name: String,
        status: String,
    }

    fn names() -> Names {
        let mut names = Names::default();
        names.add(&crate::record::ResponseModel::of(Person::SCHEMA).value);
        names
    }

    fn shown(value: &Json, show: fn(&AnyValue, &Names) -> AnyValue) -> Json {
        let value = AnyValue::from_json(value.to_string().as_bytes());
        serde_json::to_value(show(&value, &names())).expect("a value is JSON")
    }

    #[test]
    fn an_answer_keeps_its_shape_and_the_names_of_fields() {
        let answer = json!({"name": "Änn", "status": "ok", "Ann Example": [1, 2.5, true, null, {"status": {}}]});
        let shape = json!({
            // The members of this text are sorted.
            "[key] 1": ["[number]", "[number]", "[boolean]", null, {"status": {}}],
            "name": "[text: 3 characters]", "status": "[text: 2 characters]",
        });
        assert_eq!(shown(&answer, content), shape);
    }

    #[test]
    fn a_request_keeps_the_words_of_its_protocol() {
        let request = json!({
            "model": "gpt-4o", "temperature": 0.2, "unheard_of": {"status": "ok", "a": 1},
            "messages": [
                {"role": "user", "content": "Who is Ann?"},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
                    "function": {"name": "Person", "arguments": "{\"name\":\"Ann\",\"age\":34}"}}]},
            ],
            "tools": [{"type": "function", "function": {"name": "Person", "parameters": {"type": "object"}}}],
        });
        let shape = json!({
            "model": "gpt-4o", "temperature": 0.2,
            "[key] 5": {"[key] 1": "[number]", "status": "[text: 2 characters]"},
            "messages": [
                {"role": "user", "content": "[text: 11 characters]"},
                {"role": "assistant", "content": null, "tool_calls": [{"id": "[text: 6 characters]", "type": "function",
                    "function": {"name": "Person",
                        "arguments": r#"{"name":"[text: 3 characters]","[key] 2":"[number]"}"#}}]},
            ],
            "tools": [{"type": "function", "function": {"name": "Person", "parameters": "[schema]"}}],
        });
        assert_eq!(shown(&request, envelope), shape);
    }

    #[test]
    fn words_of_the_protocol_in_a_tool_call_are_content() {
        let response = json!({
            "role": "assistant", "stop_reason": "tool_use", "usage": {"input_tokens": 7, "note": "seven"},
            "content": [{"type": "tool_use", "name": "Somebody", "input": {"status": "ok", "role": "user"}}],
        });
        let shape = json!({
            "role": "assistant", "stop_reason": "tool_use",
            "usage": {"input_tokens": 7, "note": "[text: 5 characters]"},
            "content": [{"type": "tool_use", "name": "[text: 8 characters]",
                "input": {"status": "[text: 2 characters]", "[key] 1": "[text: 4 characters]"}}],
        });
        assert_eq!(shown(&response, envelope), shape);
    }

    #[test]
    fn a_word_is_one_only_where_it_may_be() {
        for (key, value, kept) in [
            ("role", json!("user"), true),
            ("role", json!("Ann Example"), false),
            ("role", json!(34), false),
            ("model", json!("accounts/x/models/llama-3.3"), true),
            ("model", json!("Who is Ann?"), false),
            ("temperature", json!(0.2), true),
            ("temperature", json!("hot"), false),
            ("usage", json!(34), true),
            ("anything", json!(34), false),
        ] {
            let given = AnyValue::from_json(value.to_string().as_bytes());
            let shown = member(key, &given, &names());
            assert_eq!(shown == given, kept, "{key}: {value}");
        }
    }
}
