//! Answers that are written in another way than the schema offers, and that serde reads all the same.
#![allow(dead_code, reason = "values are only looked at in JSON")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::faults;
use crate::ResponseModel;
use crate::inspect::llm_targets;
use crate::schema::{Keys, MapKey};

const NONE: [&str; 0] = [];

/// Holds the walk against serde, and gives its faults.
fn checked<T: ResponseModel + DeserializeOwned>(value: &Value) -> Vec<String> {
    let wrapped = match T::SCHEMA.wrapper {
        Some(key) => json!({ key: value }),
        None => value.clone(),
    };
    let faults = faults::<T>(&wrapped);
    let reads = serde_json::from_str::<T>(&value.to_string()).is_ok();
    let is_about_rules = |fault: &String| {
        ["[length]", "[range]"]
            .iter()
            .any(|code| fault.contains(code))
    };
    assert!(
        !reads || faults.iter().all(is_about_rules),
        "serde reads {value}, but: {faults:?}"
    );
    assert!(reads || !faults.is_empty(), "serde does not read {value}");
    faults
}

/// Each judged place as `path pointer`.
fn judged<T: ResponseModel>(answer: &Value) -> Vec<String> {
    llm_targets(T::SCHEMA, answer)
        .iter()
        .map(|target| {
            assert_eq!(answer.pointer(&target.pointer), Some(&target.value));
            format!("{} {}", target.path, target.pointer)
        })
        .collect()
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Note {
    #[llm_validate("polite", allow_override)]
    #[validate(length(max = 5))]
    text: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
enum External {
    #[serde(alias = "nothing")]
    Nothing,
    #[serde(alias = "no~te")]
    Note(Note),
    Named {
        note: Note,
        #[serde(default)]
        count: u8,
    },
}

#[test]
fn a_replacement_goes_where_the_alias_stands() {
    let answer = json!({"content": {"no~te": {"text": "a"}}});
    assert_eq!(
        judged::<External>(&answer),
        ["content.Note.text /content/no~0te/text"]
    );
}

#[test]
fn external_variants_are_read_from_lists_and_nulls() {
    assert_eq!(checked::<External>(&json!({"nothing": null})), NONE);
    assert_eq!(
        checked::<External>(&json!({"nothing": {}})),
        ["content.Nothing [type] expected null, got object"]
    );
    assert_eq!(checked::<External>(&json!({"Named": [["a"]]})), NONE);
    assert_eq!(
        checked::<External>(&json!({"Named": [["too long"], 1]})),
        ["content.Named.note.text [length] must have at most 5 characters, has 8"]
    );
    let answer = json!({"content": {"Named": [["a"], 1]}});
    assert_eq!(
        judged::<External>(&answer),
        ["content.Named.note.text /content/Named/0/0"]
    );
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(tag = "kind")]
enum Internal {
    Nothing,
    Note(Note),
    Named {
        note: Note,
        count: u8,
    },
    Notes(
        #[validate(length(max = 1))]
        #[llm_validate("complete")]
        BTreeMap<String, Note>,
    ),
}

#[test]
fn internally_tagged_variants_are_read_from_lists() {
    assert_eq!(checked::<Internal>(&json!(["Nothing"])), NONE);
    assert_eq!(
        checked::<Internal>(&json!(["Nothing", 1])),
        ["content [length] must have exactly 1 item, has 2"]
    );
    assert_eq!(
        checked::<Internal>(&json!([])),
        ["content.kind [missing] is required, but missing"]
    );
    assert_eq!(
        checked::<Internal>(&json!(["Note", "too long"])),
        ["content.text [length] must have at most 5 characters, has 8"]
    );
    assert_eq!(
        checked::<Internal>(&json!(["Named", {"text": "a"}, 300])),
        ["content.count [range] must be at most 255"]
    );
    assert_eq!(
        checked::<Internal>(&json!(["Notes", {}])),
        ["content [type] expected object, got array"]
    );
}

#[test]
fn a_list_does_not_escape_its_judges() {
    let judged = |value: Value| judged::<Internal>(&json!({ "content": value }));
    assert_eq!(judged(json!(["Note", "a"])), ["content.text /content/1"]);
    assert_eq!(
        judged(json!(["Named", ["a"], 1])),
        ["content.note.text /content/1/0"]
    );
    assert_eq!(
        judged(json!(["Named", {"text": "a"}, 1])),
        ["content.note.text /content/1/text"]
    );
}

#[test]
fn the_tag_is_none_of_the_entries_of_a_map_beside_it() {
    let value = json!({"kind": "Notes", "a": {"text": "a"}});
    assert_eq!(checked::<Internal>(&value), NONE);
    assert_eq!(
        judged::<Internal>(&json!({ "content": value })),
        ["content /content", "content.a.text /content/a/text"]
    );
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(tag = "t", content = "c", deny_unknown_fields)]
enum Adjacent {
    Nothing,
    Maybe(#[llm_validate("polite")] Option<String>),
    Count(#[serde(default)] u8),
    Named { note: Note },
}

#[test]
fn the_content_of_an_option_may_be_absent() {
    assert_eq!(checked::<Adjacent>(&json!({"t": "Maybe"})), NONE);
    assert_eq!(checked::<Adjacent>(&json!({"t": "Nothing"})), NONE);
    assert_eq!(checked::<Adjacent>(&json!({"t": {"Maybe": null}})), NONE);
    // serde does not look at the default.
    assert_eq!(
        checked::<Adjacent>(&json!({"t": "Count"})),
        ["content.c [missing] is required, but missing"]
    );
    assert_eq!(
        checked::<Adjacent>(&json!({"t": "Nothing", "d": 1})),
        ["content.d [unknown_field] there is no such key: remove it"]
    );
}

#[test]
fn adjacently_tagged_variants_are_read_from_a_list_of_two() {
    assert_eq!(checked::<Adjacent>(&json!(["Nothing", null])), NONE);
    assert_eq!(
        checked::<Adjacent>(&json!(["Nothing"])),
        ["content [type] expected an object with `t` and `c`, got an array of 1"]
    );
    // But the fields of a variant only from an object.
    assert_eq!(
        checked::<Adjacent>(&json!(["Named", [{"text": "a"}]])),
        ["content.c [type] expected object, got array"]
    );
    assert_eq!(
        judged::<Adjacent>(&json!({"content": ["Named", {"note": ["a"]}]})),
        ["content.c.note.text /content/1/note/0"]
    );
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[serde(untagged)]
enum Untagged {
    Short(
        #[validate(length(max = 2))]
        #[llm_validate("polite")]
        String,
    ),
    Text(String),
    Number(#[validate(range(max = 5))] u8),
    Large(u16),
    Priority(Buffered),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
struct Buffered {
    internal: Internal,
}

#[test]
fn a_broken_rule_does_not_lead_to_another_variant() {
    assert_eq!(
        checked::<Untagged>(&json!("abc")),
        ["content [length] must have at most 2 characters, has 3"]
    );
    assert_eq!(
        checked::<Untagged>(&json!(6)),
        ["content [range] must be at most 5"]
    );
    assert_eq!(checked::<Untagged>(&json!(300)), NONE);
    assert_eq!(
        judged::<Untagged>(&json!({"content": "abc"})),
        ["content /content"]
    );
}

#[test]
fn a_buffer_takes_the_index_of_a_variant_for_its_name() {
    let answer = json!({"internal": {"kind": 1, "text": "too long"}});
    assert_eq!(
        checked::<Untagged>(&answer),
        ["content.internal.text [length] must have at most 5 characters, has 8"]
    );
    assert_eq!(
        checked::<Buffered>(&answer),
        ["internal.kind [type] expected string, got number"]
    );
}

/// A key that is wider than those that have a pattern.
#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Wide<T>(T);

impl MapKey for Wide<u128> {
    const KEYS: Keys = Keys::Integer {
        minimum: 0,
        maximum: u128::MAX,
        pattern: "^[0-9]+$",
    };

    fn json(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.to_string())
    }
}

impl MapKey for Wide<i128> {
    const KEYS: Keys = Keys::Integer {
        minimum: i128::MIN,
        maximum: i128::MAX.unsigned_abs(),
        pattern: "^-?[0-9]+$",
    };

    fn json(&self) -> Cow<'_, str> {
        Cow::Owned(self.0.to_string())
    }
}

#[test]
fn integer_keys_may_have_128_bits() {
    for key in [
        "0",
        "-0",
        "00",
        "+1",
        " 1",
        "1 ",
        "1.0",
        "",
        "-",
        "-1",
        "170141183460469231731687303715884105727",
        "170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105728",
        "-170141183460469231731687303715884105729",
        "340282366920938463463374607431768211455",
        "340282366920938463463374607431768211456",
    ] {
        let value = json!({ key: 1 });
        checked::<BTreeMap<Wide<u128>, u8>>(&value);
        checked::<BTreeMap<Wide<i128>, u8>>(&value);
        checked::<BTreeMap<u64, u8>>(&value);
        checked::<BTreeMap<i64, u8>>(&value);
    }
}
