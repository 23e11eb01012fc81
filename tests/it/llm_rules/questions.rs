//! How often judges are asked: together, once for equal questions, and not at all for what is known.

use std::sync::Arc;
use std::time::Duration;

use instructor::prelude::*;
use instructor::{Attempt, Error, Reask, ValidatorCache, provider};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use super::{Lines, PROMPT, question, verdict};
use crate::answers::openai;
use crate::models::{self, CANARY};
use crate::server::{Reply, Server};

/// Eight judged fields.
#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Form {
    #[llm_validate("clear")]
    a: String,
    #[llm_validate("clear")]
    b: String,
    #[llm_validate("clear")]
    c: String,
    #[llm_validate("clear")]
    d: String,
    #[llm_validate("clear")]
    e: String,
    #[llm_validate("clear")]
    f: String,
    #[llm_validate("clear")]
    g: String,
    #[llm_validate("clear")]
    h: String,
}

fn form() -> Value {
    let fields = ["a", "b", "c", "d", "e", "f", "g", "h"];
    fields
        .into_iter()
        .map(|name| (name.to_owned(), json!(name)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// A server that holds back verdicts until `together` of them are waited for.
async fn gated(together: usize) -> Server {
    let barrier = Arc::new(Barrier::new(together));
    Server::start("openai together", move |_, request| {
        match request.response_model() {
            "Form" => openai::call("Form", &form()),
            _ => Reply::Together(Arc::clone(&barrier), Box::new(verdict(true, None))),
        }
    })
    .await
}

#[tokio::test]
async fn eight_values_are_judged_at_the_same_time() {
    let server = gated(8).await;
    let client = models::openai(&server, 0);
    // If they were judged one after another, the first would wait for ever.
    let create = client.create::<Form>(PROMPT);
    let completion = create
        .timeout(Duration::from_secs(60))
        .with_completion()
        .await
        .unwrap();
    assert_eq!(server.most_in_flight(), 8);
    assert_eq!(completion.attempts[0].validators.len(), 8);
    assert_eq!(completion.usage(), server.usage());
}

#[tokio::test]
async fn no_more_are_judged_at_the_same_time_than_the_client_says() {
    let server = gated(2).await;
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .validator_concurrency(2)
        .build()
        .unwrap();
    let create = client.create::<Form>(PROMPT);
    create.timeout(Duration::from_secs(60)).await.unwrap();
    assert_eq!(server.most_in_flight(), 2);
}

fn lines(texts: &[&str]) -> Value {
    let lines: Vec<Value> = texts.iter().map(|text| json!({ "text": text })).collect();
    json!({ "lines": lines })
}

fn validity(attempt: &Attempt) -> Vec<(&str, Option<bool>, bool, usize)> {
    let calls = attempt.validators.iter();
    calls
        .map(|call| {
            let path = call.path.as_str();
            (path, call.is_valid, call.is_cached, call.attempts.len())
        })
        .collect()
}

#[tokio::test]
async fn equal_values_of_an_answer_are_judged_once() {
    let server = Server::start("openai equal values", |_, request| {
        match request.response_model() {
            "Lines" => openai::call("Lines", &lines(&["x", "y", "x", "y", "x"])),
            _ => verdict(question(request)["candidate_value"] != "x", None),
        }
    })
    .await;
    let error = models::openai(&server, 0)
        .create::<Lines>(PROMPT)
        .max_retries(0)
        .await
        .unwrap_err();
    assert_eq!(
        server.requests().len(),
        3,
        "the answer, and a question each"
    );
    // All are told, in the order of the answer; who pays is the first of its kind.
    let expected = [
        ("lines[0].text", Some(false), false, 1),
        ("lines[1].text", Some(true), false, 1),
        ("lines[2].text", Some(false), true, 0),
        ("lines[3].text", Some(true), true, 0),
        ("lines[4].text", Some(false), true, 0),
    ];
    assert_eq!(validity(&error.attempts()[0]), expected);
    assert_eq!(error.validation_errors().unwrap().len(), 3);
    assert_eq!(error.usage(), server.usage());
}

#[tokio::test]
async fn what_stays_the_same_in_a_retry_is_not_judged_again() {
    let server = Server::start("openai equal values of a retry", |_, request| match request
        .response_model()
    {
        "Lines" => {
            let turns = request.body["messages"].as_array().unwrap().len();
            openai::call("Lines", &lines(&["x", if turns == 1 { "y" } else { "z" }]))
        }
        _ => verdict(question(request)["candidate_value"] != "y", None),
    })
    .await;
    let client = models::openai(&server, 0);
    let create = client.create::<Lines>(PROMPT).max_retries(1);
    let completion = create.reask(Reask::Full).with_completion().await.unwrap();
    assert_eq!(server.requests().len(), 2 + 3);
    let expected = [
        ("lines[0].text", Some(true), true, 0),
        ("lines[1].text", Some(true), false, 1),
    ];
    assert_eq!(validity(&completion.attempts[1]), expected);
    assert_eq!(completion.usage(), server.usage());
}

#[tokio::test]
async fn a_cached_verdict_is_not_asked_for_again() {
    let server = Server::start("openai cache", |_, request| {
        match request.response_model() {
            "Lines" => openai::call("Lines", &lines(&["x", "y"])),
            _ => verdict(question(request)["candidate_value"] != "x", None),
        }
    })
    .await;
    let cache = ValidatorCache::new(100);
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .validator_cache(cache.clone())
        .build()
        .unwrap();
    let mut paid = instructor::Usage::default();
    let mut calls = Vec::new();
    for _ in 0..2 {
        let create = client.create::<Lines>(PROMPT).max_retries(0);
        let error = create.await.unwrap_err();
        let errors = error.validation_errors().unwrap();
        assert_eq!(errors.to_string(), "lines[0].text: no (got \"x\")");
        paid += error.usage();
        calls.extend(error.attempts()[0].validators.clone());
    }
    assert_eq!(server.requests().len(), 2 + 2);
    let cached: Vec<bool> = calls.iter().map(|call| call.is_cached).collect();
    assert_eq!(cached, [false, false, true, true]);
    assert_eq!(calls[2].usage(), instructor::Usage::default());
    assert_eq!(paid, server.usage());
    assert_eq!(cache.len(), 2);

    // Another model is another judge, also with a cache of the call's own.
    let create = client.create::<Lines>(PROMPT).max_retries(0);
    create.validator("gpt-4o-mini").await.unwrap_err();
    assert_eq!(server.requests().len(), 4 + 3);
    let create = client.create::<Lines>(PROMPT).max_retries(0);
    let own = create.validator_cache(ValidatorCache::new(1));
    own.await.unwrap_err();
    assert_eq!(server.requests().len(), 7 + 3);
    assert!(!format!("{cache:?}").contains('x'), "{cache:?}");
}

#[tokio::test]
async fn a_judge_that_failed_is_asked_again() {
    let server = Server::start("openai failed verdict", |index, request| {
        match request.response_model() {
            "Lines" => openai::call("Lines", &lines(&["x"])),
            _ if index == 1 => openai::error(400, "invalid_request_error", "bad", "no"),
            _ => verdict(true, None),
        }
    })
    .await;
    let cache = ValidatorCache::new(100);
    let client = models::openai(&server, 0);
    let create = || {
        client
            .create::<Lines>(PROMPT)
            .validator_cache(cache.clone())
    };
    let error = create().await.unwrap_err();
    assert!(matches!(error, Error::Validator { .. }), "{error:?}");
    assert!(cache.is_empty());
    create().await.unwrap();
    assert_eq!(cache.len(), 1);
    assert_eq!(server.requests().len(), 4);
}

/// Lines that pass if nobody can judge them.
#[derive(Debug, Deserialize, ResponseModel)]
struct Draft {
    #[llm_validate("rhymes", each, on_error = accept)]
    lines: Vec<String>,
}

#[tokio::test]
async fn a_value_passes_without_a_verdict_if_its_rule_says_so() {
    let server = Server::start("openai accept", |_, request| {
        match request.response_model() {
            "Draft" => openai::call("Draft", &json!({"lines": ["x", "y", "x"]})),
            _ if question(request)["candidate_value"] == "x" => {
                openai::error(500, "server_error", "internal", "oops")
            }
            _ => verdict(true, None),
        }
    })
    .await;
    let client = models::openai(&server, 0);
    let create = client.create::<Draft>(PROMPT);
    let completion = create.with_completion().await.unwrap();
    assert_eq!(completion.value.lines, ["x", "y", "x"]);
    let judged = &completion.attempts[0].validators;
    let verdicts: Vec<_> = judged.iter().map(|call| call.is_valid).collect();
    assert_eq!(verdicts, [None, Some(true), None]);
    for call in [&judged[0], &judged[2]] {
        let failure = call.failure.as_ref().unwrap();
        assert_eq!(failure.kind, "api");
        assert!(failure.message.contains("oops"), "{failure:?}");
    }
    // What failed once in an answer is not asked again in it.
    assert_eq!(server.requests().len(), 3);
    assert_eq!(completion.usage(), server.usage());
}
