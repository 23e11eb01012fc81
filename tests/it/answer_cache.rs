//! Answers that are kept, over the wire: what is not sent again, what it costs, and that it is checked all the same.

use instructor::prelude::*;
use instructor::{AnswerCache, Context, Dollars, Error};
use serde_json::{Value, json};

use crate::answers::openai;
use crate::events;
use crate::models::{self, EmailSubject, Person};
use crate::server::{Received, Reply, Server};

const PROMPT: &str = "Write the subject of an email to Bob.";

/// The first answer is wrong, the second is right; a judge takes everything.
fn script(_: usize, request: &Received) -> Reply {
    let subject = |subject: &str| json!({"recipient": "Bob", "subject": subject});
    match request.response_model() {
        "Verdict" => openai::call(
            "Verdict",
            &json!({"is_valid": true, "reason": null, "fixed_value": null}),
        ),
        "EmailSubject" => openai::call("EmailSubject", &subject(&"long ".repeat(20))),
        name => openai::call(name, &json!({"subject": "Lunch?"})),
    }
}

fn client(server: &Server, cache: &AnswerCache) -> Client {
    models::openai_with(server, |builder| builder.answer_cache(cache.clone()))
}

#[tokio::test]
async fn a_call_is_not_sent_again_with_its_retries_and_judges() {
    let server = Server::start("answer cache", script).await;
    let cache = AnswerCache::new(10);
    let client = client(&server, &cache);
    for number in 0..2 {
        let completion = client
            .create::<EmailSubject>(PROMPT)
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value.subject, "Lunch?");
        assert_eq!(completion.attempts.len(), 2);
        assert!(completion.attempts[0].errors.is_some());
        let is_again = number > 0;
        for attempt in &completion.attempts {
            assert_eq!(attempt.is_cached, is_again);
            assert!(attempt.wire_response.is_some());
        }
        assert_eq!(completion.usage().total_tokens() == 0, is_again);
        assert_eq!(
            completion.cost().unwrap().total() == Dollars::default(),
            is_again
        );
    }
    assert_eq!(server.requests().len(), 3, "two answers and a verdict");
    assert_eq!(cache.len(), 3);
    cache.clear();
    client.create::<EmailSubject>(PROMPT).await.unwrap();
    assert_eq!(server.requests().len(), 6);
}

/// A word that the caller knows.
#[derive(Debug, Deserialize, ResponseModel)]
struct Word {
    #[response_model(validate(custom(is_known, use_context)))]
    word: String,
}

struct Known(&'static str);

fn is_known(word: &str, context: &Context) -> Result<(), &'static str> {
    match context.get::<Known>() {
        Some(known) if known.0 == word => Ok(()),
        _ => Err("must be a known word"),
    }
}

#[tokio::test]
async fn what_is_kept_is_checked_again_and_failures_are_not_kept() {
    let server = Server::script(
        "answer cache context",
        vec![openai::call("Word", &json!({"word": "tea"}))],
    )
    .await;
    let cache = AnswerCache::new(10);
    let client = client(&server, &cache);
    let ask = |known| {
        let create = client.create::<Word>("Which word?").max_retries(0);
        create.extension(Known(known)).into_future()
    };
    assert!(matches!(ask("milk").await, Err(Error::Exhausted { .. })));
    assert!(cache.is_empty());
    assert_eq!(ask("tea").await.unwrap().word, "tea");
    assert_eq!((server.requests().len(), cache.len()), (2, 1));
    let error = ask("milk").await.unwrap_err();
    let wrong: Vec<Value> = error
        .validation_errors()
        .unwrap()
        .iter()
        .map(|error| json!(error.path))
        .collect();
    assert_eq!(wrong, [json!("word")]);
    assert_eq!(server.requests().len(), 2, "the kept answer was checked");
}

#[tokio::test]
async fn a_stream_is_not_sent_again() {
    let text = json!({"name": "Ann", "age": 34}).to_string();
    let reply = Reply::stream(events::openai::call("Person", &events::pieces(&text, 4)));
    let server = Server::script("answer cache stream", vec![reply]).await;
    let cache = AnswerCache::new(10);
    let client = client(&server, &cache);
    for is_again in [false, true] {
        let mut stream = client.create::<Person>(PROMPT).stream();
        let mut last = None;
        while let Some(person) = stream.next().await.unwrap() {
            last = person.name.clone();
        }
        assert_eq!(last.as_deref(), Some("Ann"), "it is shown, too");
        let completion = stream.finish_with_completion().await.unwrap();
        assert_eq!(completion.value.age, 34);
        assert_eq!(completion.attempts[0].is_cached, is_again);
        assert_eq!(completion.usage().total_tokens() == 0, is_again);
    }
    assert_eq!(server.requests().len(), 1);
}
