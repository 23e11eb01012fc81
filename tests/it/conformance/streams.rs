//! The shared cases about answers that arrive: partial values, and items of lists.

use std::time::Duration;

use instructor::prelude::*;
use instructor::{Error, Leniency, blocking};
use serde_json::{Value, json};

use super::{Case, P, cases};
use crate::events::{self, pieces};
use crate::models;
use crate::server::{Reply, Server};

#[derive(Debug, Deserialize, ResponseModel, serde::Serialize)]
struct Addr {
    street: String,
    #[validate(length(min = 5))]
    zip: String,
}

#[derive(Debug, Deserialize, ResponseModel, serde::Serialize)]
struct U {
    #[validate(length(min = 3))]
    name: String,
    #[validate(range(min = 0))]
    age: i64,
    addr: Addr,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    kids: Vec<Addr>,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Debug, Deserialize, ResponseModel, serde::Serialize)]
struct E {
    status: Status,
}

#[derive(Debug, Deserialize, ResponseModel, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Active,
    Inactive,
}

#[derive(Debug, Deserialize, ResponseModel, serde::Serialize)]
struct Node {
    v: i64,
    #[serde(default)]
    children: Vec<Node>,
}

#[derive(Debug, Deserialize, ResponseModel, serde::Serialize)]
struct Element {
    a: i64,
    #[serde(default)]
    s: String,
}

/// What a stream of this text leads to, and the partial value that was there last.
async fn streamed<T: ResponseModel>(
    text: &str,
    finish_reason: &str,
) -> (Option<Value>, Result<T, Error>)
where
    T::Partial: Send,
{
    let events = events::openai::said("content", &pieces(text, 3), finish_reason);
    let server = Server::script("conformance partial", vec![Reply::stream(events)]).await;
    let client = models::openai(&server, 0);
    let call = client.create::<T>("Who?").mode(Mode::JsonSchema);
    let mut stream = call.max_retries(0).stream();
    let outcome = stream.finish().await;
    let partial = stream.partial();
    (
        partial.map(|partial| serde_json::to_value(partial).unwrap()),
        outcome,
    )
}

/// What the case calls the partial value: `null` and defaults where nothing has come.
fn filled(partial: &Value) -> Value {
    let or = |value: &Value, key: &str, other: Value| value.get(key).cloned().unwrap_or(other);
    let addr = |value: &Value| json!({"street": or(value, "street", Value::Null), "zip": or(value, "zip", Value::Null)});
    let kids = partial["kids"].as_array().into_iter().flatten();
    json!({
        "name": or(partial, "name", Value::Null),
        "age": or(partial, "age", Value::Null),
        "addr": addr(&partial["addr"]),
        "tags": or(partial, "tags", json!([])),
        "kids": kids.map(addr).collect::<Value>(),
        "note": or(partial, "note", Value::Null),
    })
}

fn accepted<T: serde::Serialize>(case: &Case, outcome: Result<T, Error>) {
    let value = serde_json::to_value(outcome.unwrap()).unwrap();
    assert_eq!(value, case.expect["ok"], "{}", case.id);
}

#[tokio::test]
async fn partial() {
    let cases = cases("partial");
    assert_eq!(cases.len(), 14);
    for case in cases {
        let prefix = case.input["prefix"].as_str().unwrap_or_default();
        match case.id.as_str() {
            "partial-16" => accepted(&case, streamed::<E>(prefix, "stop").await.1),
            "partial-20" => accepted(&case, streamed::<Node>(prefix, "stop").await.1),
            "partial-17" => cut_off(&case).await,
            "partial-19" => shown_before_the_end(&case).await,
            id => {
                let (partial, outcome) = streamed::<U>(prefix, "stop").await;
                if case.expect.get("ok").is_some() {
                    accepted(&case, outcome);
                    continue;
                }
                let errors = outcome.unwrap_err();
                let errors = errors.validation_errors().unwrap().to_string();
                if let Some(expected) = case.expect.get("partial") {
                    assert!(errors.contains("cut off"), "{id}: {errors}");
                    assert_eq!(filled(&partial.unwrap()), *expected, "{id}");
                } else {
                    assert_eq!(case.expect["error"], "name too short", "{id}");
                    assert!(errors.starts_with("name: "), "{id}: {errors}");
                }
            }
        }
    }
}

async fn cut_off(case: &Case) {
    let text = case.input["stream_end"].as_str().unwrap();
    let reason = case.input["finish_reason"].as_str().unwrap();
    let (partial, outcome) = streamed::<P>(text, reason).await;
    assert!(
        matches!(outcome, Err(Error::Incomplete { .. })),
        "{outcome:?}"
    );
    assert_eq!(partial, Some(json!({"name": "Ada"})));
}

/// Without `async`, too.
async fn shown_before_the_end(case: &Case) {
    assert_eq!(case.input["delays"], "20 deltas 50 ms apart");
    let text = pieces(r#"{"name": "Ada Lovelace", "age": 36}"#, 2);
    assert_eq!(text.len(), 18);
    let reply = Reply::stream(events::openai::call("P", &text));
    let reply = reply.with_pause(Duration::from_millis(50));
    let server = Server::script("conformance early", vec![reply]).await;
    let client = models::openai(&server, 0);
    let first_item_before_end = tokio::task::spawn_blocking(move || {
        let client = blocking::Client::of(client).unwrap();
        let mut stream = client.create::<P>("Who?").stream();
        let first = stream.next().unwrap().expect("a part");
        let is_early = first.age.is_none();
        assert_eq!(stream.finish().unwrap().age, 36);
        is_early
    });
    let expected = &case.expect["first_item_before_end"];
    assert_eq!(first_item_before_end.await.unwrap(), *expected);
}

#[tokio::test]
async fn iterable() {
    let cases = cases("iterable");
    assert_eq!(cases.len(), 6);
    for case in cases {
        let Some(chunks) = case.input["chunks"].as_array() else {
            without_a_list(&case).await;
            continue;
        };
        let chunks = chunks
            .iter()
            .map(|chunk| chunk.as_str().unwrap().to_owned());
        let events = events::openai::text(&chunks.collect::<Vec<_>>());
        let server = Server::script("conformance iterable", vec![Reply::stream(events)]).await;
        let call = models::openai(&server, 0).create_items::<Element>("Which?");
        let mut items = call.mode(Mode::JsonSchema).stream();
        let mut seen = Vec::new();
        while let Some(item) = items.next().await {
            seen.push(match item {
                Ok(element) => serde_json::to_value(element).unwrap(),
                Err(Error::Item { errors, .. }) => {
                    assert_eq!(
                        errors.to_string(),
                        "tasks[0].a: expected integer, got string (got \"x\")"
                    );
                    json!({"error": "a: not an int"})
                }
                Err(other) => panic!("{}: {other:?}", case.id),
            });
        }
        assert_eq!(Value::from(seen), case.expect["items"], "{}", case.id);
        items.finish().await.unwrap();
        // A finished answer is read in the same way.
        let text: String = case.input["chunks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|chunk| chunk.as_str().unwrap())
            .collect();
        let reply = crate::answers::openai::text(&text);
        let server = Server::script("conformance list", vec![reply]).await;
        let call = models::openai(&server, 0)
            .create::<Vec<Element>>("Which?")
            .mode(Mode::JsonSchema);
        match call.max_retries(0).leniency(Leniency::Default).await {
            Ok(list) => assert_eq!(
                serde_json::to_value(list).unwrap(),
                case.expect["items"],
                "{}",
                case.id
            ),
            Err(error) => assert!(case.id == "iterable-07", "{}: {error}", case.id),
        }
    }
}

async fn without_a_list(case: &Case) {
    assert_eq!(case.expect["retry"], "missing 'tasks'");
    let reply = crate::answers::openai::raw_call(
        "IterableElement",
        case.input["non_stream_tool_args"].as_str().unwrap(),
    );
    let server = Server::script("conformance no list", vec![reply]).await;
    let call = models::openai(&server, 0)
        .create::<Vec<Element>>("Which?")
        .max_retries(0);
    let error = call.await.unwrap_err();
    let errors = error.validation_errors().unwrap().to_string();
    assert!(
        errors.starts_with("tasks: is required, but missing"),
        "{errors}"
    );
}
