//! `#[validate(custom = ...)]` and `#[response_model(validate = ...)]`, through the wire.

use std::collections::HashMap;

use instructor::prelude::*;
use instructor::{Checks, Context, ErrorCode, Path, Reask};
use serde_json::{Value, json};

use crate::answers::openai;
use crate::models;
use crate::server::Server;

/// What an answer may quote.
struct Source(&'static str);

/// An answer with its proofs.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(validate = Answer::is_in_order)]
#[response_model(validate(has_a_quote_for_each_claim, use_context))]
struct Answer {
    #[response_model(validate(custom = not_blank))]
    text: String,
    #[response_model(validate(length(max = 3), each(custom(is_quoted, use_context))))]
    quotes: Vec<String>,
    #[response_model(validate(custom = is_even))]
    claims: Option<u8>,
    first: u8,
    last: u8,
}

fn not_blank(text: &str) -> Result<(), &'static str> {
    if text.trim().is_empty() {
        return Err("must not be blank");
    }
    Ok(())
}

fn is_quoted(quote: &String, context: &Context) -> Result<(), String> {
    match context.get::<Source>() {
        Some(source) if source.0.contains(quote.as_str()) => Ok(()),
        Some(_) => Err(format!("{quote:?} is not in the source: quote it exactly")),
        None => Err("there is no source to quote".to_owned()),
    }
}

fn is_even(number: &u8) -> Result<(), String> {
    if number.is_multiple_of(2) {
        Ok(())
    } else {
        Err(format!("{number} is odd"))
    }
}

fn has_a_quote_for_each_claim(answer: &Answer, context: &Context) -> Result<(), &'static str> {
    let is_proven = usize::from(answer.claims.unwrap_or(0)) <= answer.quotes.len();
    if context.get::<Source>().is_some() && !is_proven {
        return Err("there are more claims than quotes");
    }
    Ok(())
}

impl Answer {
    fn is_in_order(&self) -> Result<(), String> {
        if self.first <= self.last {
            return Ok(());
        }
        Err(format!("{} comes after {}", self.first, self.last))
    }
}

fn answer(
    text: &str,
    quotes: &[&str],
    claims: impl Into<Option<u8>>,
    first: u8,
    last: u8,
) -> Value {
    json!({"text": text, "quotes": quotes, "claims": claims.into(), "first": first, "last": last})
}

/// What is wrong with the first answer; the second one is right.
async fn faults_of(wrong: Value) -> (Vec<String>, String) {
    let right = answer("It is.", &["sky", "blue"], 2, 1, 2);
    let server = Server::start("openai custom rules", move |number, _| {
        openai::call("Answer", if number == 0 { &wrong } else { &right })
    })
    .await;
    let completion = models::openai(&server, 0)
        .create::<Answer>("Is the sky blue?")
        .extension(Source("the sky is blue"))
        .reask(Reask::Full)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value.text, "It is.");
    let errors = completion.attempts[0].errors.as_ref().unwrap();
    let listed = errors
        .iter()
        .map(|error| {
            let input = error.input.as_deref().unwrap_or("nothing");
            format!("{} [{}] {input}", error.path, error.code)
        })
        .collect();
    let reask = server.requests()[1].body["messages"][2]["content"].to_string();
    (listed, reask)
}

#[tokio::test]
async fn what_functions_find_is_told_with_its_place_and_input() {
    let wrong = answer(" ", &["sky", "green"], 3, 1, 2);
    let (faults, reask) = faults_of(wrong).await;
    assert_eq!(
        faults,
        [
            r#"text [custom] " ""#,
            r#"quotes[1] [custom] "green""#,
            "claims [custom] 3",
        ]
    );
    assert!(
        reask.contains("is not in the source: quote it exactly"),
        "{reask}"
    );
}

#[tokio::test]
async fn the_whole_is_checked_only_if_its_parts_are_right() {
    let wrong = answer("a", &["sky"], 2, 2, 1);
    let input = wrong.to_string();
    let (faults, reask) = faults_of(wrong).await;
    let expected = format!("$ [custom] {input}");
    assert_eq!(faults, [expected.clone(), expected]);
    assert!(reask.contains("2 comes after 1"), "{reask}");
    assert!(
        reask.contains("there are more claims than quotes"),
        "{reask}"
    );

    let (faults, _) = faults_of(answer("", &["sky"], 2, 2, 1)).await;
    assert_eq!(faults, [r#"text [custom] """#]);
}

#[tokio::test]
async fn functions_are_asked_beside_faults_of_type() {
    let mut wrong = answer("", &["green"], None, 1, 2);
    wrong["last"] = json!("two");
    let (faults, _) = faults_of(wrong).await;
    assert_eq!(
        faults,
        [
            r#"text [custom] """#,
            r#"quotes[0] [custom] "green""#,
            r#"last [type] "two""#,
        ]
    );
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
enum Shape {
    Circle {
        #[response_model(validate(custom = is_even))]
        radius: u8,
    },
    Named(Label),
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Label {
    #[response_model(validate(custom = not_blank))]
    label: Box<str>,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(validate = is_full)]
struct Pair<T> {
    #[response_model(validate(custom = Pair::any))]
    left: T,
    #[response_model(validate(values(custom = is_even), keys(custom = not_blank)))]
    right: HashMap<String, u8>,
}

impl<T> Pair<T> {
    fn any(_: &T) -> Result<(), String> {
        Ok(())
    }
}

fn is_full<T>(pair: &Pair<T>) -> Result<(), &'static str> {
    if pair.right.is_empty() {
        return Err("is empty");
    }
    Ok(())
}

/// The value of a `with` function is no JSON any more.
#[derive(Debug, Deserialize, ResponseModel)]
struct Converted {
    #[serde(deserialize_with = "halved")]
    #[response_model(schema_as = u16, validate(custom = is_even))]
    half: u8,
}

fn halved<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u16::deserialize(deserializer)?;
    Ok(u8::try_from(number / 2).unwrap_or(u8::MAX))
}

fn broken<T: ResponseModel + serde::de::DeserializeOwned>(text: &str) -> String {
    let value: T = serde_json::from_str(text).unwrap();
    let context = Context::new();
    let mut checks = Checks::new(&context);
    value.check_rules(&Path::ROOT, &mut checks);
    let errors = checks.into_errors();
    assert!(errors.iter().all(|error| error.code == ErrorCode::Custom));
    errors.to_string()
}

#[test]
fn functions_stand_wherever_rules_do() {
    let shape = broken::<Shape>;
    assert_eq!(
        shape(r#"{"kind": "Circle", "radius": 3}"#),
        "radius: 3 is odd"
    );
    assert_eq!(
        shape(r#"{"kind": "Named", "label": " "}"#),
        "label: must not be blank"
    );
    let pair = broken::<Pair<Label>>;
    let left = r#""left": {"label": "a"}"#;
    assert_eq!(
        pair(&format!(r#"{{{left}, "right": {{}}}}"#)),
        "$: is empty"
    );
    assert_eq!(
        pair(&format!(r#"{{{left}, "right": {{"": 1}}}}"#)),
        "right.: 1 is odd\nright.: must not be blank"
    );
    assert_eq!(broken::<Converted>(r#"{"half": 5}"#), "");
    assert_eq!(broken::<Converted>(r#"{"half": 6}"#), "half: 3 is odd");
}
