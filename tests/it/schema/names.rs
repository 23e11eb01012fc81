//! The names that serde reads, and what else a schema is told in attributes.
#![allow(dead_code, reason = "these types are only looked at by their schemas")]

use expect_test::expect;
use instructor::ResponseModel;
use serde::Deserialize;

use super::{assert_legal, check, parse};

#[test]
fn names_are_those_that_serde_reads() {
    #[derive(Deserialize, ResponseModel)]
    #[serde(rename = "Ticket-2", rename_all(deserialize = "camelCase"))]
    struct Ticket {
        first_name: String,
        r#type: String,
        #[serde(rename(serialize = "out", deserialize = "in"))]
        both: String,
        #[serde(skip)]
        cache: std::cell::Cell<u8>,
        #[serde(skip_serializing_if = "Vec::is_empty", default = "Vec::new")]
        tags: Vec<String>,
    }
    assert_eq!(Ticket::SCHEMA.name, "Ticket-2");
    check::<Ticket>(
        &expect![[r#"
        {
          "type":"object",
          "properties":{
            "firstName":{"type":"string"},
            "type":{"type":"string"},
            "in":{"type":"string"},
            "tags":{"type":"array","items":{"type":"string"}}
          },
          "required":["firstName","type","in"]
        }"#]],
        &expect![[r#"
        {
          "type":"object",
          "properties":{
            "firstName":{"type":"string"},
            "type":{"type":"string"},
            "in":{"type":"string"},
            "tags":{"type":"array","items":{"type":"string"}}
          },
          "required":["firstName","type","in","tags"],
          "additionalProperties":false
        }"#]],
    );
}

#[test]
fn a_container_default_makes_every_key_optional() {
    #[derive(Default, Deserialize, ResponseModel)]
    #[serde(default)]
    struct Settings {
        theme: String,
        size: u8,
    }
    assert_eq!(
        parse(Settings::SCHEMA.standard())["required"],
        serde_json::json!([])
    );
    assert_legal(Settings::SCHEMA);
}

#[test]
fn control_characters_and_quotes_are_escaped() {
    #[doc = "a\ttab, a \"quote\", a \\ and \u{1}"]
    #[derive(Deserialize, ResponseModel)]
    struct Odd {
        #[doc = "a\ttab, a \"quote\", a \\ and \u{1}"]
        #[serde(rename = "a\"b\n")]
        field: String,
    }
    let text = "a\ttab, a \"quote\", a \\ and \u{1}";
    let schema = parse(Odd::SCHEMA.standard());
    assert_eq!(Odd::SCHEMA.description, text);
    assert_eq!(schema["properties"]["a\"b\n"]["description"], text);
    assert_eq!(schema["required"][0], "a\"b\n");
    assert_legal(Odd::SCHEMA);
}

#[test]
fn llm_rules_are_known_to_the_schema() {
    #[derive(Deserialize, ResponseModel)]
    struct Judged {
        #[llm_validate("friendly")]
        #[llm_validate("short", model = "gpt-4o-mini", allow_override)]
        greeting: String,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Outer {
        judged: Vec<Judged>,
    }

    #[derive(Deserialize, ResponseModel)]
    struct Plain {
        greeting: String,
    }
    assert!(Outer::SCHEMA.has_llm_rules());
    assert!(!Plain::SCHEMA.has_llm_rules());
}
