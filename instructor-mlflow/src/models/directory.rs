//! The files of a model, as `mlflow` reads them.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;

use crate::models::definition::Definition;
use crate::models::endpoints::Info;
use crate::models::signature::Signature;
use crate::record::{ResponseModel, Rule};

/// A file: its name, and what is in it.
pub(super) type File = (&'static str, Vec<u8>);

const SCHEMA: &str = "schema.json";
const EXAMPLE: &str = "input_example.json";

/// The file `MLmodel`. JSON is YAML as well, which MLflow reads.
#[derive(Serialize)]
struct Manifest<'a> {
    artifact_path: &'a str,
    flavors: Flavors<'a>,
    metadata: Metadata<'a>,
    model_id: &'a str,
    model_uuid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    saved_input_example_info: Option<ExampleInfo>,
    signature: Signature,
    utc_time_created: String,
}

#[derive(Serialize)]
struct Flavors<'a> {
    instructor: Flavor<'a>,
}

/// What a program needs to ask for this response model again.
#[derive(Serialize)]
struct Flavor<'a> {
    instructor_version: &'a str,
    response_model: &'a str,
    /// The file of each dialect.
    schemas: BTreeMap<&'a str, &'static str>,
    /// Why others have none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    inexpressible: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'a str>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(rename = "mlflow.model.isExternal")]
    is_external: bool,
    #[serde(rename = "instructor.definition_hash")] // as `HASH_TAG`
    definition_hash: &'a str,
}

#[derive(Serialize)]
struct ExampleInfo {
    artifact_path: &'static str,
    r#type: &'static str,
}

/// The files of the model `info`, `MLmodel` last: where it is, everything is.
pub(super) fn files(
    definition: &Definition,
    info: &Info,
    example: Option<&Value>,
    is_external: bool,
) -> Vec<File> {
    let ResponseModel {
        name,
        schema,
        dialects,
        rules,
        llm_rules,
        instructor_version,
        ..
    } = &*definition.response_model;
    let mut files: Vec<File> = vec![(SCHEMA, schema.as_bytes().into())];
    let mut schemas = BTreeMap::from([("standard", SCHEMA)]);
    let mut inexpressible = BTreeMap::new();
    for (dialect, file) in DIALECTS {
        let Some(found) = dialects.iter().find(|found| found.dialect == dialect) else {
            continue;
        };
        if let Some(text) = &found.schema {
            schemas.insert(dialect, file);
            files.push((file, text.as_bytes().into()));
        } else {
            inexpressible.insert(dialect, found.reason.as_deref().unwrap_or_default());
        }
    }
    let rules: Vec<&Rule> = rules.iter().chain(llm_rules).collect();
    files.push(("rules.json", json(&rules)));
    if let Some(example) = example {
        files.push((EXAMPLE, json(example)));
    }
    let manifest = Manifest {
        artifact_path: &info.artifact_uri,
        flavors: Flavors {
            instructor: Flavor {
                instructor_version,
                response_model: name,
                schemas,
                inexpressible,
                provider: definition.param("provider"),
                model: definition.param("model"),
                mode: definition.param("mode"),
            },
        },
        metadata: Metadata {
            is_external,
            definition_hash: &definition.hash,
        },
        model_id: &info.model_id,
        model_uuid: &info.model_id,
        saved_input_example_info: example.map(|_| ExampleInfo {
            artifact_path: EXAMPLE,
            r#type: "json_object",
        }),
        signature: Signature::of(schema),
        utc_time_created: now(),
    };
    files.push(("MLmodel", in_yaml(&json(&manifest))));
    files
}

/// The dialects beside the standard, by their names in definitions and in `MLmodel`, and their files.
const DIALECTS: [(&str, &str); 3] = [
    ("openai_strict", "schema.openai_strict.json"),
    ("anthropic", "schema.anthropic.json"),
    ("gemini", "schema.gemini.json"),
];

fn json(value: &impl Serialize) -> Vec<u8> {
    // Structs of texts and JSON values can be written.
    serde_json::to_vec_pretty(value).unwrap_or_default()
}

/// JSON whose control characters are all escaped: YAML takes fewer of them as they are.
fn in_yaml(json: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(json);
    let mut yaml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{7f}'..='\u{9f}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{feff}'
            | '\u{fffe}'
            | '\u{ffff}' => {
                yaml.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            _ => yaml.push(character),
        }
    }
    yaml.into_bytes()
}

/// As Python prints a time: `2026-11-27 18:25:01.000000`.
fn now() -> String {
    let time = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
    time.replace('T', " ").trim_end_matches('Z').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_yaml_refuses_are_escaped() {
        let json = "{\"a\": \"\u{7f} ä \u{85} \u{feff} 🦀\"}".as_bytes();
        let yaml = String::from_utf8(in_yaml(json)).expect("it is text");
        assert_eq!(yaml, r#"{"a": "\u007f ä \u0085 \ufeff 🦀"}"#);
        let read: Value = serde_json::from_str(&yaml).expect("it is still JSON");
        assert_eq!(read["a"], "\u{7f} ä \u{85} \u{feff} 🦀");
    }
}
