//! What people see in MLflow: its pages, in a real browser, after calls over the true wire.
//!
//! `cargo xtask test` starts MLflow and the browser's driver, and sets `INSTRUCTOR_TEST_MLFLOW_URI`, `INSTRUCTOR_TEST_CHROMEDRIVER`
//! and `INSTRUCTOR_TEST_CHROME`. Pictures of all pages go to the folder that `INSTRUCTOR_TEST_PICTURES` names, `target/test/pages`
//! there. `cargo xtask screenshots` makes those of the documentation in the same way.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that panics has failed, which is its purpose"
)]

#[path = "../it/answers.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod answers;
mod browser;
mod calls;
#[path = "../it/server.rs"]
#[allow(
    dead_code,
    reason = "shared with the tests of the wire, which use all of it"
)]
mod server;
#[path = "../it/strict_schema.rs"]
#[allow(dead_code, reason = "shared with the tests of the schemas")]
mod strict_schema;
mod visits;

use browser::Row;
use visits::{TracePage, visits};

/// The lines of a page's text, in this order, perhaps with others in between.
#[track_caller]
fn assert_shows(text: &str, lines: &[&str]) {
    let mut shown = text.lines().map(str::trim);
    for line in lines {
        assert!(
            shown.any(|shown| shown == *line),
            "no {line:?} (in this order: {lines:?}) in:\n{text}"
        );
    }
}

/// The places of the rows above that are not below another row in between: the parents of each row.
fn outline(tree: &[Row]) -> Vec<String> {
    let mut parents: Vec<&Row> = Vec::new();
    tree.iter()
        .map(|row| {
            parents.retain(|parent| row.is_below(parent));
            let line = format!("{}{}", "  ".repeat(parents.len()), row.name);
            parents.push(row);
            line
        })
        .collect()
}

fn email_has_two_attempts(page: &TracePage, chat: &str) {
    let chat = format!("chat {chat}");
    let judged = |lines: &mut Vec<String>| {
        lines.push(format!("  {chat}"));
        lines.push("  validate".to_owned());
        lines.push("    llm_validate subject".to_owned());
        lines.push(format!("      {chat}"));
        lines.push("      validate".to_owned());
    };
    let mut expected = vec!["create EmailSubject".to_owned()];
    judged(&mut expected);
    judged(&mut expected);
    assert_eq!(outline(&page.tree), expected);
}

#[test]
fn the_tree_shows_the_call_and_under_it_each_attempt() {
    let Some(visits) = visits() else { return };
    email_has_two_attempts(&visits.openai, "gpt-4o");
    email_has_two_attempts(&visits.anthropic, "claude-sonnet-4-5");
}

#[test]
fn the_failed_validation_is_red_and_nothing_else_is() {
    let Some(visits) = visits() else { return };
    for page in [&visits.openai, &visits.anthropic] {
        let red: Vec<usize> = (0..page.tree.len())
            .filter(|&place| page.tree[place].is_red())
            .collect();
        assert_eq!(red, [2], "{:?}", page.tree);
        assert_eq!(page.tree[2].name, "validate");
    }
}

#[test]
fn the_failed_validation_says_which_field_was_wrong_and_why() {
    let Some(visits) = visits() else { return };
    for page in [&visits.openai, &visits.anthropic] {
        let events = &page.span(2).events;
        for part in [
            "exception.message",
            &format!("subject: {}", calls::VERDICT),
            "instructor.path",
            calls::VAGUE,
        ] {
            assert!(events.contains(part), "{part:?} is not in:\n{events}");
        }
    }
}

#[test]
fn the_root_shows_the_prompt_and_the_typed_object() {
    let Some(visits) = visits() else { return };
    for page in [&visits.openai, &visits.anthropic] {
        assert_shows(
            &page.text,
            &[
                "Inputs",
                "User",
                calls::PROMPT,
                "Outputs",
                "recipient",
                "users@example.com",
                "subject",
                calls::GOOD,
            ],
        );
    }
}

#[test]
fn a_chat_shows_its_messages_and_the_call_of_the_tool() {
    let Some(visits) = visits() else { return };
    for page in [&visits.openai, &visits.anthropic] {
        assert_shows(
            &page.span(1).text,
            &[
                "Tools",
                "Inputs",
                "User",
                calls::PROMPT,
                "Outputs",
                "Assistant",
                "Tool calls",
                "EmailSubject",
                "subject",
                calls::VAGUE,
            ],
        );
    }
}

#[test]
fn a_retry_shows_what_the_model_was_told() {
    let Some(visits) = visits() else { return };
    let text = &visits.openai.span(6).text;
    let told = format!("Your answer was wrong: \"{}\"", calls::VAGUE);
    assert!(text.contains(&told), "{told:?} is not in:\n{text}");
    assert!(text.contains(calls::VERDICT), "{text}");
    assert_shows(text, &["Outputs", "Assistant", "Tool calls", calls::GOOD]);
}

#[test]
fn a_chat_shows_model_tokens_and_cost() {
    let Some(visits) = visits() else { return };
    for (page, model, tokens, cost) in [
        (&visits.openai, "gpt-4o-2024-08-06", "174", "$0.000535"),
        (&visits.anthropic, "claude-sonnet-4-5", "598", "$0.002144"),
    ] {
        let text = &page.span(1).text;
        assert_shows(text, &[&format!("{tokens} tokens"), cost]);
        assert!(text.contains(model), "{model} is not in:\n{text}");
        let row = &page.tree[1];
        assert_shows(&row.figures, &[tokens, cost]);
    }
}

#[test]
fn a_chat_shows_the_names_of_opentelemetry_too() {
    let Some(visits) = visits() else { return };
    assert_shows(
        &visits.openai.span(1).attributes,
        &[
            "gen_ai.operation.name",
            "chat",
            "gen_ai.provider.name",
            "openai",
        ],
    );
}

#[test]
fn the_head_of_a_trace_shows_state_and_all_its_tokens() {
    let Some(visits) = visits() else { return };
    assert_shows(&visits.openai.text, &["Success", "696 tokens"]);
    assert_shows(&visits.anthropic.text, &["Success", "2,392 tokens"]);
}

#[test]
fn a_call_without_a_valid_answer_is_an_error_and_says_why() {
    let Some(visits) = visits() else { return };
    let page = &visits.exhausted;
    assert_shows(&page.text, &["Error", "348 tokens"]);
    let red: Vec<&str> = page
        .tree
        .iter()
        .filter(|row| row.is_red())
        .map(|row| row.name.as_str())
        .collect();
    assert_eq!(red, ["create Invoice", "validate", "validate"]);
    assert!(
        page.text.contains("no valid answer after 2 attempts"),
        "{}",
        page.text
    );
}

#[test]
fn a_trace_shows_its_session() {
    let Some(visits) = visits() else { return };
    let page = &visits.session;
    assert_eq!(
        outline(&page.tree),
        [
            "answer_letter",
            "  create Letter",
            "    chat gpt-4o",
            "    validate"
        ]
    );
    assert_shows(&page.text, &[calls::SESSION, "Inputs", "letter", "Outputs"]);
}

#[test]
fn the_list_shows_prompt_answer_state_session_and_tokens() {
    let Some(visits) = visits() else { return };
    let rows: Vec<&str> = visits.list.lines().collect();
    let count = |text: &str| rows.iter().filter(|row| **row == text).count();
    assert_eq!(count(calls::PROMPT), 2, "{}", visits.list);
    assert_eq!(count(calls::SESSION), 3);
    assert_eq!((count("OK"), count("Error")), (5, 1));
    assert_eq!((count("696"), count("2392"), count("348")), (1, 1, 1));
    let answer = format!(
        r#"{{"recipient":"users@example.com","subject":"{}"}}"#,
        calls::GOOD
    );
    assert_eq!(count(&answer), 2);
}

#[test]
fn the_calls_of_a_session_are_one_group() {
    let Some(visits) = visits() else { return };
    let groups = visits.sessions.matches(calls::SESSION).count();
    assert_eq!(groups, 1, "{}", visits.sessions);
}
