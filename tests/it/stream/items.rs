//! The items of a list, each as it closes.

use futures_util::StreamExt;
use instructor::prelude::*;
use instructor::{Error, ItemStream};
use serde_json::{Value, json};

use super::PAUSE;
use crate::answers;
use crate::events::{self, pieces};
use crate::models::{EmailSubject, Person, openai};
use crate::server::{Reply, Server};

const PEOPLE: &str = r#"{"tasks": [{"name": "Ann", "age": 34}, {"name": "", "age": 1}, {"name": "Ben", "age": 25}]}"#;

fn streamed(text: &str) -> Reply {
    let events = events::openai::call("IterablePerson", &pieces(text, 8));
    Reply::stream(events).with_pause(PAUSE)
}

async fn all<T: ResponseModel>(
    mut items: ItemStream<T>,
) -> (Vec<Result<T, Error>>, instructor::ItemSummary) {
    let mut all = Vec::new();
    while let Some(item) = items.next().await {
        all.push(item);
    }
    (all, items.finish().await.unwrap())
}

fn names(items: &[Result<Person, Error>]) -> Vec<String> {
    let names = items.iter().map(|item| match item {
        Ok(person) => person.name.clone(),
        Err(Error::Item { index, errors, .. }) => format!("{index}: {errors}"),
        Err(other) => panic!("{other:?}"),
    });
    names.collect()
}

#[tokio::test]
async fn items_are_there_as_they_close() {
    // The rest never comes.
    let events = events::openai::begun_call("IterablePerson", &pieces(&PEOPLE[..80], 8));
    let server = Server::script("items early", vec![Reply::stream(events)]).await;
    let mut items = openai(&server, 0).create_items::<Person>("Who?").stream();
    assert_eq!(items.next().await.unwrap().unwrap().name, "Ann");
    let error = items.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Item { index: 1, .. }), "{error:?}");
    let error = items.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(items.next().await.is_none() && items.finish().await.is_err());
}

#[tokio::test]
async fn a_bad_item_is_an_error_of_its_own() {
    let server = Server::script("items", vec![streamed(PEOPLE)]).await;
    let (items, summary) = all(openai(&server, 0).create_items::<Person>("Who?").stream()).await;
    let told = names(&items);
    assert_eq!(told[0], "Ann");
    assert!(told[1].starts_with("1: tasks[1].name: "), "{}", told[1]);
    assert_eq!(told[2], "Ben");
    assert_eq!((summary.valid, summary.invalid), (2, 1));
    assert_eq!(summary.usage().total_tokens(), 174);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn bad_items_are_repaired_alone_at_the_end() {
    let patch = |request: &crate::server::Received| {
        let properties = &request.body["tools"][0]["function"]["parameters"]["properties"];
        let key = properties
            .as_object()
            .unwrap()
            .keys()
            .next()
            .unwrap()
            .clone();
        events::openai::call(request.response_model(), &[json!({key: "Eve"}).to_string()])
    };
    let server = Server::start("items repaired", move |index, request| match index {
        0 => streamed(PEOPLE),
        _ => Reply::stream(patch(request)),
    })
    .await;
    let call = openai(&server, 0).create_items::<Person>("Who?");
    let (items, summary) = all(call.repair_items(true).stream()).await;
    assert_eq!(names(&items), ["Ann", "Ben", "Eve"]);
    assert_eq!((summary.valid, summary.invalid), (3, 0));
    assert_eq!(summary.attempts.len(), 2);
    let again = server.requests()[1].body.to_string();
    assert!(
        !again.contains("Ben"),
        "the items that are right are not sent again: {again}"
    );
}

#[tokio::test]
async fn items_that_stay_wrong_are_told_at_the_end() {
    let server = Server::start("items unrepaired", |_, _| streamed(PEOPLE)).await;
    let call = openai(&server, 0).create_items::<Person>("Who?");
    let (items, summary) = all(call.repair_items(true).max_retries(1).stream()).await;
    let told = names(&items);
    assert_eq!(told[..2], ["Ann", "Ben"]);
    assert!(told[2].starts_with("1: tasks[1].name: "), "{told:?}");
    assert_eq!((summary.valid, summary.invalid), (2, 1));
}

#[tokio::test]
async fn a_list_that_is_cut_off_or_broken_is_not_taken_for_a_short_one() {
    for text in [
        r#"{"tasks": [{"name": "Ann", "age": 34}, {"name": "Ben", "age""#,
        r#"{"tasks": [{"name": "Ann", "age": 34},         oops, {"name": "Ben", "age": 25}]}"#,
    ] {
        let server = Server::start("items broken", |_, _| streamed(text)).await;
        let mut items = openai(&server, 0).create_items::<Person>("Who?").stream();
        assert_eq!(items.next().await.unwrap().unwrap().name, "Ann");
        let error = items.next().await.unwrap().unwrap_err();
        assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
        assert!(items.next().await.is_none() && items.finish().await.is_err());
    }
}

#[tokio::test]
async fn an_item_is_not_lost_with_a_repair_that_is_none() {
    let server = Server::start("items repair lost", |index, _| match index {
        0 => streamed(PEOPLE),
        _ => Reply::stream(events::openai::text(&pieces("I cannot do that.", 8))),
    })
    .await;
    let call = openai(&server, 0).create_items::<Person>("Who?");
    let mut items = call.repair_items(true).max_retries(1).stream();
    for name in ["Ann", "Ben"] {
        assert_eq!(items.next().await.unwrap().unwrap().name, name);
    }
    let error = items.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Item { index: 1, .. }), "{error:?}");
    let error = items.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
    assert!(items.finish().await.is_err());
}

#[tokio::test]
async fn an_item_that_was_held_back_is_told_though_a_later_list_leaves_it_out() {
    let shorter = r#"{"tasks": [{"name": "", "age": 34}]}"#;
    let server = Server::start("items shorter", |index, _| match index {
        0 => streamed(PEOPLE),
        _ => streamed(shorter),
    })
    .await;
    let call = openai(&server, 0).create_items::<Person>("Who?");
    let call = call.reask(instructor::Reask::Full);
    let mut items = call.repair_items(true).max_retries(1).stream();
    for name in ["Ann", "Ben"] {
        assert_eq!(items.next().await.unwrap().unwrap().name, name);
    }
    let error = items.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
}

#[tokio::test]
async fn an_item_that_was_not_judged_is_not_given() {
    let cut_off = r#"{"tasks": [{"recipient": "a", "subject": "Hi"}, {"recipient": "b", "#;
    let events = events::openai::call("IterableEmailSubject", &pieces(cut_off, 16));
    let server = Server::script("items unjudged", vec![Reply::stream(events)]).await;
    let call = openai(&server, 0).create_items::<EmailSubject>("Mails?");
    let mut items = call.max_retries(0).stream();
    let error = items.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
    assert!(items.next().await.is_none());
}

#[tokio::test]
async fn only_the_list_of_the_schema_has_items() {
    let text = r#"{"tags": [{"name": "no", "age": 1}], "tasks": [{"name": "Ann", "age": 3}]} [{"name": "no", "age": 2}]"#;
    let server = Server::script("items elsewhere", vec![streamed(text)]).await;
    let (items, _) = all(openai(&server, 0).create_items::<Person>("Who?").stream()).await;
    assert_eq!(names(&items), ["Ann"]);
}

#[tokio::test]
async fn lists_of_plain_values_have_items_too() {
    let text = r#"{"content": ["a", "b\n", "c"]}"#;
    let reply = Reply::stream(events::openai::call("Response", &pieces(text, 3)));
    let server = Server::script("items plain", vec![reply]).await;
    let items = openai(&server, 0)
        .create_items::<String>("Letters?")
        .stream();
    let items: Vec<_> = items.map(|item| item.unwrap()).collect().await;
    assert_eq!(items, ["a", "b\n", "c"]);
}

#[tokio::test]
async fn judged_items_come_once_they_are_judged() {
    let emails = json!({"tasks": [
        {"recipient": "a", "subject": "Hi"}, {"recipient": "b", "subject": "Spam"},
    ]})
    .to_string();
    let server = Server::start("items judged", move |index, request| {
        if index == 0 {
            let events = events::openai::call("IterableEmailSubject", &pieces(&emails, 16));
            return Reply::stream(events);
        }
        let is_valid = !request.body.to_string().contains("Spam");
        let reason: Value = if is_valid {
            Value::Null
        } else {
            "It is spam.".into()
        };
        let verdict = json!({"is_valid": is_valid, "reason": reason, "fixed_value": null});
        answers::openai::call(request.response_model(), &verdict)
    })
    .await;
    let items = openai(&server, 0)
        .create_items::<EmailSubject>("Mails?")
        .stream();
    let (items, summary) = all(items).await;
    assert_eq!(items.len(), 2, "{items:?}");
    assert_eq!(items[0].as_ref().unwrap().recipient, "a");
    assert!(
        matches!(&items[1], Err(Error::Item { index: 1, .. })),
        "{items:?}"
    );
    assert_eq!((summary.valid, summary.invalid), (1, 1));
}
