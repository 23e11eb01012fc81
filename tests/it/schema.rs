//! The schema texts: what they say, that OpenAI accepts the strict ones, and that serde agrees.

mod addresses;
mod agreement;
mod anything;
mod calendar;
mod constants;
mod formats;
mod generator;
mod limits;
mod names;
mod near_misses;
mod references;
mod rules;
mod shapes;
mod snapshots;
mod spellings;
mod tools;
mod zoo;

use expect_test::Expect;
use instructor::schema::Dialect;
use instructor::{ResponseModel, Schema};
use serde::Deserialize;
use serde_json::Value;

use crate::strict_schema::violations;

/// Compares the texts, and holds the strict one against OpenAI's rules.
fn check<T: ResponseModel>(standard: &Expect, openai_strict: &Expect) {
    standard.assert_eq(&lines(T::SCHEMA.standard()));
    let strict = T::SCHEMA
        .text(Dialect::OpenAiStrict)
        .expect("can be said strictly");
    openai_strict.assert_eq(&lines(strict));
    assert_legal(T::SCHEMA);
}

fn assert_legal(schema: &Schema) {
    let strict = schema
        .text(Dialect::OpenAiStrict)
        .expect("can be said strictly");
    assert_eq!(violations(&parse(strict)), Vec::<String>::new());
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema is JSON")
}

/// The text with a line for every property and definition.
fn lines(text: &str) -> String {
    parse(text);
    let mut lines = String::new();
    let (mut open, mut in_string, mut escaped) = (Vec::new(), false, false);
    for character in text.chars() {
        if !in_string && matches!(character, '}' | ']') {
            open.pop();
            if character == '}' && open.len() < 2 {
                new_line(&mut lines, open.len());
            }
        }
        lines.push(character);
        if character == '"' && !escaped {
            in_string = !in_string;
        }
        escaped = in_string && character == '\\' && !escaped;
        if in_string {
            continue;
        }
        if matches!(character, '{' | '[') {
            open.push(character);
        }
        if matches!(character, '{' | ',') && open.last() == Some(&'{') && open.len() <= 2 {
            new_line(&mut lines, open.len());
        }
    }
    lines
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    text.push_str(&"  ".repeat(depth));
}

/// How urgent it is.
#[derive(Debug, Deserialize, ResponseModel)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Priority {
    /// Can wait.
    Low,
    RightNow,
    /// Said in "quotes".
    #[serde(rename = "other!")]
    Other,
    #[serde(skip)]
    Internal,
}
