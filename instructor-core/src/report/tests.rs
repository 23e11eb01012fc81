use expect_test::{Expect, expect};
use serde_json::Value;

use crate::validate::{ErrorCode, ValidationError, ValidationErrors};

const ANSWER: &str = r#"{"title":"Plan","steps":[{"owner":"Ann"},{"owner":"","days":"3 or 4","notes":["a","b"]},{}],"tags":{"a.b":  {"x":1},
 "c":2},"budget":1.10,"kind":"large"}"#;

fn errors() -> ValidationErrors {
    let mut errors = ValidationErrors::new();
    for (path, code, message, input) in [
        (
            "$",
            ErrorCode::Deserialize,
            "the steps are \"Plan\"",
            Some("{}"),
        ),
        (
            "steps[1].owner",
            ErrorCode::Length,
            "must be at least 1 character, has 0",
            None,
        ),
        (
            "steps[1].days",
            ErrorCode::Type,
            "expected integer, got string",
            Some("\"3 or 4\""),
        ),
        ("steps[1].days", ErrorCode::Llm, "is \"3 or 4\"", None),
        (
            "steps[2].owner",
            ErrorCode::Missing,
            "is required, but missing",
            None,
        ),
        (
            "tags.a.b",
            ErrorCode::Type,
            "expected boolean, got object",
            None,
        ),
        ("budget", ErrorCode::Range, "must be at most 1", Some("1.1")),
    ] {
        let error = ValidationError::at(path.to_owned(), code, message);
        errors.push(match input {
            Some(input) => error.with_raw_input(input),
            None => error,
        });
    }
    errors
}

fn check(report: &super::Report<'_>, expected: &Expect) {
    expected.assert_eq(&report.to_string());
}

#[test]
fn faults_stand_under_what_they_are_about() {
    check(
        &errors().report(ANSWER),
        &expect![[r#"
        {
        ^ deserialize: the steps are "Plan"
          … 1 more
          "steps": [
            … 1 more
            {
              "owner": ""
                       ^^ length: must be at least 1 character, has 0
              "days": "3 or 4"
                      ^^^^^^^^ type: expected integer, got string
                               llm_validate: is "3 or 4"
              … 1 more
            }
            {
              "owner"
              ^^^^^^^ missing: is required, but missing
            }
          ]
          "tags": {
            "a.b": {"x":1}
                   ^^^^^^^ type: expected boolean, got object
            … 1 more
          }
          "budget": 1.10
                    ^^^^ range: must be at most 1
          … 1 more
        }"#]],
    );
}

#[test]
fn an_answer_in_a_fence_is_shown_too() {
    let error = ValidationError::at(
        "a".to_owned(),
        ErrorCode::Type,
        "expected integer, got null",
    );
    let fenced = "```json\n{\"a\": null,}\n```";
    check(
        &ValidationErrors::from(error).report(fenced),
        &expect![[r#"
            {
              "a": null
                   ^^^^ type: expected integer, got null
            }"#]],
    );
}

#[test]
fn an_answer_that_is_no_json_is_shown_as_it_is() {
    let error = crate::parse::json("Sorry,\n I {cannot", crate::leniency::Leniency::Strict);
    let errors = ValidationErrors::from(error.expect_err("no JSON"));
    check(
        &errors.report("Sorry,\n I {cannot"),
        &expect![[r#"
        Sorry, I {cannot
        ^^^^^^^^^^^^^^^^ json: expected value at line 1 column 1"#]],
    );
    check(
        &errors.redacted().report("Sorry,\n I {cannot"),
        &expect![[r#"
            <text>
            ^^^^^^ json: fails `json`"#]],
    );
}

#[test]
fn a_redacted_report_holds_keys_and_types_alone() {
    let errors = errors().redacted();
    check(
        &errors.report(ANSWER),
        &expect![[r#"
        {
        ^ deserialize: fails `deserialize`
          … 1 more
          "steps": [
            … 1 more
            {
              "owner": <string>
                       ^^^^^^^^ length: must be at least 1 character, has 0
              "days": <string>
                      ^^^^^^^^ type: expected integer, got string
                               llm_validate: fails `llm_validate`
              … 1 more
            }
            {
              "owner"
              ^^^^^^^ missing: is required, but missing
            }
          ]
          "tags": {
            "a.b": <object>
                   ^^^^^^^^ type: expected boolean, got object
            … 1 more
          }
          "budget": <number>
                    ^^^^^^^^ range: must be at most 1
          … 1 more
        }"#]],
    );
    for text in [
        errors.to_string(),
        errors.for_model().to_string(),
        format!("{errors:?}"),
    ] {
        assert!(!text.contains("3 or 4") && !text.contains("Plan"), "{text}");
    }
}

#[test]
fn long_values_are_cut() {
    let error = ValidationError::at("a[1]".to_owned(), ErrorCode::Length, "is too long");
    let answer = serde_json::json!({"a": [0, "é".repeat(500)]}).to_string();
    check(
        &ValidationErrors::from(error).report(&answer),
        &expect![[r#"
            {
              "a": [
                … 1 more
                "éééééééééééééééééééééééééééééééééééééééééééééééééééééééééé…
                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ length: is too long
              ]
            }"#]],
    );
}

#[test]
fn colours_are_there_if_asked_for() {
    let error = ValidationError::at("a".to_owned(), ErrorCode::Range, "must be at least 1");
    let errors = ValidationErrors::from(error);
    assert!(!errors.report("{\"a\":0}").to_string().contains('\u{1b}'));
    let colored = errors.report("{\"a\":0}").colored().to_string();
    assert!(colored.contains("\u{1b}[31m^ range"), "{colored:?}");
}

/// The words of an answer must not reach the terminal as commands.
#[test]
fn control_characters_are_not_printed() {
    let key = "a\u{1b}[2J";
    let answer = Value::from_iter([(key, "b\u{7}")]).to_string();
    let error = ValidationError::at(key.to_owned(), ErrorCode::Llm, "is\u{1b}[2J\nwrong");
    let shown = ValidationErrors::from(error).report(&answer).to_string();
    assert!(!shown.contains(['\u{1b}', '\u{7}']), "{shown:?}");
}

#[test]
fn a_path_that_leads_nowhere_is_shown_at_the_root() {
    let path = "a".repeat(3) + &".a".repeat(10_000);
    let answer = "{\"a\":".repeat(10_000) + "1" + &"}".repeat(10_000);
    for path in [path, "a[".to_owned(), String::new(), "é[0".to_owned()] {
        let error = ValidationError::at(path, ErrorCode::Type, "wrong");
        let shown = ValidationErrors::from(error).report(&answer).to_string();
        assert!(shown.contains("type: wrong"));
    }
}
