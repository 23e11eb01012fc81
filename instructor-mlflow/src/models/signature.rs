//! A schema in the words of MLflow's model signatures.

use serde::Serialize;
use serde_json::Value;

/// What goes in and what comes out. MLflow keeps both as JSON texts in a document.
#[derive(Debug, Serialize)]
pub(super) struct Signature {
    inputs: String,
    outputs: String,
    params: Option<String>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Column {
    #[serde(flatten)]
    kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    required: bool,
}

/// MLflow's types, as far as answers have them.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Kind {
    String,
    Long,
    Double,
    Boolean,
    /// Whatever else a schema says: MLflow has no words for unions and references.
    Any,
    Array {
        items: Box<Kind>,
    },
}

impl Signature {
    /// A prompt goes in; what comes out are the members of the object that the schema describes.
    pub(super) fn of(schema: &str) -> Signature {
        let prompt = Column {
            kind: Kind::String,
            name: None,
            required: true,
        };
        Signature {
            inputs: json(&[prompt]),
            outputs: json(&outputs(schema)),
            params: None,
        }
    }
}

fn outputs(schema: &str) -> Vec<Column> {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let required = schema.get("required").and_then(Value::as_array);
    let members = schema.get("properties").and_then(Value::as_object);
    let members = members.into_iter().flatten().map(|(name, schema)| Column {
        kind: Kind::of(schema),
        name: Some(name.clone()),
        required: required.is_some_and(|names| names.iter().any(|other| other == name)),
    });
    let members: Vec<_> = members.collect();
    if members.is_empty() {
        // A signature without a column cannot be read.
        return vec![Column {
            kind: Kind::Any,
            name: None,
            required: true,
        }];
    }
    members
}

impl Kind {
    fn of(schema: &Value) -> Kind {
        match schema.get("type").and_then(Value::as_str) {
            Some("string") => Kind::String,
            Some("integer") => Kind::Long,
            Some("number") => Kind::Double,
            Some("boolean") => Kind::Boolean,
            Some("array") => match schema.get("items") {
                Some(items) => Kind::Array {
                    items: Box::new(Kind::of(items)),
                },
                None => Kind::Any,
            },
            _ => Kind::Any,
        }
    }
}

fn json(columns: &[Column]) -> String {
    // Structs of strings can be written.
    serde_json::to_string(columns).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_members_of_the_answer_are_the_columns_of_the_output() {
        let schema = r##"{"type":"object","properties":{"age":{"type":"integer"},"boss":{"$ref":"#"},
            "name":{"type":"string"},"sex":{"type":["string","null"]},"tags":{"type":"array","items":{"type":"number"}}},
            "required":["name","age"]}"##;
        assert_eq!(
            json(&outputs(schema)),
            concat!(
                r#"[{"type":"long","name":"age","required":true},"#,
                r#"{"type":"any","name":"boss","required":false},"#,
                r#"{"type":"string","name":"name","required":true},"#,
                r#"{"type":"any","name":"sex","required":false},"#,
                r#"{"type":"array","items":{"type":"double"},"name":"tags","required":false}]"#
            )
        );
    }

    #[test]
    fn an_answer_without_members_is_one_column_of_anything() {
        let anything = r#"[{"type":"any","required":true}]"#;
        assert_eq!(json(&outputs(r#"{"type":"object"}"#)), anything);
    }
}
