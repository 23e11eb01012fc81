use std::collections::BTreeMap;

use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde_json::{Value, json};

use super::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Address {
    street: String,
    #[validate(length(min = 5))]
    zip: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct User {
    #[validate(length(min = 3))]
    name: String,
    age: u32,
    address: Address,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    homes: Vec<Address>,
    note: Option<String>,
    #[serde(default)]
    points: BTreeMap<String, Vec<u8>>,
    #[serde(default)]
    pair: Option<(u8, Box<User>)>,
    #[serde(default)]
    shapes: Vec<Shape>,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
enum Shape {
    Dot,
    Circle(f64),
    Line { from: String, to: String },
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(tag = "kind")]
enum Event {
    Started { at: String },
    Moved(Place),
    Ended,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Place {
    x: i32,
    y: i32,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(tag = "type", content = "value")]
enum Adjacent {
    Text(String),
    Number(i64),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Place(Place),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Mixed {
    events: Vec<Event>,
    adjacent: Vec<Adjacent>,
    either: Vec<Either>,
    #[serde(flatten)]
    place: Place,
    #[serde(flatten)]
    rest: BTreeMap<String, bool>,
}

/// What is there of a prefix, as JSON.
fn partial<T: ResponseModel>(prefix: &str) -> Value {
    let mut answer = PartialAnswer::<T>::new();
    answer.push(prefix);
    serde_json::to_value(answer.value()).expect("JSON")
}

#[test]
fn a_struct_fills_in() {
    for (prefix, expected) in [
        ("{", json!({})),
        ("{\"na", json!({})),
        ("{\"name\": \"A", json!({"name": "A"})),
        ("{\"name\": \"A\\u00e", json!({"name": "A"})),
        (
            "{\"name\": \"Al\", \"age\": 3",
            json!({"name": "Al", "age": 3}),
        ),
        ("{\"note\": nul", json!({})),
        ("{\"note\": null", json!({"note": null})),
        ("{\"note\": \"x", json!({"note": "x"})),
        (
            "{\"address\": {\"street\": \"X\", \"zip\": \"1",
            json!({"address": {"street": "X", "zip": "1"}}),
        ),
        ("{\"tags\": [", json!({"tags": []})),
        ("{\"tags\": [\"a\", \"b", json!({"tags": ["a", "b"]})),
        ("{\"tags\": \"a", json!({"tags": ["a"]})),
        (
            "{\"homes\": [{\"street\": \"Y\", \"zip\": \"12345\"}, {\"street\": \"Z",
            json!({"homes": [{"street": "Y", "zip": "12345"}, {"street": "Z"}]}),
        ),
        (
            "{\"points\": {\"a\": [1, 2], \"b\": [3",
            json!({"points": {"a": [1, 2], "b": [3]}}),
        ),
        (
            "{\"pair\": [1, {\"name\": \"I",
            json!({"pair": [1, {"name": "I"}]}),
        ),
        (
            "{\"unknown\": {\"name\": 1}, \"age\": 4,",
            json!({"age": 4}),
        ),
        ("{\"age\": \"30\"", json!({"age": 30})),
        ("{\"age\": \"old\", \"name\": \"B", json!({"name": "B"})),
    ] {
        assert_eq!(partial::<User>(prefix), expected, "{prefix}");
    }
}

#[test]
fn enums_fill_in_as_soon_as_the_variant_is_known() {
    for (prefix, expected) in [
        ("{\"shapes\": [\"Do", json!([])),
        ("{\"shapes\": [\"Dot\"", json!(["Dot"])),
        ("{\"shapes\": [{\"Circle\": 1.5", json!([{"Circle": 1.5}])),
        (
            "{\"shapes\": [{\"Line\": {\"from\": \"a",
            json!([{"Line": {"from": "a"}}]),
        ),
        (
            "{\"shapes\": [\"Dot\", {\"Line\": {\"from\": \"a\", \"to\": \"b\"}}",
            json!(["Dot", {"Line": {"from": "a", "to": "b"}}]),
        ),
    ] {
        assert_eq!(partial::<User>(prefix)["shapes"], expected, "{prefix}");
    }
    for (prefix, expected) in [
        ("{\"kind\": \"Star", json!(null)),
        ("{\"kind\": \"Started\"", json!({"kind": "Started"})),
        (
            "{\"kind\": \"Started\", \"at\": \"no",
            json!({"kind": "Started", "at": "no"}),
        ),
        (
            "{\"at\": \"noon\", \"kind\": \"Started\"",
            json!({"kind": "Started", "at": "noon"}),
        ),
        (
            "{\"x\": 1, \"kind\": \"Moved\", \"y\": 2",
            json!({"kind": "Moved", "x": 1, "y": 2}),
        ),
        ("{\"kind\": \"Ended\"}", json!({"kind": "Ended"})),
    ] {
        let prefix = format!("{{\"content\": {prefix}");
        assert_eq!(partial::<Event>(&prefix), expected, "{prefix}");
    }
    for (prefix, expected) in [
        (
            "{\"type\": \"Text\", \"value\": \"a",
            json!({"type": "Text", "value": "a"}),
        ),
        (
            "{\"value\": 1, \"type\": \"Number\"",
            json!({"type": "Number", "value": null}),
        ),
        (
            "{\"value\": 1, \"type\": \"Number\"}",
            json!({"type": "Number", "value": 1}),
        ),
    ] {
        let prefix = format!("{{\"content\": {prefix}");
        assert_eq!(partial::<Adjacent>(&prefix), expected, "{prefix}");
    }
    for (prefix, expected) in [
        ("{\"content\": [{\"x\": 1, \"y\"", json!([])),
        (
            "{\"content\": [{\"x\": 1, \"y\": 2}",
            json!([{"x": 1, "y": 2}]),
        ),
        ("{\"content\": [5,", json!([5])),
    ] {
        assert_eq!(partial::<Vec<Either>>(prefix), expected, "{prefix}");
    }
}

const MIXED: &str = r#"{"x": 1, "events": [{"kind": "Started", "at": "é\ud83d\ude00"}, {"y": 2, "kind": "Moved", "x": 1},
    {"kind": "Ended"}], "more": true, "adjacent": [{"type": "Text", "value": "a\n"}, {"value": -1, "type": "Number"}],
    "either": [12, {"x": 3, "y": 4}], "y": -7, "less": false}"#;

#[test]
fn any_split_gives_the_same_partial_values() {
    let whole = partial::<Mixed>(MIXED);
    assert_eq!(
        whole,
        json!({
            "x": 1, "y": -7, "more": true, "less": false,
            "events": [
                {"kind": "Started", "at": "é😀"}, {"kind": "Moved", "x": 1, "y": 2}, {"kind": "Ended"},
            ],
            "adjacent": [{"type": "Text", "value": "a\n"}, {"type": "Number", "value": -1}],
            "either": [12, {"x": 3, "y": 4}],
        })
    );
    for at in 0..MIXED.len() {
        let Some((before, after)) = MIXED.split_at_checked(at) else {
            continue;
        };
        let mut answer = PartialAnswer::<Mixed>::new();
        answer.push(before);
        let there = serde_json::to_value(answer.value()).expect("JSON");
        assert_eq!(there, partial::<Mixed>(before));
        answer.push(after);
        let there = serde_json::to_value(answer.value()).expect("JSON");
        assert_eq!(there, whole, "split at {at}");
        assert!(answer.errors().is_empty() && answer.is_whole());
        answer.finish().expect("right");
    }
}

/// Where something is wrong.
fn wrong_paths(answer: &PartialAnswer<User>) -> Vec<String> {
    let errors = answer.errors().iter();
    errors.map(|error| error.path.clone()).collect()
}

#[test]
fn values_are_checked_as_they_close() {
    let mut answer = PartialAnswer::<User>::new();
    answer.push("{\"name\": \"Al");
    assert!(answer.errors().is_empty(), "it may still grow");
    answer.push("\", \"age\": -1, ");
    assert_eq!(wrong_paths(&answer), ["name", "age"]);
    answer
        .push("\"address\": {\"zip\": \"1234\"}, \"homes\": [{\"street\": \"\", \"zip\": \"1\"}]");
    let expected = [
        "name",
        "age",
        "address.zip",
        "address.street",
        "homes[0].zip",
    ];
    assert_eq!(wrong_paths(&answer), expected);
    answer.push("}");
    let mut early = wrong_paths(&answer);
    let errors = answer.finish().expect_err("wrong");
    let mut late: Vec<_> = errors.iter().map(|error| error.path.clone()).collect();
    early.sort();
    late.sort();
    assert_eq!(early, late, "what comes early is what comes late");
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Basket {
    #[validate(range(min = 1900))]
    year: u16,
    #[response_model(validate(before = without_empty))]
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize, serde::Serialize, ResponseModel)]
#[response_model(crate = crate)]
struct Line {
    article: String,
    #[validate(range(min = 1))]
    quantity: u8,
}

fn without_empty(lines: Value) -> Value {
    let Value::Array(lines) = lines else {
        return lines;
    };
    let whole = |line: &Value| line.get("article").is_some_and(|article| article != "");
    lines.into_iter().filter(whole).collect()
}

/// What is found early and in the end.
fn errors_of(text: &str, leniency: Leniency) -> (String, String) {
    let mut answer = PartialAnswer::<Basket>::with(Context::default(), leniency);
    answer.push(text);
    let early = answer.errors().to_string();
    let late = answer.finish().map_err(|errors| errors.to_string());
    (early, late.err().unwrap_or_default())
}

#[test]
fn what_is_put_right_in_the_end_is_no_early_error() {
    for text in [
        r#"{"year": "2001", "lines": []}"#,
        r#"{"year": 2001.0, "lines": []}"#,
        r#"{"year": 2001, "lines": [{"article": "", "quantity": 0}, {"article": ""}, {}]}"#,
    ] {
        let (early, late) = errors_of(text, Leniency::Default);
        assert_eq!((early.as_str(), late.as_str()), ("", ""), "{text}");
    }
    for (text, leniency) in [
        (r#"{"year": "1899", "lines": []}"#, Leniency::Default),
        (r#"{"year": "2001", "lines": []}"#, Leniency::Strict),
    ] {
        let (early, late) = errors_of(text, leniency);
        assert!(early.starts_with("year: "), "{early}");
        assert_eq!(early, late);
    }
}

/// An amount, of which the model may say the currency.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Euros(#[response_model(validate(before = number))] u32);

#[expect(
    clippy::needless_pass_by_value,
    reason = "the value is what it is given"
)]
fn number(value: Value) -> Value {
    let digits = value.as_str().map(|text| text.trim_end_matches(" EUR"));
    let number: Option<u32> = digits.and_then(|digits| digits.parse().ok());
    number.map_or(value.clone(), Value::from)
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate, validate = is_trimmed)]
struct Bill {
    #[response_model(validate(before = trimmed))]
    name: String,
    sum: Euros,
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the value is what it is given"
)]
fn trimmed(name: String) -> String {
    name.trim().to_owned()
}

fn is_trimmed(bill: &Bill) -> Result<(), String> {
    let is_right = bill.name == bill.name.trim() && bill.sum.0 > 0;
    is_right
        .then_some(())
        .ok_or_else(|| "is not trimmed".to_owned())
}

#[test]
fn what_is_put_into_shape_is_no_early_error_of_what_is_around_it() {
    let mut answer = PartialAnswer::<Bill>::new();
    answer.push(r#"{"name": " Ann ", "sum": "12 EUR"}"#);
    assert_eq!(answer.errors().to_string(), "");
    assert_eq!(answer.finish().expect("right").sum.0, 12);
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Loose {
    data: Value,
    #[validate(length(max = 1))]
    lists: Vec<Vec<u8>>,
    #[validate(length(max = 3))]
    text: String,
}

#[test]
fn slips_of_writing_hide_nothing() {
    let text = "{\"data\": {\"a\": 1,}, \"lists\": [[1,],[2]], \"text\": \"a\nbc\"}";
    let mut answer = PartialAnswer::<Loose>::new();
    answer.push(text);
    let there = serde_json::to_value(answer.value()).expect("JSON");
    assert_eq!(there["data"], json!({"a": 1}));
    let paths: Vec<_> = answer
        .errors()
        .iter()
        .map(|error| error.path.clone())
        .collect();
    assert_eq!(paths, ["lists", "text"]);
    let mut strict = PartialAnswer::<Loose>::with(Context::default(), Leniency::Strict);
    strict.push(text);
    let there = serde_json::to_value(strict.value()).expect("JSON");
    assert_eq!(there.get("data"), None);
}

#[test]
fn a_long_number_is_read_once() {
    let digits = "1234567890".repeat(100);
    let text =
        format!("{{\"year\": 2001, \"lines\": [{{\"article\": \"a\", \"quantity\": {digits}");
    let mut answer = PartialAnswer::<Basket>::new();
    let mut changes = 0;
    for piece in 0..text.len() {
        answer.push(&text[piece..=piece]);
        changes += answer.changes().count();
    }
    assert!(changes < 100, "{changes}");
    answer.push("}]}");
    assert!(answer.finish().is_err());
}

/// What each piece changes; what is whole is marked.
fn changes_of(pieces: &[&str]) -> Vec<String> {
    let mut answer = PartialAnswer::<User>::new();
    let told = pieces.iter().map(|piece| {
        answer.push(piece);
        let changes = answer.changes().map(|change| {
            let mark = if change.is_whole { "!" } else { "" };
            format!("{}{mark}", change.path)
        });
        changes.collect::<Vec<_>>().join(" ")
    });
    told.collect()
}

#[test]
fn it_says_what_has_changed() {
    let told = changes_of(&[
        "{\"name\": \"A",
        "nn",
        "\", \"age\": 3",
        "0, \"homes\": [{\"street\": \"",
        "X\"}]}",
    ]);
    assert_eq!(
        told,
        [
            "$ name",
            "name",
            "name! age",
            "age! homes homes[0] homes[0].street",
            "homes[0].street! homes[0]! homes! $!",
        ]
    );
}

#[test]
fn a_text_that_begins_again_is_not_whole() {
    let told = changes_of(&[
        "{\"name\": \"Ann\", \"name\": \"B",
        "e",
        "n\"",
        ", \"name\": \"",
        "C",
    ]);
    assert_eq!(told, ["$ name", "name", "name!", "name", "name"]);
}

#[test]
fn a_second_answer_takes_the_place_of_the_first() {
    let mut answer = PartialAnswer::<Place>::new();
    answer.push("Here: {\"x\": 1, \"y\": 2} or rather {\"x\": 3");
    assert_eq!(
        serde_json::to_value(answer.value()).ok(),
        Some(json!({"x": 3}))
    );
}

#[test]
fn a_partial_value_prints_as_a_struct() {
    let mut answer = PartialAnswer::<Place>::new();
    answer.push("{\"x\": 1");
    let value = answer.into_value().expect("a struct");
    assert_eq!(format!("{value:?}"), "Place { x: Some(1), y: None }");
    assert_eq!(format!("{:?}", value.clone()), format!("{value:?}"));
}

#[test]
fn the_beginning_of_a_number_goes_away_with_it() {
    for pieces in [
        &[
            "{\"age\": 4294967",
            "296, \"points\": {\"a\": [1, 25",
            "6]}}",
        ][..],
        &["{\"age\": 4", ".", "5, \"points\": {\"a\": [1, 2", ".5]}}"],
        &["{\"age\": 4.5, \"points\": {\"a\": [1, 2.5]}}"],
        &["{\"age\": 3, \"age\": 4.5, \"points\": {\"a\": [1, 256]}}"],
    ] {
        let mut answer = PartialAnswer::<User>::new();
        for piece in pieces {
            answer.push(piece);
        }
        let value = serde_json::to_value(answer.value()).expect("JSON");
        assert_eq!(value, json!({"points": {"a": [1]}}), "{pieces:?}");
    }
    let mut answer = PartialAnswer::<User>::new();
    answer.push("{\"points\": {\"a\": [7, 2");
    answer.push(".");
    answer.push("5");
    let value = serde_json::to_value(answer.value()).expect("JSON");
    assert_eq!(value, json!({"points": {"a": [7]}}));
}

#[test]
fn the_fields_of_its_json_are_in_their_order() {
    let mut answer = PartialAnswer::<User>::new();
    answer.push(r#"{"note": null, "address": {"zip": "12345", "street": "X"}, "name": "A"#);
    let json = serde_json::to_string(&answer.value()).expect("JSON");
    let expected = r#"{"name":"A","address":{"street":"X","zip":"12345"},"note":null}"#;
    assert_eq!(json, expected);
}

#[test]
fn of_a_key_that_comes_again_the_last_value_counts() {
    let mut answer = PartialAnswer::<User>::new();
    answer.push(r#"{"name": "Al", "address": {"street": "", "zip": 5}, "age": 3, "#);
    assert!(wrong_paths(&answer).contains(&"name".to_owned()));
    answer.push(r#""name": "Alice", "address": {"street": "X", "zip": "12345"}}"#);
    assert_eq!(wrong_paths(&answer), Vec::<String>::new());
    answer.finish().expect("the last ones are right");
    let mixed = partial::<Mixed>(r#"{"either": [{"x": 1, "y": 2, "x": 3}]"#);
    assert_eq!(mixed, json!({"either": [{"x": 3, "y": 2}]}));
}
