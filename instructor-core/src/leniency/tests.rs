use std::collections::BTreeMap;

use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Correction, coerce};
use crate::model::ResponseModel;

/// What becomes of the value, and what is noted.
fn coerced<T: ResponseModel>(mut answer: Value) -> (Value, Vec<String>) {
    let mut corrections = Vec::new();
    coerce(T::SCHEMA, &mut answer, &mut corrections);
    let noted = corrections.iter().map(Correction::to_string).collect();
    (answer, noted)
}

/// Holds that exactly `corrections` are made of `given`.
fn becomes<T: ResponseModel>(given: Value, expected: &Value, corrections: &[&str]) {
    let (value, noted) = coerced::<T>(given);
    assert_eq!(&value, expected);
    assert_eq!(noted, corrections);
    assert_eq!(coerced::<T>(value).1, Vec::<String>::new(), "it is stable");
}

/// Holds that the value is left alone.
fn stays<T: ResponseModel>(given: &Value) {
    assert_eq!(coerced::<T>(given.clone()), (given.clone(), Vec::new()));
}

/// A whole answer of a plain type.
fn content(value: impl Into<Value>) -> Value {
    json!({"content": value.into()})
}

#[test]
fn numbers_in_quotes_become_numbers() {
    for (text, number) in [("5", 5), (" -7 ", -7), ("3.0", 3), ("1e2", 100)] {
        let given = format!("content: number_in_text (got \"{text}\")");
        becomes::<i64>(content(text), &content(number), &[&given]);
    }
    becomes::<f64>(
        content("1.5"),
        &content(1.5),
        &["content: number_in_text (got \"1.5\")"],
    );
    for text in [
        "", "five", "1,000", "5 years", "+5", "0x10", "3.5", "NaN", "true",
    ] {
        stays::<i64>(&content(text));
    }
    stays::<f64>(&content("inf"));
}

#[test]
fn a_number_that_the_type_does_not_hold_stays() {
    for given in [
        json!("256"),
        json!("-1"),
        json!(256.0),
        json!(0.5),
        json!(1e300),
    ] {
        stays::<u8>(&content(given));
    }
    stays::<std::num::NonZeroU8>(&content("0"));
    // A float of this size may be any of several integers.
    stays::<i64>(&content(9_007_199_254_740_993.0));
    stays::<u64>(&content("18446744073709551616"));
}

#[test]
fn an_integer_may_have_a_decimal_point() {
    becomes::<u8>(
        content(3.0),
        &content(3),
        &["content: integral_float (got 3.0)"],
    );
    stays::<f64>(&content(3.0));
}

#[test]
fn yes_and_no_are_booleans() {
    for (text, value) in [
        ("true", true),
        ("Yes", true),
        ("FALSE", false),
        (" no", false),
    ] {
        let given = format!("content: boolean_in_text (got \"{text}\")");
        becomes::<bool>(content(text), &content(value), &[&given]);
    }
    for given in [json!("1"), json!(1), json!("y"), json!("on"), json!("")] {
        stays::<bool>(&content(given));
    }
}

#[test]
fn a_single_item_becomes_a_list() {
    becomes::<Vec<String>>(
        content("a, b"),
        &content(json!(["a, b"])),
        &["content: single_item (got \"a, b\")"],
    );
    becomes::<Vec<Vec<u8>>>(
        content(json!(["1"])),
        &content(json!([[1]])),
        &[
            "content[0]: single_item (got \"1\")",
            "content[0][0]: number_in_text (got \"1\")",
        ],
    );
    becomes::<[u8; 1]>(
        content(1),
        &content(json!([1])),
        &["content: single_item (got 1)"],
    );
    // An item with a fault is told as it was written; one step is a slip, two are a guess.
    for given in [json!("a"), json!(256), json!({}), Value::Null] {
        stays::<Vec<u8>>(&content(given));
    }
    stays::<Vec<Vec<u8>>>(&content(1));
    stays::<[u8; 2]>(&content(1));
    stays::<(u8,)>(&content(1));
}

#[test]
fn null_is_never_a_value() {
    stays::<u8>(&content(Value::Null));
    stays::<Option<u8>>(&content("null"));
    stays::<Vec<Option<u8>>>(&content(Value::Null));
    stays::<bool>(&content(""));
}

#[test]
fn how_a_number_was_meant_to_be_written_is_not_guessed() {
    stays::<String>(&content(7));
    stays::<String>(&content(true));
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[allow(dead_code)]
struct Order {
    #[serde(alias = "number")]
    count: u8,
    lines: Vec<Line>,
    notes: BTreeMap<String, bool>,
    any: Option<Value>,
    #[serde(flatten)]
    paid: Paid,
    parent: Option<Box<Order>>,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[allow(dead_code)]
struct Line {
    price: Option<f64>,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[allow(dead_code)]
struct Paid {
    is_paid: bool,
}

#[test]
fn every_corner_of_an_answer_is_reached() {
    becomes::<Order>(
        json!({
            "number": "1", "lines": {"price": "2.5"}, "notes": {"a": "yes"}, "any": {"b": "3"}, "is_paid": "no",
            "parent": {"count": 4.0, "lines": ["5"], "unknown": "6"},
        }),
        &json!({
            "number": 1, "lines": [{"price": 2.5}], "notes": {"a": true}, "any": {"b": "3"}, "is_paid": false,
            "parent": {"count": 4, "lines": ["5"], "unknown": "6"},
        }),
        &[
            "count: number_in_text (got \"1\")",
            "lines: single_item (got {\"price\":\"2.5\"})",
            "lines[0].price: number_in_text (got \"2.5\")",
            "notes.a: boolean_in_text (got \"yes\")",
            "is_paid: boolean_in_text (got \"no\")",
            "parent.count: integral_float (got 4.0)",
        ],
    );
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
#[allow(dead_code)]
enum TextOrNumber {
    Number(u64),
    Text(#[validate(length(max = 2))] String),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
#[allow(dead_code)]
enum NumberOrUser {
    Number(u8),
    User { age: u8 },
    Users(Vec<NumberOrUser>),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
#[allow(dead_code)]
enum OneOrMany {
    One(u8),
    Many(Vec<u8>),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
#[allow(dead_code)]
enum NumberOrFlag {
    Number(u8),
    Float(f32),
    Flag(bool),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[allow(dead_code)]
enum External {
    Number(u8),
    Pair(u8, bool),
    User { age: u8 },
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(tag = "kind")]
#[allow(dead_code)]
enum Internal {
    Line(Line),
    User { age: u8 },
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(tag = "t", content = "c")]
#[allow(dead_code)]
enum Adjacent {
    Number(u8),
}

#[test]
fn what_a_union_accepts_stays_as_it_is() {
    stays::<TextOrNumber>(&content("5"));
    // A broken rule does not make it another variant.
    stays::<TextOrNumber>(&content("12345"));
    // One of two numbers, but which?
    stays::<NumberOrFlag>(&content("5"));
}

#[test]
fn the_only_variant_that_can_be_meant_is_taken() {
    becomes::<OneOrMany>(
        content("5"),
        &content(5),
        &["content: number_in_text (got \"5\")"],
    );
    becomes::<NumberOrFlag>(
        content("yes"),
        &content(true),
        &["content: boolean_in_text (got \"yes\")"],
    );
    becomes::<NumberOrUser>(
        content(json!([{"age": "5"}, 1])),
        &content(json!([{"age": 5}, 1])),
        &["content[0].age: number_in_text (got \"5\")"],
    );
    becomes::<External>(
        content(json!({"Pair": ["1", "no"]})),
        &content(json!({"Pair": [1, false]})),
        &[
            "content.Pair[0]: number_in_text (got \"1\")",
            "content.Pair[1]: boolean_in_text (got \"no\")",
        ],
    );
    becomes::<Internal>(
        content(json!({"kind": "User", "age": "1"})),
        &content(json!({"kind": "User", "age": 1})),
        &["content.age: number_in_text (got \"1\")"],
    );
    becomes::<Internal>(
        content(json!({"kind": "Line", "price": "1"})),
        &content(json!({"kind": "Line", "price": 1})),
        &["content.price: number_in_text (got \"1\")"],
    );
    becomes::<Adjacent>(
        content(json!({"t": "Number", "c": "1"})),
        &content(json!({"t": "Number", "c": 1})),
        &["content.c: number_in_text (got \"1\")"],
    );
    stays::<Internal>(&content(json!({"kind": "Nobody", "age": "1"})));
}

/// Enums within enums multiply what is to be tried.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
#[allow(dead_code)]
enum Twice {
    One(u8),
    Left(Vec<Twice>),
    Right(Vec<Twice>),
}

#[test]
fn every_walk_ends() {
    stays::<Twice>(&content("a"));
    let mut deep = json!("a");
    for _ in 0..6 {
        deep = json!([deep]);
    }
    stays::<Twice>(&content(deep));
}
