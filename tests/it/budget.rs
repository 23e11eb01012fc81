//! What a call may spend: how many requests are sent, and what the error says.

use std::sync::Arc;
use std::time::{Duration, Instant};

use instructor::prelude::*;
use instructor::{Budget, Dollars, Error, Provider, Usage, provider};
use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::answers::openai;
use crate::models::{self, EmailSubject, Person};
use crate::server::{Reply, Server};

fn wrong() -> Reply {
    openai::call("Person", &json!({"name": "Jason", "age": "old"}))
}

/// A server that never gives a valid answer, but always another one, and what it says each answer used and cost.
async fn stubborn(test: &'static str) -> Server {
    Server::start(test, |index, _| {
        let age = format!("about {index}");
        openai::call("Person", &json!({"name": "Jason", "age": age}))
    })
    .await
}

const TOKENS: u64 = 174;
const COST: f64 = 0.000_535;

fn dollars(amount: f64) -> Dollars {
    Dollars::try_from(amount).unwrap()
}

#[track_caller]
fn exceeded(error: &Error) -> Budget {
    match error {
        Error::BudgetExceeded { budget, .. } => *budget,
        _ => panic!("{error:?}"),
    }
}

#[tokio::test]
async fn a_budget_of_tokens_stops_the_retries() {
    for (limit, requests) in [
        (0, 0),
        (1, 1),
        (TOKENS, 1),
        (TOKENS + 1, 2),
        (3 * TOKENS, 3),
    ] {
        let server = stubborn("budget tokens").await;
        let error = models::openai(&server, 0)
            .create::<Person>("Jason")
            .max_tokens_total(limit)
            .await
            .unwrap_err();
        let spent = requests * TOKENS;
        assert!(
            matches!(exceeded(&error), Budget::Tokens { limit: of, spent: used, .. } if (of, used) == (limit, spent)),
            "{error:?}"
        );
        assert_eq!(server.requests().len() as u64, requests);
        assert_eq!(error.attempts().len() as u64, requests);
        let (input, output) = (150 * requests, 24 * requests);
        assert_eq!(
            (error.usage().input_tokens, error.usage().output_tokens),
            (input, output)
        );
        assert_eq!(error.kind(), "budget_exceeded");
        assert_eq!(error.validation_errors().is_some(), requests > 0);
    }
}

#[tokio::test]
async fn a_budget_that_is_not_reached_changes_nothing() {
    let valid = openai::call("Person", &json!({"name": "Jason", "age": 25}));
    let server = Server::script("budget kept", vec![wrong(), valid]).await;
    let completion = models::openai(&server, 0)
        .create::<Person>("Jason")
        .max_tokens_total(TOKENS + 1)
        .max_cost(1.0)
        .deadline(Instant::now() + Duration::from_secs(60))
        .with_completion()
        .await
        .unwrap();
    // The last answer may go beyond the budget: what it uses is known when it is there.
    assert_eq!(completion.usage().total_tokens(), 2 * TOKENS);

    let server = stubborn("budget exhausted").await;
    let error = models::openai(&server, 0)
        .create::<Person>("Jason")
        .max_retries(1)
        .max_tokens_total(2 * TOKENS)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
}

#[tokio::test]
async fn a_budget_of_money_stops_the_retries() {
    for (limit, requests) in [(0.0, 0), (0.000_001, 1), (COST, 1), (0.000_536, 2)] {
        let server = stubborn("budget cost").await;
        let error = models::openai(&server, 0)
            .create::<Person>("Jason")
            .max_cost(limit)
            .await
            .unwrap_err();
        let spent = dollars(f64::from(requests) * COST);
        assert!(
            matches!(exceeded(&error), Budget::Cost { limit: of, spent: paid, .. } if (of, paid) == (dollars(limit), spent)),
            "{error:?}"
        );
        assert_eq!(server.requests().len(), requests as usize);
        assert_eq!(error.cost().unwrap().total(), spent);
    }
}

#[tokio::test]
async fn what_judges_use_is_spent_too() {
    let email = json!({"recipient": "bob@example.com", "subject": "Q3 launch"});
    let verdict = json!({"is_valid": false, "reason": "it is dull", "fixed_value": null});
    let script = move |_: usize, request: &crate::server::Received| match request.response_model() {
        "Verdict" => openai::call("Verdict", &verdict),
        _ => openai::call("EmailSubject", &email),
    };
    let server = Server::start("budget judges", script).await;
    let error = models::openai(&server, 0)
        .create::<EmailSubject>("Write a subject")
        .max_tokens_total(2 * TOKENS)
        .await
        .unwrap_err();
    assert!(matches!(exceeded(&error), Budget::Tokens { spent, .. } if spent == 2 * TOKENS));
    assert_eq!(server.requests().len(), 2, "one answer, one verdict");
    assert_eq!(error.attempts()[0].validators[0].usage(), {
        let mut usage = Usage::new(150, 24);
        usage.cache_read_input_tokens = Some(64);
        usage
    });
    let text = error.to_string();
    assert!(
        text.contains("348") && text.contains("it is dull"),
        "{text}"
    );
}

#[tokio::test]
async fn a_budget_of_money_needs_a_price_before_anything_is_sent() {
    let server = stubborn("budget unknown price").await;
    let local = Provider::new(
        "local",
        format!("{}/v1", server.url()),
        &provider::openai::STANDARD,
    )
    .with_auth(instructor::Auth::None);
    let local = Client::new(local, "llama3.2").unwrap();
    let error = local
        .create::<Person>("Jason")
        .max_cost(1.0)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::BudgetUnknown { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("`llama3.2`") && text.contains("`local`"),
        "{text}"
    );

    // The same for a judge, if there is something to judge.
    let client = models::openai(&server, 0);
    let judged = client
        .create::<EmailSubject>("Write a subject")
        .max_cost(1.0);
    let error = judged.validator(&local).await.unwrap_err();
    assert!(matches!(error, Error::BudgetUnknown { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 0);
    let unjudged = client.create::<Person>("Jason").max_cost(COST);
    exceeded(&unjudged.validator(&local).await.unwrap_err());
}

#[tokio::test]
async fn what_is_no_amount_of_money_is_refused() {
    let server = stubborn("budget no amount").await;
    for amount in [-1.0, f64::NAN, f64::INFINITY] {
        let create = models::openai(&server, 0).create::<Person>("Jason");
        let error = create.max_cost(amount).await.unwrap_err();
        assert!(matches!(error, Error::InvalidAmount { .. }), "{error:?}");
    }
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn usage_that_the_provider_does_not_tell_cannot_be_budgeted() {
    let message = json!({"content": "{\"name\": \"Jason\", \"age\": \"old\"}"});
    let answer: Value = json!({"model": "gpt-4o", "choices": [{"message": message}]});
    let client = async || {
        let reply = Reply::text(200, &answer.to_string());
        let server = Server::script("budget no usage", vec![reply]).await;
        (models::openai(&server, 0), server)
    };
    let (tokens, first) = client().await;
    let (cost, second) = client().await;
    for error in [
        tokens
            .create::<Person>("Jason")
            .max_tokens_total(1_000)
            .await
            .unwrap_err(),
        cost.create::<Person>("Jason")
            .max_cost(1.0)
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, Error::BudgetUnknown { .. }), "{error:?}");
        assert!(
            error.to_string().contains("did not say how many tokens"),
            "{error}"
        );
        assert_eq!(error.attempts().len(), 1);
    }
    assert_eq!((first.requests().len(), second.requests().len()), (1, 1));
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let server = stubborn("deadline passed").await;
    let create = models::openai(&server, 0).create::<Person>("Jason");
    let error = create.deadline(Instant::now()).await.unwrap_err();
    assert_eq!(exceeded(&error), Budget::Deadline);
    assert_eq!((server.requests().len(), error.attempts().len()), (0, 0));
}

#[tokio::test]
async fn the_deadline_ends_a_running_request_and_keeps_what_was_paid() {
    // The second answer never comes, since nobody else asks for one.
    let silent = Reply::Together(Arc::new(Barrier::new(2)), Box::new(wrong()));
    let replies = vec![wrong(), silent];
    let server = Server::script("deadline running", replies).await;
    let error = models::openai(&server, 1)
        .create::<Person>("Jason")
        .deadline(Instant::now() + Duration::from_millis(1_500))
        .await
        .unwrap_err();
    assert_eq!(exceeded(&error), Budget::Deadline);
    assert_eq!(server.requests().len(), 2);
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(error.usage().total_tokens(), TOKENS);
}
