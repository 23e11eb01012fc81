//! What a call leaves behind, and how its builder may be used.

use instructor::prelude::*;
use serde_json::json;

use crate::answers::openai;
use crate::models::{self, Person};
use crate::server::{Reply, Server};

#[tokio::test]
async fn the_ledger_holds_both_bodies_of_every_attempt() {
    let replies = vec![
        openai::call("Person", &json!({"name": "Jason", "age": "old"})),
        openai::call("Person", &json!({"name": "Jason", "age": 25})),
    ];
    let server = Server::script("ledger bodies", replies).await;
    let completion = models::openai(&server, 0)
        .create::<Person>("Jason")
        .with_completion()
        .await
        .unwrap();
    let numbers: Vec<_> = completion
        .attempts
        .iter()
        .map(|attempt| attempt.number)
        .collect();
    assert_eq!(numbers, [1, 2]);
    for (attempt, request) in completion.attempts.iter().zip(server.requests()) {
        let sent: serde_json::Value = serde_json::from_slice(&attempt.wire_request).unwrap();
        assert_eq!(sent, request.body);
        assert!(attempt.wire_response.as_ref().unwrap().starts_with(b"{"));
        assert!(attempt.latency.as_nanos() > 0);
        assert_eq!(attempt.usage().total_tokens(), 174);
    }
    assert_eq!(
        completion.response().unwrap().model.as_deref(),
        Some("gpt-4o-2024-08-06")
    );
}

#[tokio::test]
async fn a_call_can_be_spawned() {
    let server = Server::script(
        "spawned",
        vec![openai::call("Person", &json!({"name": "Jason", "age": 25}))],
    )
    .await;
    let client = models::openai(&server, 0);
    let calls: Vec<_> = (0..8)
        .map(|_| tokio::spawn(client.create::<Person>("Jason").into_future()))
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap().unwrap().age, 25);
    }
}

#[test]
fn client_and_call_go_anywhere() {
    fn goes_anywhere<T: Send + 'static>() {}
    fn is_shared<T: Clone + Send + Sync + 'static>() {}
    is_shared::<Client>();
    goes_anywhere::<instructor::Create<Person>>();
    goes_anywhere::<instructor::Error>();
}

#[tokio::test]
async fn usage_that_the_provider_does_not_tell_is_not_zero() {
    let answer =
        json!({"choices": [{"message": {"content": "{\"name\": \"Jason\", \"age\": 25}"}}]});
    // As plain text, since no OpenAI server answers so; others do.
    let server = Server::script("no usage", vec![Reply::text(200, &answer.to_string())]).await;
    let completion = models::openai(&server, 0)
        .create::<Person>("Jason")
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.response().unwrap().usage, None);
    assert_eq!(completion.usage().total_tokens(), 0);
}
