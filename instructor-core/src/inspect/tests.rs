//! The walks on answers to derived types, and their agreement with what the typed side finds.

mod spellings;
mod targets;

use std::collections::BTreeMap;

use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde_json::{Value, json};

use super::errors;
use crate::{Checks, Context, Path, ResponseModel, ValidationErrors};

/// Each fault as `path [code] message`.
fn faults<T: ResponseModel>(value: &Value) -> Vec<String> {
    listed(&errors(T::SCHEMA, value, &Context::new()))
}

fn listed(errors: &ValidationErrors) -> Vec<String> {
    errors
        .iter()
        .map(|error| format!("{} [{}] {}", error.path, error.code, error.message))
        .collect()
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(rename_all = "lowercase")]
enum Size {
    Small,
    Large,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Item {
    #[validate(length(min = 1, max = 3), pattern("^[a-z]*$"))]
    name: String,
    #[validate(range(min = 1, max = 100))]
    count: u8,
    #[validate(range(min = 0.1, max = 0.3))]
    share: Option<f32>,
    #[validate(range(min = -10, max = 0.5))]
    change: f64,
    size: Option<Size>,
    letter: char,
    done: bool,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Order {
    #[validate(length(max = 2))]
    items: Vec<Item>,
    #[validate(length(min = 1))]
    by_key: BTreeMap<String, Box<Item>>,
    #[serde(default, rename = "the note")]
    #[validate(length(max = 4))]
    #[allow(
        clippy::box_collection,
        reason = "a box inside of an option is what is tested"
    )]
    note: Option<Box<String>>,
    #[serde(default)]
    tags: Vec<String>,
    wide: Option<u64>,
    widest: Option<u128>,
    parent: Option<Box<Order>>,
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "reads best where `json!` is the argument"
)]
fn item(changes: Value) -> Value {
    let mut item = json!({
        "name": "abc", "count": 1, "share": 0.1, "change": 0.5, "size": "small", "letter": "é", "done": true,
    });
    for (key, value) in changes.as_object().expect("an object") {
        item[key] = value.clone();
    }
    item
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "reads best where `json!` is the argument"
)]
fn order(changes: Value) -> Value {
    let mut order = json!({"items": [item(json!({}))], "by_key": {"a": item(json!({}))}});
    for (key, value) in changes.as_object().expect("an object") {
        order[key] = value.clone();
    }
    order
}

#[test]
fn all_faults_are_found_at_once_each_with_its_place() {
    let value = json!({
        "items": [
            {"name": 1, "count": 300, "change": "x", "size": "huge", "letter": "ab", "done": null},
            "text",
        ],
        "by_key": {"k": item(json!({"count": 0, "name": "ABCD"}))},
        "the note": "too long",
        "tags": null,
        "parent": {"by_key": []},
    });
    let expected = [
        "items[0].name [type] expected string, got number",
        "items[0].count [range] must be at most 100",
        "items[0].change [type] expected number, got string",
        "items[0].size [unknown_variant] must be one of `small`, `large`",
        "items[0].letter [type] must be exactly one character",
        "items[0].done [type] expected boolean, got null",
        "items[1] [type] expected object, got string",
        "by_key.k.name [length] must have at most 3 characters, has 4",
        "by_key.k.name [pattern] must match the pattern `^[a-z]*$`",
        "by_key.k.count [range] must be at least 1",
        "the note [length] must have at most 4 characters, has 8",
        "tags [type] expected array, got null",
        "parent.items [missing] is required, but missing",
        "parent.by_key [type] expected object, got array",
    ];
    assert_eq!(faults::<Order>(&value), expected);
}

#[test]
fn the_offending_input_is_kept() {
    let errors = errors(Order::SCHEMA, &order(json!({"tags": [1]})), &Context::new());
    let inputs: Vec<_> = errors.iter().map(|error| error.input.as_deref()).collect();
    assert_eq!(inputs, [Some("1")]);
}

#[test]
fn the_root_may_be_wrong_itself() {
    assert_eq!(
        faults::<Order>(&json!(null)),
        ["$ [type] expected object, got null"]
    );
}

#[test]
fn integers_are_held_against_their_rust_type() {
    let wide = |text: &str| -> Vec<String> {
        let wide: Value = serde_json::from_str(text).expect("a number");
        faults::<Order>(&order(json!({ "wide": wide, "widest": wide })))
    };
    let decimal = "expected an integer, got a decimal number: write it without a decimal point or an exponent";
    assert!(wide("18446744073709551615").is_empty());
    assert_eq!(
        wide("-1"),
        [
            "wide [range] must be at least 0",
            "widest [range] must be at least 0"
        ]
    );
    assert_eq!(
        wide("1.0"),
        [
            format!("wide [type] {decimal}"),
            format!("widest [type] {decimal}")
        ]
    );
    // A `Value` holds such a number as a float; the typed side reads it from the text and knows better.
    assert_eq!(
        wide("18446744073709551616"),
        ["wide [range] does not fit a 64-bit integer"]
    );
    assert_eq!(
        wide("-9300000000000000000"),
        ["wide [range] does not fit a 64-bit integer"]
    );
}

/// Answers of the right types: whatever rule they break, both sides must say the same.
fn answers() -> Vec<Value> {
    let names = ["", "a", "abc", "abcd", "é", "ABC", "🦀🦀🦀", "🦀🦀🦀🦀"];
    let counts = [0, 1, 50, 100, 101, 255];
    let numbers = [
        -10.1,
        -10.0,
        0.0,
        0.1,
        0.099_999_999_9,
        0.100_000_000_1,
        0.3,
        0.300_000_01,
        0.5,
        0.500_000_1,
        1e30,
    ];
    let mut items: Vec<Value> = Vec::new();
    items.extend(names.map(|name| item(json!({ "name": name }))));
    items.extend(counts.map(|count| item(json!({ "count": count }))));
    items.extend(numbers.map(|number| item(json!({ "share": number }))));
    items.extend(numbers.map(|number| item(json!({ "change": number }))));
    items.push(item(
        json!({"share": 16_777_217, "change": -11, "size": null}),
    ));
    items.push(item(json!({"share": null, "change": 1})));

    let mut answers: Vec<Value> = items
        .windows(2)
        .map(|pair| order(json!({"items": pair, "by_key": {"one": pair[0], "two": pair[1]}})))
        .collect();
    answers.push(order(
        json!({"items": items, "the note": "12345", "by_key": {}}),
    ));
    answers.push(order(
        json!({"parent": order(json!({"items": items, "by_key": {}}))}),
    ));
    answers
}

#[test]
fn rules_say_the_same_of_typed_values_and_of_json() {
    let mut broken = 0;
    for answer in answers() {
        let typed: Order = serde_json::from_str(&answer.to_string()).expect("the types are right");
        let context = Context::new();
        let mut checks = Checks::new(&context);
        typed.check_rules(&Path::ROOT, &mut checks);
        let errors = checks.into_errors();
        assert_eq!(listed(&errors), faults::<Order>(&answer), "{answer}");
        broken += errors.len();
    }
    assert!(broken > 100, "the table breaks rules: {broken}");
}

#[test]
fn what_serde_accepts_has_no_type_faults() {
    // And the other way round: one change a time, of everything to everything.
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(256),
        json!(0.5),
        json!("a"),
        json!("small"),
        json!(""),
        json!([]),
        json!({}),
        json!([1]),
        json!(["a"]),
        json!({"a": 1}),
    ];
    let places = [
        "/items",
        "/by_key",
        "/the note",
        "/tags",
        "/wide",
        "/widest",
        "/parent",
        "/items/0",
        "/items/0/name",
        "/items/0/count",
        "/items/0/share",
        "/items/0/change",
        "/items/0/size",
        "/items/0/letter",
        "/items/0/done",
    ];
    let rule_codes = ["[length]", "[pattern]"];
    for place in places {
        for value in &values {
            let mut answer =
                order(json!({"the note": "x", "tags": [], "wide": 1, "widest": 1, "parent": null}));
            *answer.pointer_mut(place).expect(place) = value.clone();
            let mut faults = faults::<Order>(&answer);
            faults.retain(|fault| !rule_codes.iter().any(|code| fault.contains(code)));
            // A number out of a rule's range but not out of its type is none of serde's business either.
            let count_rule = place == "/items/0/count" && *value == json!(0);
            let share_rule = place == "/items/0/share" || place == "/items/0/change";
            if count_rule || share_rule {
                faults.retain(|fault| !fault.contains("[range]"));
            }
            let accepted = serde_json::from_value::<Order>(answer);
            assert_eq!(
                accepted.is_ok(),
                faults.is_empty(),
                "{place} = {value}: {accepted:?}, {faults:?}"
            );
        }
    }
}
