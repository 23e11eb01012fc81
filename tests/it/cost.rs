//! What a call cost, from the providers' own counts of tokens.

use instructor::prelude::*;
use instructor::{Dollars, Error, Price, Provider, Validator, provider};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::models::{self, EmailSubject, Person};
use crate::server::{Reply, Server};

/// 86 tokens at 2.5 millionths of a dollar, 64 from the cache at half of it, 24 written at 10 millionths.
const GPT_4O: f64 = 0.000_295 + 0.000_24;

fn dollars(amount: f64) -> Dollars {
    Dollars::try_from(amount).unwrap()
}

fn jason(age: impl Into<Value>) -> Reply {
    openai::call("Person", &json!({"name": "Jason", "age": age.into()}))
}

#[tokio::test]
async fn every_attempt_is_paid_for() {
    let server = Server::script("cost attempts", vec![jason("old"), jason(25)]).await;
    let completion = models::openai(&server, 0)
        .create::<Person>("Jason")
        .with_completion()
        .await
        .unwrap();
    for attempt in &completion.attempts {
        let cost = attempt.cost().unwrap();
        assert_eq!(cost.input, dollars(0.000_295));
        assert_eq!(cost.output, dollars(0.000_24));
    }
    assert_eq!(completion.cost().unwrap().total(), dollars(2.0 * GPT_4O));
    assert_eq!(completion.cost().unwrap().to_string(), "$0.00107");
}

#[tokio::test]
async fn the_cache_of_anthropic_is_paid_for_at_its_own_price() {
    let answer = anthropic::call("Person", &json!({"name": "Jason", "age": 25}));
    let server = Server::script("cost anthropic", vec![answer]).await;
    let completion = models::anthropic(&server, 0)
        .create::<Person>("Jason")
        .with_completion()
        .await
        .unwrap();
    // The wire counts the 128 tokens from the cache beside the 412.
    let input = dollars(412.0 * 3e-6 + 128.0 * 0.3e-6);
    let cost = completion.cost().unwrap();
    assert_eq!((cost.input, cost.output), (input, dollars(58.0 * 15e-6)));
}

#[tokio::test]
async fn judges_are_paid_for_too() {
    let email = json!({"recipient": "bob@example.com", "subject": "Q3 launch"});
    let verdict = json!({"is_valid": true, "reason": null, "fixed_value": null});
    let replies = || {
        let answer = openai::call("EmailSubject", &email);
        vec![answer, openai::call("Verdict", &verdict)]
    };
    let server = Server::script("cost judge", replies()).await;
    let completion = models::openai(&server, 0)
        .create::<EmailSubject>("Write a subject")
        .with_completion()
        .await
        .unwrap();
    let attempt = &completion.attempts[0];
    let judged = attempt.validators[0].cost().unwrap().total();
    assert_eq!(judged, dollars(GPT_4O));
    assert_eq!(attempt.cost().unwrap().total(), dollars(2.0 * GPT_4O));

    // A judge whose price nobody knows: what it all cost is not known either.
    let server = Server::script("cost unknown judge", replies()).await;
    let local = Provider::new(
        "local",
        format!("{}/v1", server.url()),
        &provider::openai::STANDARD,
    );
    let judge = Client::builder(local, "llama3.2").api_key(models::CANARY);
    let judge = judge.build().unwrap();
    let completion = models::openai(&server, 0)
        .create::<EmailSubject>("Write a subject")
        .validator(Validator::from(judge))
        .with_completion()
        .await
        .unwrap();
    // The scripted judge says that it is gpt-4o, which does not make it OpenAI's.
    assert_eq!(completion.attempts[0].validators[0].cost(), None);
    assert_eq!(completion.cost(), None);
}

#[tokio::test]
async fn a_model_without_a_price_has_no_cost_until_it_is_given_one() {
    let server = Server::script("cost unknown", vec![jason(25)]).await;
    let client = || {
        let local = Provider::new(
            "local",
            format!("{}/v1", server.url()),
            &provider::openai::STANDARD,
        );
        Client::builder(local, "llama3.2").api_key(models::CANARY)
    };
    let cost = async |client: Client| {
        let create = client.create::<Person>("Jason").with_completion();
        create.await.unwrap().cost()
    };
    assert_eq!(cost(client().build().unwrap()).await, None);

    let price = Price::per_million_tokens(1.0, 2.0).unwrap();
    let known = cost(client().price(price).build().unwrap()).await.unwrap();
    assert_eq!(known.input, dollars(150e-6));
    assert_eq!(known.output, dollars(48e-6));

    let free = Price::per_million_tokens(0.0, 0.0).unwrap();
    let prices = [("llama3.1", price), ("llama3.2", free)];
    let known = cost(client().prices(prices).build().unwrap())
        .await
        .unwrap();
    assert_eq!(known.total(), Dollars::ZERO);
}

#[tokio::test]
async fn what_the_provider_refused_is_free_and_what_broke_off_is_unknown() {
    let refused = openai::error(
        401,
        "invalid_request_error",
        "invalid_api_key",
        "no such key",
    );
    for (last, expected) in [(refused, Some(dollars(GPT_4O))), (Reply::Reset, None)] {
        let server = Server::script("cost of errors", vec![jason("old"), last]).await;
        let error = models::openai(&server, 0)
            .create::<Person>("Jason")
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Api { .. } | Error::Transport { .. }));
        assert_eq!(error.cost().map(|cost| cost.total()), expected, "{error}");
    }
}

#[tokio::test]
async fn usage_that_the_provider_does_not_tell_has_no_cost() {
    let message = json!({"content": "{\"name\": \"Jason\", \"age\": 25}"});
    let answer = json!({"model": "gpt-4o", "choices": [{"message": message}]});
    let server = Server::script("cost no usage", vec![Reply::text(200, &answer.to_string())]).await;
    let completion = models::openai(&server, 0)
        .create::<Person>("Jason")
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.cost(), None);
}
