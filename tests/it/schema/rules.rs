//! The rules as they are written, for people and for comparing versions of a type.

use std::collections::BTreeMap;

use instructor::ResponseModel;
use instructor::schema::WrittenRule;
use serde::Deserialize;

/// An order.
#[derive(Deserialize, ResponseModel)]
#[response_model(validate = Order::is_complete)]
#[llm_validate("the items belong together")]
#[allow(dead_code)]
struct Order {
    #[validate(pattern("^[A-Z]{2}$"), starts_with("D"), ends_with("E"))]
    #[validate(contains("\""), does_not_contain("x"), length(equal = 2))]
    country: String,
    #[validate(before = trimmed, email, custom = is_known, custom_async = is_new)]
    email: Option<String>,
    #[validate(range(exclusive_min = 0, max = 9.5), multiple_of(0.5))]
    weight: f64,
    #[validate(one_of(1, 2))]
    floor: u8,
    #[validate(one_of("a", "b"))]
    #[moderate]
    door: String,
    #[validate(length(min = 1), unique_items, each(url, length(max = 99)))]
    #[llm_validate("says \"please\"", each, allow_override)]
    notes: Vec<String>,
    #[validate(keys(uuid), values(ipv4))]
    hosts: BTreeMap<String, String>,
    #[llm_validate("is polite", model = "anthropic/claude-haiku-4-5", on_error = accept)]
    greeting: Greeting,
}

#[derive(Deserialize, ResponseModel)]
#[allow(dead_code)]
enum Greeting {
    Word(#[validate(length(max = 5))] String),
    Sentence {
        #[validate(ip)]
        from: String,
    },
}

impl Order {
    fn is_complete(&self) -> Result<(), String> {
        Ok(())
    }
}

fn trimmed(mut text: String) -> String {
    text.truncate(text.trim_end().len());
    text
}

fn is_known(_: &str) -> Result<(), String> {
    Ok(())
}

async fn is_new(_: &str) -> Result<(), String> {
    Ok(())
}

fn lines(rules: Vec<WrittenRule>) -> Vec<String> {
    let lines = rules.into_iter();
    lines
        .map(|rule| format!("{}: {}", rule.place, rule.text))
        .collect()
}

#[test]
fn rules_are_told_in_the_words_of_their_attributes() {
    assert_eq!(
        lines(Order::SCHEMA.written_rules()),
        [
            "Order: validate",
            r#"Order.country: pattern("^[A-Z]{2}$")"#,
            r#"Order.country: starts_with("D")"#,
            r#"Order.country: ends_with("E")"#,
            r#"Order.country: contains("\"")"#,
            r#"Order.country: does_not_contain("x")"#,
            "Order.country: length(equal = 2)",
            "Order.email: before",
            "Order.email: email",
            "Order.email: custom",
            "Order.email: custom_async",
            "Order.weight: range(max = 9.5, exclusive_min = 0)",
            "Order.weight: multiple_of(0.5)",
            "Order.floor: one_of(1, 2)",
            r#"Order.door: one_of("a", "b")"#,
            "Order.notes: length(min = 1)",
            "Order.notes: unique_items",
            "Order.notes: each(url, length(max = 99))",
            "Order.hosts: keys(uuid)",
            "Order.hosts: values(ipv4)",
            "Greeting: length(max = 5)",
            "Greeting.from: ip",
        ]
    );
}

#[test]
fn llm_rules_are_told_with_their_options() {
    assert_eq!(
        lines(Order::SCHEMA.written_llm_rules()),
        [
            r#"Order: llm_validate("the items belong together")"#,
            "Order.door: moderate",
            r#"Order.notes: llm_validate("says \"please\"", each, allow_override)"#,
            r#"Order.greeting: llm_validate("is polite", model = "anthropic/claude-haiku-4-5", on_error = accept)"#,
        ]
    );
}
