//! What LLM rules judge, and where it is found.

use std::collections::BTreeMap;

use instructor_derive::ResponseModel;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::ResponseModel;
use crate::inspect::llm_targets;
use crate::schema::Criterion;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[allow(dead_code)]
struct Letter {
    #[llm_validate("friendly")]
    #[llm_validate("short", model = "gpt-4o-mini", allow_override)]
    greeting: String,
    #[llm_validate("a real place")]
    place: Option<String>,
    #[serde(default, rename = "p/s~")]
    #[llm_validate("no new facts")]
    postscripts: Vec<Letter>,
    #[serde(default)]
    copies: BTreeMap<String, Letter>,
}

fn targets<T: ResponseModel>(value: &Value) -> Vec<String> {
    llm_targets(T::SCHEMA, value)
        .iter()
        .map(|target| {
            assert_eq!(value.pointer(&target.pointer), Some(&target.value));
            let Criterion::Statement(statement) = target.rule.criterion else {
                panic!("{:?}", target.rule)
            };
            format!("{} {} {statement}", target.path, target.pointer)
        })
        .collect()
}

#[test]
fn every_judged_value_is_found_and_null_is_not_judged() {
    let value = json!({
        "greeting": "Hi",
        "place": null,
        "p/s~": [{"greeting": "Bye", "place": "Rome"}],
        "copies": {"a.b": {"greeting": "Yo"}},
    });
    let expected = [
        "greeting /greeting friendly",
        "greeting /greeting short",
        "p/s~ /p~1s~0 no new facts",
        "p/s~[0].greeting /p~1s~0/0/greeting friendly",
        "p/s~[0].greeting /p~1s~0/0/greeting short",
        "p/s~[0].place /p~1s~0/0/place a real place",
        "copies.a.b.greeting /copies/a.b/greeting friendly",
        "copies.a.b.greeting /copies/a.b/greeting short",
    ];
    assert_eq!(targets::<Letter>(&value), expected);
}

#[test]
fn the_rule_of_a_target_is_complete() {
    let value = json!({"greeting": "Hi"});
    let targets = llm_targets(Letter::SCHEMA, &value);
    let [friendly, short] = targets.as_slice() else {
        panic!("two rules judge the greeting");
    };
    assert_eq!(
        (friendly.rule.model, friendly.rule.allow_override),
        (None, false)
    );
    assert_eq!(
        (short.rule.model, short.rule.allow_override),
        (Some("gpt-4o-mini"), true)
    );
}

#[test]
fn an_answer_written_as_an_array_does_not_escape_its_judges() {
    let value = json!(["Hi", "Rome"]);
    serde_json::from_value::<Letter>(json!(["Hi", "Rome", [], {}])).expect("serde reads it");
    let expected = [
        "greeting /0 friendly",
        "greeting /0 short",
        "place /1 a real place",
    ];
    assert_eq!(targets::<Letter>(&value), expected);
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(crate = crate)]
#[llm_validate("agrees with itself")]
#[allow(dead_code)]
struct Report {
    #[llm_validate("one sentence", each)]
    findings: Vec<Option<String>>,
    #[llm_validate("a fact", each)]
    notes: Option<BTreeMap<String, String>>,
    #[serde(default)]
    parts: Vec<Report>,
}

#[test]
fn rules_of_types_judge_the_whole_value_and_rules_of_each_its_items() {
    let value = json!({
        "findings": ["a", null, "b"],
        "notes": {"x": "c"},
        "parts": [{"findings": [], "notes": null}],
    });
    let expected = [
        "$  agrees with itself",
        "findings[0] /findings/0 one sentence",
        "findings[2] /findings/2 one sentence",
        "notes.x /notes/x a fact",
        "parts[0] /parts/0 agrees with itself",
    ];
    assert_eq!(targets::<Report>(&value), expected);
    let wrapped = json!({"tasks": [value["parts"][0]]});
    assert_eq!(
        targets::<Vec<Report>>(&wrapped),
        ["tasks[0] /tasks/0 agrees with itself"]
    );
}
