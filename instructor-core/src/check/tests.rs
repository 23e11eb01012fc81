//! Texts through the checks that need no model.
#![allow(dead_code, reason = "values are only looked at in JSON")]

use std::collections::BTreeMap;

use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde_json::json;

use super::{Conditions, Rejected};
use crate::leniency::Leniency;
use crate::outcome::Accepted;
use crate::rule::Checks;
use crate::schema::Edge;
use crate::{Context, ErrorCode, Path, ResponseModel, ValidationError};

fn cheap<T: ResponseModel>(text: &str) -> Result<Accepted<T>, Rejected> {
    let context = &Context::new();
    let leniency = Leniency::Default;
    super::cheap::<T>(text, Conditions { context, leniency }, &mut Vec::new())
}

/// Each fault as `path [code] message`.
fn faults<T: ResponseModel>(text: &str) -> Vec<String> {
    match cheap::<T>(text) {
        Ok(_) => Vec::new(),
        Err(Rejected::Invalid(errors)) => errors
            .iter()
            .map(|error| format!("{} [{}] {}", error.path, error.code, error.message))
            .collect(),
        Err(Rejected::Failed(error)) => vec![error.to_string()],
    }
}

const NONE: [&str; 0] = [];

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Named {
    name: String,
}

#[test]
fn two_answers_are_refused_whatever_stands_around_them() {
    for text in [
        r#"{"content": [1], "content": [2]}"#,
        "```json\n{\"content\": [1], \"content\": [2]}\n```",
        r#"Here: {"content": [1], "content": [2],}"#,
    ] {
        assert_eq!(
            faults::<Vec<u8>>(text),
            ["$ [deserialize] duplicate field `content`"],
            "{text}"
        );
    }
}

#[test]
fn of_a_field_given_twice_the_last_one_counts_whatever_stands_around_it() {
    for text in [
        r#"{"name": "a", "name": "b"}"#,
        r#"Here: {"name": "a", "name": "b"}"#,
    ] {
        let Ok(Accepted { value, corrected }) = cheap::<Named>(text) else {
            panic!("{text}")
        };
        assert_eq!(value.name, "b");
        assert_eq!(corrected.as_deref(), Some(r#"{"name":"b"}"#));
    }
    // Within an answer that is wrapped, too.
    let text = r#"{"content": [{"name": "a", "name": "b"}], "other": 1, "other": 2}"#;
    assert_eq!(faults::<(Named,)>(text), NONE);
}

#[test]
fn of_an_entry_of_a_map_the_last_one_counts_as_to_serde() {
    for text in [
        r#"{"content": {"a": 1, "a": 2}}"#,
        r#"Here: {"content": {"a": 1, "a": 2}}"#,
    ] {
        let Ok(Accepted { value, .. }) = cheap::<BTreeMap<String, u8>>(text) else {
            panic!("{text}")
        };
        assert_eq!(value, BTreeMap::from([("a".to_owned(), 2)]));
    }
}

#[test]
fn what_stands_around_an_answer_does_not_change_how_it_is_read() {
    // A `Value` would hold a float.
    let text = "```\n{\"content\": 340282366920938463463374607431768211455}\n```";
    let Ok(Accepted { value, corrected }) = cheap::<u128>(text) else {
        panic!("{text}")
    };
    assert_eq!(value, u128::MAX);
    assert_eq!(
        corrected.as_deref(),
        Some("{\"content\": 340282366920938463463374607431768211455}")
    );
}

#[test]
fn what_is_put_right_leaves_large_numbers_as_they_were() {
    #[derive(Debug, Deserialize, ResponseModel)]
    #[response_model(crate = crate)]
    struct Large {
        number: u128,
        count: u8,
    }

    let text = r#"{"number": 340282366920938463463374607431768211455, "count": "5"}"#;
    let Ok(Accepted { value, .. }) = cheap::<Large>(text) else {
        panic!("{text}")
    };
    assert_eq!((value.number, value.count), (u128::MAX, 5));
}

#[test]
fn of_two_answers_nothing_is_put_right() {
    let text = r#"{"content": ["1"], "content": ["2"]}"#;
    let mut corrections = Vec::new();
    let context = &Context::new();
    let leniency = Leniency::Default;
    let conditions = Conditions { context, leniency };
    let outcome = super::cheap::<Vec<u8>>(text, conditions, &mut corrections);
    assert!(
        outcome.is_err() && corrections.is_empty(),
        "{corrections:?}"
    );
}

#[test]
fn what_only_serde_knows_is_told_without_line_and_column() {
    #[derive(Debug, Deserialize, ResponseModel)]
    #[response_model(crate = crate)]
    #[serde(try_from = "u8")]
    struct Even(u8);

    impl TryFrom<u8> for Even {
        type Error = &'static str;

        fn try_from(number: u8) -> Result<Self, Self::Error> {
            if number.is_multiple_of(2) {
                Ok(Even(number))
            } else {
                Err("must be even")
            }
        }
    }

    assert_eq!(
        faults::<Even>(r#"{"content": 3}"#),
        ["content [deserialize] must be even"]
    );
    assert_eq!(faults::<Even>(r#"{"content": 4}"#), NONE);
}

/// A type with rules that no schema says.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Word(String);

impl ResponseModel for Word {
    const NODE: Edge = String::NODE;
    type Partial = String;

    fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
        if self.0.contains(' ') {
            checks.push(ValidationError::new(
                path,
                ErrorCode::Contains,
                "is no word",
            ));
        }
    }
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Both {
    word: Word,
    #[validate(length(max = 2))]
    text: String,
    #[serde(deserialize_with = "length")]
    #[response_model(schema_as = String)]
    #[validate(length(max = 3))]
    length: usize,
}

/// Reads a number too, which the schema does not say.
fn length<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<usize, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Ok(text.len()),
        _ => Ok(0),
    }
}

#[test]
fn rules_written_by_hand_are_run_beside_those_of_the_json() {
    assert!(Both::SCHEMA.has_json_rules());
    let both = |word: &str, text: &str, length: serde_json::Value| {
        faults::<Both>(&json!({"word": word, "text": text, "length": length}).to_string())
    };
    assert_eq!(both("a", "b", json!("c")), NONE);
    assert_eq!(
        both("a b", "abc", json!("abcd")),
        [
            "word [contains] is no word",
            "text [length] must have at most 2 characters, has 3",
            "length [length] must have at most 3 characters, has 4",
        ]
    );
    assert_eq!(both("a b", "b", json!("c")), ["word [contains] is no word"]);
    assert_eq!(both("a", "b", json!(5)), NONE, "serde has read it");
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
enum Either {
    Short(
        #[serde(deserialize_with = "length")]
        #[response_model(schema_as = String)]
        #[validate(length(max = 3))]
        usize,
    ),
    Long(String),
}

#[test]
fn a_rule_of_the_json_does_not_lead_to_another_variant() {
    assert_eq!(
        faults::<Either>(r#"{"content": "abcd"}"#),
        ["content [length] must have at most 3 characters, has 4"]
    );
}
