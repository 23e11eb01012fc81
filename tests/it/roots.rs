//! Answers that are no struct: wrapped on the wire, unwrapped in Rust.

use std::collections::BTreeMap;

use instructor::prelude::*;
use instructor::{Error, ErrorCode, ResponseModel};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::models::{self, Person};
use crate::server::Server;

const PROMPT: &str = "Say it.";

#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
#[serde(rename_all = "lowercase")]
enum Sentiment {
    Positive,
    Negative,
}

#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
enum Shape {
    Circle { radius: f64 },
    Square(f64),
}

/// Asks for a `T` over both wires, answers with `content`, and looks at what was sent.
async fn answered<T: ResponseModel + PartialEq + std::fmt::Debug>(content: Value, expected: T) {
    let key = T::SCHEMA.wrapper.expect("is wrapped");
    let answer = json!({ key: content });
    let server = Server::script("openai root", vec![openai::call(T::SCHEMA.name, &answer)]).await;
    let value: T = models::openai(&server, 0).create(PROMPT).await.unwrap();
    assert_eq!(value, expected);
    let parameters = &server.requests()[0].body["tools"][0]["function"]["parameters"];
    assert_eq!(parameters["type"], "object");
    assert_eq!(parameters["required"], json!([key]));

    let server = Server::script(
        "anthropic root",
        vec![anthropic::call(T::SCHEMA.name, &answer)],
    )
    .await;
    let value: T = models::anthropic(&server, 0).create(PROMPT).await.unwrap();
    assert_eq!(value, expected);
}

#[tokio::test]
async fn plain_values() {
    answered(json!(true), true).await;
    answered(json!(-3), -3_i64).await;
    answered(json!("text"), "text".to_owned()).await;
    answered(json!(0.5), 0.5_f64).await;
}

#[tokio::test]
async fn enums() {
    answered(json!("negative"), Sentiment::Negative).await;
    answered(json!({"Square": 2.0}), Shape::Square(2.0)).await;
    answered(
        json!({"Circle": {"radius": 1.5}}),
        Shape::Circle { radius: 1.5 },
    )
    .await;
}

#[tokio::test]
async fn lists_options_tuples_and_maps() {
    let ann = Person {
        name: "Ann".to_owned(),
        age: 7,
    };
    answered(json!([1, 2]), vec![1, 2]).await;
    answered(json!([]), Vec::<String>::new()).await;
    answered(json!([{"name": "Ann", "age": 7}]), vec![ann.clone()]).await;
    answered(json!({"name": "Ann", "age": 7}), Some(ann)).await;
    answered(json!(null), None::<Person>).await;
    answered(json!(["a", 1]), ("a".to_owned(), 1_u8)).await;
    answered(json!({"a": 1}), BTreeMap::from([("a".to_owned(), 1_u8)])).await;
}

#[tokio::test]
async fn a_list_of_structs_is_named_after_them() {
    let answer = json!({"tasks": [{"name": "Ann", "age": 7}]});
    let server = Server::script("openai list", vec![openai::call("IterablePerson", &answer)]).await;
    let people: Vec<Person> = models::openai(&server, 0).create(PROMPT).await.unwrap();
    assert_eq!(people.len(), 1);
    let function = &server.requests()[0].body["tools"][0]["function"];
    assert_eq!(function["name"], "IterablePerson");
    assert_eq!(
        function["description"],
        "Correctly segmented list of `Person` tasks"
    );
}

/// A list that is not where it belongs is asked for again; it is no empty list.
#[tokio::test]
async fn a_list_of_another_shape_is_an_error() {
    for wrong in [
        json!({}),
        json!({"tasks": [1, 2]}),
        json!({"content": null}),
        json!({"content": {"a": 1}}),
        json!({"content": "[1, 2]"}),
    ] {
        let replies = vec![
            openai::call("Response", &wrong),
            openai::call("Response", &json!({"content": [1, 2]})),
        ];
        let server = Server::script("openai wrong list", replies).await;
        let completion = models::openai(&server, 0)
            .create::<Vec<i64>>(PROMPT)
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value, [1, 2]);
        assert_eq!(completion.attempts.len(), 2, "{wrong}");
    }
}

/// A list without the key around it can be meant in one way only.
#[tokio::test]
async fn a_bare_list_is_read() {
    for (answer, corrections) in [(json!([1, 2]), 1), (json!([1, "2"]), 2)] {
        let replies = vec![openai::call("Response", &answer)];
        let server = Server::script("openai bare list", replies).await;
        let completion = models::openai(&server, 0)
            .create::<Vec<i64>>(PROMPT)
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value, [1, 2]);
        let noted = &completion.attempts[0].corrections;
        assert_eq!(noted.len(), corrections, "{noted:?}");
        assert_eq!(noted[0].kind.as_str(), "bare_list");
    }
}

#[tokio::test]
async fn faults_are_told_with_the_key_around_the_answer() {
    let wrong = json!({"tasks": [{"name": "", "age": 7}, {"name": "Bob", "age": "x"}]});
    let server = Server::start("openai list faults", move |_, _| {
        openai::call("IterablePerson", &wrong)
    })
    .await;
    let error = models::openai(&server, 0)
        .create::<Vec<Person>>(PROMPT)
        .max_retries(0)
        .await
        .unwrap_err();
    let Error::Exhausted { attempts, .. } = error else {
        panic!("{error}")
    };
    let errors = attempts[0].errors.as_ref().unwrap();
    let seen: Vec<_> = errors
        .iter()
        .map(|error| (error.path.as_str(), error.code))
        .collect();
    assert_eq!(
        seen,
        [
            ("tasks[0].name", ErrorCode::Length),
            ("tasks[1].age", ErrorCode::Type),
        ]
    );
}
