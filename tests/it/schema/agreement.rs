//! What a schema accepts, serde deserialises, and no rule is broken.
//!
//! With two exceptions: to JSON Schema `1.0` is an integer, and bounds of 64 bits and more are not said.

use std::collections::BTreeMap;

use instructor::{Path, ResponseField, ResponseModel, ValidationErrors};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Priority, parse};

#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Node {
    #[validate(length(min = 1, max = 3), pattern("^[a-zé]*$"))]
    name: String,
    #[validate(range(min = 1))]
    count: u8,
    #[validate(range(max = 0.5))]
    share: f64,
    signed: i64,
    letter: char,
    done: bool,
    #[serde(rename = "theSize")]
    priority: Priority,
    second: Option<Priority>,
    #[validate(length(max = 2))]
    tags: Vec<String>,
    #[serde(default)]
    #[validate(length(min = 1))]
    notes: Option<BTreeMap<String, u16>>,
    #[serde(default)]
    parent: Option<Box<Node>>,
    #[serde(skip)]
    cache: u8,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Strict {
    #[validate(range(min = -5, max = 5))]
    integer: i32,
    letters: Vec<Option<u8>>,
    #[serde(default)]
    inner: Option<Box<Strict>>,
    #[serde(default)]
    words: Vec<Priority>,
}

/// Values of every kind, at and past every bound in the types above.
fn values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(5),
        json!(-6),
        json!(255),
        json!(256),
        json!(65_536),
        json!(0.5),
        json!(0.6),
        json!(i64::MIN),
        json!(""),
        json!("a"),
        json!("é"),
        json!("🦀"),
        json!("abc"),
        json!("abcd"),
        json!("ABC"),
        json!("low"),
        json!("right_now"),
        json!("Low"),
        json!("internal"),
        json!("Internal"),
        json!([]),
        json!(["a"]),
        json!(["a", "b", "c"]),
        json!([1, null]),
        json!([null, "low"]),
        json!(["low"]),
        json!({}),
        json!({"a": 1}),
        json!({"a": 65_536}),
        json!({"a": "b"}),
    ]
}

/// Counts how many of the changed answers the schema accepts, after checking each.
fn check<T: ResponseModel + ResponseField>(schema: &str, answer: &Value) -> usize {
    let validator = jsonschema::validator_for(&parse(schema)).expect("a schema");
    assert!(
        validator.is_valid(answer),
        "the answer to start from is valid"
    );
    let mut accepted = 0;
    for key in answer.as_object().expect("an object").keys() {
        let changed = values().into_iter().map(Some).chain([None]);
        for value in changed {
            let mut answer = answer.clone();
            match value {
                Some(value) => answer[key] = value,
                None => drop(answer.as_object_mut().expect("an object").remove(key)),
            }
            if !validator.is_valid(&answer) {
                continue;
            }
            accepted += 1;
            let typed: T = match serde_json::from_value(answer.clone()) {
                Ok(typed) => typed,
                Err(error) => panic!("the schema accepts what serde refuses: {error}: {answer}"),
            };
            let mut errors = ValidationErrors::new();
            typed.validate(&Path::ROOT, &mut errors);
            assert!(
                errors.is_empty(),
                "the schema accepts what a rule refuses: {errors}: {answer}"
            );
        }
    }
    accepted
}

#[test]
fn the_standard_schema_agrees_with_serde() {
    let leaf = json!({
        "name": "abc", "count": 1, "share": 0.5, "signed": -1, "letter": "é", "done": true, "theSize": "low",
        "second": null, "tags": [], "notes": {"a": 1}, "parent": null, "unknown": 1,
    });
    let mut answer = leaf.clone();
    answer["parent"] = leaf;
    let accepted = check::<Node>(Node::SCHEMA.standard, &answer);
    assert!(accepted > 60, "only {accepted} answers were tried");
}

#[test]
fn the_strict_schema_agrees_with_serde() {
    let strict = Strict::SCHEMA.openai_strict.expect("no maps");
    let answer = json!({"integer": 5, "letters": [1, null], "inner": null, "words": ["low"]});
    let accepted = check::<Strict>(strict, &answer);
    assert!(accepted >= 9, "only {accepted} answers were tried");
}

#[test]
fn one_point_zero_and_numbers_past_64_bits_are_the_known_exceptions() {
    let validator = jsonschema::validator_for(&parse(Strict::SCHEMA.standard)).expect("a schema");
    let answer = json!({"integer": 1.0, "letters": []});
    assert!(validator.is_valid(&answer));
    assert!(serde_json::from_value::<Strict>(answer).is_err());

    #[derive(Debug, Deserialize, ResponseModel)]
    #[allow(dead_code)]
    struct Wide {
        number: i64,
    }
    let validator = jsonschema::validator_for(&parse(Wide::SCHEMA.standard)).expect("a schema");
    let answer = json!({"number": 1e300});
    assert!(validator.is_valid(&answer));
    assert!(serde_json::from_value::<Wide>(answer).is_err());
}
