//! `#[validate(before = ...)]` and `#[validate(custom_async = ...)]`, through the wire.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use instructor::prelude::*;
use instructor::{Completion, Context, ErrorCode, Leniency};
use serde_json::{Value, json};

use crate::answers::openai;
use crate::models;
use crate::server::Server;

/// A person to be invited.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
struct Guest {
    #[response_model(validate(before = trimmed, length(min = 1, max = 5)))]
    name: String,
    #[response_model(validate(before = trimmed, before = lowercase))]
    role: Role,
    #[response_model(validate(before = each_trimmed))]
    tags: Vec<String>,
    #[response_model(validate(before = trimmed))]
    nickname: Option<String>,
    #[response_model(validate(before = without_empty))]
    companions: Vec<Companion>,
}

#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
#[serde(rename_all = "lowercase")]
enum Role {
    Host,
    Speaker,
}

#[derive(Debug, PartialEq, Deserialize, serde::Serialize, ResponseModel)]
#[serde(tag = "kind")]
enum Companion {
    Person {
        #[response_model(validate(before = trimmed))]
        name: String,
    },
    Dog(#[response_model(validate(before = good))] Dog),
}

#[derive(Debug, PartialEq, Deserialize, serde::Serialize, ResponseModel)]
struct Dog {
    is_good: bool,
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the value is what it is given"
)]
fn trimmed(text: String) -> String {
    text.trim().to_owned()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the value is what it is given"
)]
fn lowercase(text: String) -> String {
    text.to_lowercase()
}

fn each_trimmed(texts: Vec<String>) -> Vec<String> {
    texts.into_iter().map(trimmed).collect()
}

/// Runs after the names are trimmed.
fn without_empty(companions: Vec<Companion>) -> Vec<Companion> {
    let is_named = |companion: &Companion| {
        *companion
            != Companion::Person {
                name: String::new(),
            }
    };
    companions.into_iter().filter(is_named).collect()
}

fn good(_: Dog) -> Dog {
    Dog { is_good: true }
}

fn sloppy() -> Value {
    json!({
        "name": "  Ann ",
        "role": " Speaker",
        "tags": ["a ", " b"],
        "nickname": null,
        "companions": [{"kind": "Person", "name": " "}, {"kind": "Dog", "is_good": false}, {"kind": "Person", "name": " Bo"}],
    })
}

fn meant() -> Guest {
    let bo = "Bo".to_owned();
    Guest {
        name: "Ann".to_owned(),
        role: Role::Speaker,
        tags: vec!["a".to_owned(), "b".to_owned()],
        nickname: None,
        companions: vec![
            Companion::Dog(Dog { is_good: true }),
            Companion::Person { name: bo },
        ],
    }
}

async fn guest(server: &Server, leniency: Leniency) -> Completion<Guest> {
    let create = models::openai(server, 0).create::<Guest>("Who comes?");
    let create = create.leniency(leniency).with_completion();
    create.await.unwrap()
}

#[tokio::test]
async fn values_are_put_into_shape_before_they_are_read_and_checked() {
    for leniency in [Leniency::Default, Leniency::Strict] {
        let server = Server::script("before", vec![openai::call("Guest", &sloppy())]).await;
        let completion = guest(&server, leniency).await;
        assert_eq!(completion.value, meant());
        assert_eq!(completion.attempts[0].corrections, []);
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_of_the_value_in_shape() {
    let mut wrong = sloppy();
    wrong["name"] = json!("  Annabel ");
    wrong["tags"] = json!("none");
    let replies = vec![
        openai::call("Guest", &wrong),
        openai::call("Guest", &sloppy()),
    ];
    let server = Server::script("before wrong", replies).await;
    let completion = guest(&server, Leniency::Strict).await;
    let errors = completion.attempts[0].errors.as_ref().unwrap();
    let told: Vec<_> = errors
        .iter()
        .map(|error| (error.path.as_str(), error.code, error.input.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("name", ErrorCode::Length, Some("\"Annabel\"")),
            ("tags", ErrorCode::Type, Some("\"none\"")),
        ]
    );
}

/// A shopping list without empty lines.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
struct Shopping {
    #[response_model(validate(before = without_empty_lines))]
    lines: Vec<Line>,
    /// Long enough that the whole is dearer.
    remark: String,
}

#[derive(Debug, PartialEq, Deserialize, serde::Serialize, ResponseModel)]
struct Line {
    article: String,
    #[response_model(validate(range(min = 1)))]
    quantity: u32,
}

fn without_empty_lines(mut lines: Vec<Line>) -> Vec<Line> {
    lines.retain(|line| !line.article.is_empty());
    lines
}

#[tokio::test]
async fn a_correction_is_put_where_the_value_stands_in_shape() {
    let line = |article: &str, quantity: u32| json!({"article": article, "quantity": quantity});
    let lines = json!([line("", 1), line("tea", 0), line("milk", 2)]);
    let answer = json!({"lines": lines, "remark": "r".repeat(500)});
    let server = Server::start("before and a patch", move |_, request| {
        match request.response_model() {
            "Shopping" => openai::call("Shopping", &answer),
            name => openai::call(name, &json!({"lines.0.quantity": 3})),
        }
    })
    .await;
    let client = models::openai(&server, 0);
    let shopping: Shopping = client.create("What do we need?").await.unwrap();
    let bought: Vec<_> = shopping
        .lines
        .iter()
        .map(|line| (line.article.as_str(), line.quantity))
        .collect();
    assert_eq!(bought, [("tea", 3), ("milk", 2)]);
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_strict_call_still_refuses_a_key_that_is_given_twice() {
    let twice = sloppy()
        .to_string()
        .replace("\"role\"", "\"name\":\"Bo\",\"role\"");
    let replies = vec![
        openai::raw_call("Guest", &twice),
        openai::call("Guest", &sloppy()),
    ];
    let server = Server::script("before twice", replies).await;
    let completion = guest(&server, Leniency::Strict).await;
    assert_eq!(completion.attempts.len(), 2);
}

/// A booking of two rooms.
#[derive(Debug, Clone, PartialEq, Deserialize, ResponseModel)]
struct Booking {
    #[response_model(validate(custom_async(is_free, use_context)))]
    room: String,
    #[response_model(validate(custom_async(is_free, use_context)))]
    other: Option<String>,
    #[response_model(validate(range(max = 9), custom_async = is_even))]
    guests: u8,
    #[llm_validate("friendly")]
    greeting: String,
}

/// The rooms that are taken, and those that were asked for.
#[derive(Clone, Default)]
struct Rooms {
    taken: HashSet<&'static str>,
    asked: Arc<Mutex<Vec<String>>>,
}

async fn is_free(room: &str, context: &Context) -> Result<(), String> {
    tokio::task::yield_now().await;
    let rooms = context.get::<Rooms>().ok_or("no rooms are known")?;
    rooms.asked.lock().unwrap().push(room.to_owned());
    if rooms.taken.contains(room) {
        return Err(format!("{room} is taken"));
    }
    Ok(())
}

async fn is_even(number: &u8) -> Result<(), &'static str> {
    if number.is_multiple_of(2) {
        Ok(())
    } else {
        Err("must be even")
    }
}

fn booking(room: &str, other: Option<&str>, guests: u8) -> Value {
    json!({"room": room, "other": other, "guests": guests, "greeting": "hello"})
}

#[tokio::test]
async fn asynchronous_functions_run_after_the_other_rules_and_before_the_judges() {
    let answers = [
        booking("A1", None, 11),
        booking("A1", Some("B2"), 3),
        booking("C3", None, 2),
    ];
    let server = Server::start("custom_async", move |_, request| {
        if request.response_model() == "Verdict" {
            let verdict = json!({"is_valid": true, "reason": null, "fixed_value": null});
            return openai::call("Verdict", &verdict);
        }
        let told = request.body["messages"].to_string();
        let number = if told.contains("is taken") {
            2
        } else {
            usize::from(told.contains("at most 9"))
        };
        openai::call("Booking", &answers[number])
    })
    .await;
    let rooms = Rooms {
        taken: HashSet::from(["A1", "B2"]),
        ..Rooms::default()
    };
    let completion = models::openai(&server, 0)
        .create::<Booking>("Two rooms.")
        .extension(rooms.clone())
        .reask(instructor::Reask::Full)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value.room, "C3");
    let told: Vec<Vec<_>> = completion
        .attempts
        .iter()
        .map(|attempt| {
            let errors = attempt.errors.iter().flatten();
            errors
                .map(|error| format!("{} [{}] {}", error.path, error.code, error.message))
                .collect()
        })
        .collect();
    assert_eq!(
        told,
        [
            vec!["guests [range] must be at most 9".to_owned()],
            vec![
                "room [custom] A1 is taken".to_owned(),
                "other [custom] B2 is taken".to_owned(),
                "guests [custom] must be even".to_owned(),
            ],
            vec![],
        ]
    );
    let judged: Vec<_> = completion
        .attempts
        .iter()
        .map(|attempt| attempt.validators.len())
        .collect();
    assert_eq!(judged, [0, 0, 1]);
    // What broke a rule that costs nothing was not looked up, and what is not there is nothing to look up.
    let mut asked = rooms.asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(asked, ["A1", "B2", "C3"]);
}
