//! What hooks are told, in which order, and that they cannot break a call.

use std::sync::{Arc, Mutex};

use instructor::hooks::RetryCause;
use instructor::prelude::*;
use instructor::{Error, Hooks, provider};
use serde_json::{Value, json};

use crate::answers::openai;
use crate::models::{self, CANARY, EmailSubject, Person};
use crate::server::{Reply, Server};

fn jason(age: impl Into<Value>) -> Reply {
    openai::call("Person", &json!({"name": "Jason", "age": age.into()}))
}

/// What was told, in order.
#[derive(Clone, Default)]
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    /// Put before each line.
    name: &'static str,
}

impl Log {
    fn named(&self, name: &'static str) -> Log {
        let lines = Arc::clone(&self.lines);
        Log { lines, name }
    }

    fn push(&self, line: &str) {
        let line = format!("{}{line}", self.name);
        self.lines.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.lines.lock().unwrap())
    }

    /// Hooks that write down everything.
    fn hooks(&self) -> Hooks {
        let logs: [Log; 7] = std::array::from_fn(|_| self.clone());
        let [request, response, usage, invalid, retry, error, finish] = logs;
        Hooks::new()
            .on_request(move |event| {
                let body: Value = serde_json::from_slice(&event.attempt.wire_request).unwrap();
                let turns = body["messages"].as_array().unwrap().len();
                let (number, most) = (event.attempt.number, event.max_attempts);
                let last = event.is_last_attempt();
                request.push(&format!(
                    "request {number}/{most} last={last} turns={turns}"
                ));
            })
            .on_response(move |event| {
                let model = event.response.model.as_deref().unwrap();
                response.push(&format!("response {} {model}", event.attempt.number));
            })
            .on_usage(move |event| {
                let cost = event.cost().unwrap();
                usage.push(&format!("usage {} {cost}", event.usage.total_tokens()));
            })
            .on_parse_error(move |event| {
                let (number, last) = (event.attempt.number, event.is_last_attempt());
                let paths: Vec<_> = event.errors.iter().map(|fault| &*fault.path).collect();
                invalid.push(&format!("parse error {number} last={last}: {paths:?}"));
            })
            .on_retry(move |event| {
                let cause = match event.cause {
                    RetryCause::Invalid(errors) => format!("{} faults", errors.len()),
                    RetryCause::Api(error) => format!("status {}", error.status.as_u16()),
                    other => format!("{other:?}"),
                };
                retry.push(&format!("retry after {}: {cause}", event.attempt.number));
            })
            .on_error(move |event| {
                let (kind, attempts) = (event.error.kind(), event.error.attempts().len());
                error.push(&format!("error {kind} {attempts}"));
            })
            .on_finish(move |event| {
                assert!(!event.elapsed.is_zero());
                assert_eq!(&*event.request.model, "gpt-4o");
                let (tokens, failed) = (event.usage().total_tokens(), event.error.is_some());
                let attempts = event.attempts.len();
                finish.push(&format!("finish {attempts} {tokens} failed={failed}"));
            })
    }
}

#[tokio::test]
async fn every_step_of_a_call_is_told_in_order() {
    let log = Log::default();
    let overloaded = openai::error(503, "server_error", "overloaded", "try later");
    let replies = vec![overloaded, jason("old"), jason(25)];
    let server = Server::script("hooks in order", replies).await;
    models::openai(&server, 1)
        .create::<Person>("Jason")
        .max_retries(1)
        .hooks(log.hooks())
        .await
        .unwrap();
    assert_eq!(
        log.take(),
        [
            "request 1/2 last=false turns=1",
            "retry after 1: status 503",
            "response 1 gpt-4o-2024-08-06",
            "usage 174 $0.000535",
            "parse error 1 last=false: [\"age\"]",
            "retry after 1: 1 faults",
            "request 2/2 last=true turns=2",
            "response 2 gpt-4o-2024-08-06",
            "usage 174 $0.000535",
            "finish 2 348 failed=false",
        ]
    );
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_failed_call_tells_the_error_that_the_caller_gets() {
    let log = Log::default();
    let server = Server::script("hooks exhausted", vec![jason("old")]).await;
    let create = || {
        models::openai(&server, 0)
            .create::<Person>("Jason")
            .max_retries(0)
    };
    create().hooks(log.hooks()).await.unwrap_err();
    let told = log.take();
    assert!(told[3].starts_with("parse error 1 last=true"), "{told:?}");
    assert_eq!(told[4..], ["error exhausted 1", "finish 1 174 failed=true"]);

    let key = openai::error(
        401,
        "invalid_request_error",
        "invalid_api_key",
        "no such key",
    );
    let server = Server::script("hooks unauthorized", vec![key]).await;
    let create = models::openai(&server, 2).create::<Person>("Jason");
    create.hooks(log.hooks()).await.unwrap_err();
    assert_eq!(
        log.take(),
        [
            "request 1/4 last=false turns=1",
            "error api 1",
            "finish 1 0 failed=true"
        ]
    );
}

#[tokio::test]
async fn the_hooks_of_the_client_run_before_those_of_the_call() {
    let log = Log::default();
    let server = Server::script("hooks of both", vec![jason(25)]).await;
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .hooks(log.named("client: ").hooks())
        .build()
        .unwrap();
    let create = client
        .create::<Person>("Jason")
        .hooks(log.named("call: ").hooks());
    let own = log.clone();
    create
        .on_response(move |_| own.push("call again"))
        .await
        .unwrap();
    let told = log.take();
    let sources: Vec<_> = told
        .iter()
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(
        sources,
        [
            "client",
            "call",
            "client",
            "call",
            "call again",
            "client",
            "call",
            "client",
            "call"
        ],
        "{told:?}"
    );

    // What one call was given is not told of the next.
    client.create::<Person>("Jason").await.unwrap();
    assert!(log.take().iter().all(|line| line.starts_with("client: ")));
}

#[tokio::test]
async fn the_requests_of_judges_tell_no_hooks_and_are_counted_at_the_end() {
    let log = Log::default();
    let email = json!({"recipient": "bob@example.com", "subject": "Q3 launch"});
    let verdict = json!({"is_valid": true, "reason": null, "fixed_value": null});
    let replies = vec![
        openai::call("EmailSubject", &email),
        openai::call("Verdict", &verdict),
    ];
    let server = Server::script("hooks and judges", replies).await;
    models::openai(&server, 0)
        .create::<EmailSubject>("Write a subject")
        .hooks(log.hooks())
        .await
        .unwrap();
    let told = log.take();
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[3], "finish 1 348 failed=false");
}

#[tokio::test]
async fn a_panicking_hook_breaks_nothing_and_stops_no_other() {
    let log = Log::default();
    let server = Server::script("hooks panic", vec![jason("old"), jason(25)]).await;
    let panicking = Hooks::new()
        .on_request(|_| panic!("on request"))
        .on_response(|_| panic!("on response"))
        .on_usage(|_| panic!("on usage"))
        .on_parse_error(|_| panic!("on parse error"))
        .on_retry(|_| panic!("on retry"))
        .on_error(|_| panic!("on error"))
        .on_finish(|_| panic!("on finish"));
    let create = || {
        let create = models::openai(&server, 0)
            .create::<Person>("Jason")
            .max_retries(1);
        create.hooks(panicking.clone()).hooks(log.hooks())
    };
    assert_eq!(create().await.unwrap().age, 25);
    assert_eq!(log.take().len(), 9);

    let server = Server::script("hooks panic too", vec![jason("old")]).await;
    let create = models::openai(&server, 0)
        .create::<Person>("Jason")
        .max_retries(0);
    let error = create.hooks(panicking.clone()).await.unwrap_err();
    assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
}

#[tokio::test]
async fn no_event_shows_the_key() {
    let seen = Log::default();
    let logs: [Log; 7] = std::array::from_fn(|_| seen.clone());
    let [request, response, usage, invalid, retry, error, finish] = logs;
    let hooks = Hooks::new()
        .on_request(move |event| request.push(&format!("{event:#?}")))
        .on_response(move |event| response.push(&format!("{event:#?}")))
        .on_usage(move |event| usage.push(&format!("{event:#?}")))
        .on_parse_error(move |event| invalid.push(&format!("{event:#?}")))
        .on_retry(move |event| retry.push(&format!("{event:#?}")))
        .on_error(move |event| error.push(&format!("{event:#?}")))
        .on_finish(move |event| finish.push(&format!("{event:#?}")));
    // A server that echoes the key wherever it can.
    let wrong = openai::call("Person", &json!({"name": CANARY, "age": CANARY}));
    let echo = openai::error(500, CANARY, CANARY, CANARY);
    let server = Server::script("hooks and the key", vec![wrong, echo]).await;
    let create = models::openai(&server, 1).create::<Person>("Jason");
    create.hooks(hooks).await.unwrap_err();
    let seen = seen.take();
    assert_eq!(seen.len(), 9, "{seen:#?}");
    for event in seen {
        assert!(!event.contains(CANARY), "{event}");
    }
}
