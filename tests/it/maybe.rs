//! `Maybe<T>` over both wires: what the model is told, and what each of its answers becomes.

use instructor::{ErrorCode, Maybe, ResponseModel};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::models::{self, Person};
use crate::server::{Reply, Server};

const PROMPT: &str = "The meeting is on Monday.";

/// Asks over both wires, with a reply for each attempt.
async fn asked(attempts: Vec<Value>) -> [(Maybe<Person>, Vec<Value>); 2] {
    let replies = |call: fn(&str, &Value) -> Reply| -> Vec<Reply> {
        let answers = attempts.iter();
        answers.map(|answer| call("Maybe_Person", answer)).collect()
    };
    let server = Server::script("openai maybe", replies(openai::call)).await;
    let client = models::openai(&server, 0);
    let first = client.create(PROMPT).await.unwrap();
    let first_sent = server.requests().into_iter().map(|request| request.body);

    let other = Server::script("anthropic maybe", replies(anthropic::call)).await;
    let client = models::anthropic(&other, 0);
    let second = client.create(PROMPT).await.unwrap();
    let second_sent = other.requests().into_iter().map(|request| request.body);
    [
        (first, first_sent.collect()),
        (second, second_sent.collect()),
    ]
}

#[tokio::test]
async fn what_is_not_there_is_said_with_its_reason() {
    let nobody = json!({"result": null, "error": true, "message": "nobody is named"});
    for (answer, sent) in asked(vec![nobody]).await {
        assert_eq!(sent.len(), 1);
        let error = answer.into_result().unwrap_err();
        assert_eq!(error.to_string(), "not found: nobody is named");
    }
}

#[tokio::test]
async fn a_result_is_the_value() {
    let found = json!({"result": {"name": "Ann", "age": 7}, "error": false, "message": null});
    for (answer, _) in asked(vec![found]).await {
        assert_eq!(answer.into_result().unwrap().name, "Ann");
    }
}

#[tokio::test]
async fn a_result_that_breaks_its_rules_is_asked_for_again() {
    let wrong = json!({"result": {"name": "", "age": 7}, "error": false, "message": null});
    let found = json!({"result": {"name": "Ann", "age": 7}, "error": false, "message": null});
    for (answer, sent) in asked(vec![wrong, found]).await {
        assert_eq!(answer.into_result().unwrap().name, "Ann");
        let reask = sent[1]["messages"].to_string();
        assert!(reask.contains("result.name: "), "{reask}");
    }
}

#[tokio::test]
async fn the_model_is_told_when_to_leave_the_result_out() {
    let nobody = json!({"result": null, "error": true, "message": null});
    let [(_, openai), (_, anthropic)] = asked(vec![nobody]).await;
    let told = Maybe::<Person>::SCHEMA.description;
    assert!(told.contains("do not make one up"), "{told}");
    // The documentation for people goes on where the model's ends.
    assert!(!told.contains("serde"), "{told}");
    let function = &openai[0]["tools"][0]["function"];
    assert_eq!(function["name"], "Maybe_Person");
    assert_eq!(function["description"], told);
    assert_eq!(function["strict"], true);
    assert_eq!(anthropic[0]["tools"][0]["description"], told);
}

#[tokio::test]
async fn any_type_may_be_absent() {
    let numbers = json!({"result": [1, 300], "error": false, "message": null});
    let server = Server::script(
        "maybe a list",
        vec![openai::call("Maybe_List_Integer", &numbers)],
    )
    .await;
    let client = models::openai(&server, 0);
    let asked = client.create::<Maybe<Vec<u8>>>(PROMPT).max_retries(0);
    let error = asked.await.unwrap_err();
    let errors = error.validation_errors().unwrap();
    let seen: Vec<_> = errors
        .iter()
        .map(|error| (error.path.as_str(), error.code))
        .collect();
    assert_eq!(seen, [("result[1]", ErrorCode::Range)]);
}
