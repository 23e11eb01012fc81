//! What providers say of their limits: told, and kept by who wants it.

use std::time::{Duration, SystemTime};

use instructor::prelude::*;
use instructor::{Attempt, RateLimit, RetryPolicy};
use serde_json::json;

use crate::answers::{anthropic, openai};
use crate::models::{CANARY, Person, openai_with};
use crate::server::{Reply, Server};

const RESET: Duration = Duration::from_millis(80);
const HOUR: Duration = Duration::from_secs(3600);

fn limited(reply: Reply, remaining: &str, reset: &str) -> Reply {
    reply
        .with_header("x-ratelimit-limit-requests", "60")
        .with_header("x-ratelimit-remaining-requests", remaining)
        .with_header("x-ratelimit-reset-requests", reset)
        .with_header("x-ratelimit-remaining-tokens", "149984")
}

fn person() -> Reply {
    openai::call("Person", &json!({"name": "Jason", "age": 25}))
}

async fn attempt(client: &Client) -> Attempt {
    let completion = client
        .create::<Person>("Who?")
        .with_completion()
        .await
        .unwrap();
    completion.attempts.into_iter().next().unwrap()
}

#[tokio::test]
async fn limits_are_in_the_ledger_and_in_the_error() {
    let busy = openai::error(429, "requests", "rate_limit_exceeded", "slow down");
    let replies = vec![
        limited(person(), "59", "1s"),
        limited(busy, "0", "6m0s"),
        person(),
    ];
    let server = Server::script("openai rate limits", replies).await;
    let client = openai_with(&server, |builder| builder.retry_policy(RetryPolicy::none()));
    let limit = attempt(&client).await.rate_limit.unwrap();
    assert_eq!(
        (limit.requests.limit, limit.requests.remaining),
        (Some(60), Some(59))
    );
    assert_eq!(limit.requests.reset, Some(Duration::from_secs(1)));
    assert_eq!(
        (limit.tokens.limit, limit.tokens.remaining),
        (None, Some(149_984))
    );
    assert_eq!(limit.pause(), None);
    let error = client.create::<Person>("Who?").await.unwrap_err();
    let limit = error.rate_limit().unwrap();
    assert_eq!(limit.pause(), Some(Duration::from_secs(360)));
    assert_eq!(error.attempts()[0].rate_limit, Some(limit));
    assert_eq!(attempt(&client).await.rate_limit, None);
}

#[tokio::test]
async fn anthropic_says_when_by_its_own_clock() {
    let ahead = SystemTime::now() + HOUR;
    let reset = humantime::format_rfc3339_seconds(ahead + Duration::from_secs(30)).to_string();
    let reply = anthropic::call("Person", &json!({"name": "Jason", "age": 25}))
        .with_header("date", &httpdate::fmt_http_date(ahead))
        .with_header("anthropic-ratelimit-tokens-limit", "40000")
        .with_header("anthropic-ratelimit-tokens-remaining", "0")
        .with_header("anthropic-ratelimit-tokens-reset", &reset);
    let server = Server::script("anthropic rate limits", vec![reply]).await;
    let limit: RateLimit = attempt(&crate::models::anthropic(&server, 0))
        .await
        .rate_limit
        .unwrap();
    assert_eq!(limit.tokens.limit, Some(40_000));
    assert_eq!(limit.pause(), Some(Duration::from_secs(30)));
}

#[tokio::test]
async fn a_client_that_keeps_limits_waits_until_they_reset() {
    let reset = format!("{}ms", RESET.as_millis());
    for keeps in [false, true] {
        let replies = vec![limited(person(), "0", &reset), person()];
        let server = Server::script("kept rate limit", replies).await;
        let client = openai_with(&server, |builder| builder.respect_rate_limits(keeps));
        assert_eq!(attempt(&client).await.rate_limit_wait, Duration::ZERO);
        // A clone is the same client.
        let second = attempt(&client.clone()).await;
        assert_eq!(!second.rate_limit_wait.is_zero(), keeps);
        assert!(second.rate_limit_wait <= RESET && second.latency >= second.rate_limit_wait);
        assert_eq!(attempt(&client).await.rate_limit_wait, Duration::ZERO);
    }
}

#[tokio::test]
async fn a_pause_that_one_call_is_asked_for_is_kept_by_the_others() {
    let busy = openai::error(429, "requests", "rate_limit_exceeded", "slow down")
        .with_header("retry-after", "0.08");
    let server = Server::script("asked for a pause", vec![busy, person()]).await;
    let client = openai_with(&server, |builder| {
        builder
            .respect_rate_limits(true)
            .retry_policy(RetryPolicy::none())
    });
    client.create::<Person>("Who?").await.unwrap_err();
    let wait = attempt(&client).await.rate_limit_wait;
    assert!(!wait.is_zero() && wait <= RESET, "{wait:?}");
}

#[tokio::test]
async fn nothing_is_kept_back_for_longer_than_policy_and_call_allow() {
    for (reset, timeout, waits) in [
        ("2h", 3 * HOUR, false),
        ("50s", HOUR / 120, false),
        ("50ms", HOUR, true),
    ] {
        let server =
            Server::script("long reset", vec![limited(person(), "0", reset), person()]).await;
        let client = openai_with(&server, |builder| builder.respect_rate_limits(true));
        attempt(&client).await;
        let call = client
            .create::<Person>("Who?")
            .timeout(timeout)
            .with_completion();
        let wait = call.await.unwrap().attempts[0].rate_limit_wait;
        assert_eq!(!wait.is_zero(), waits, "{reset}");
    }
}

/// The key is in no header that is read.
#[tokio::test]
async fn headers_that_are_no_numbers_are_passed_over() {
    let reply = limited(person(), CANARY, "-1s").with_header("x-ratelimit-reset-tokens", "\u{e9}");
    let server = Server::script("garbage rate limits", vec![reply]).await;
    let client = openai_with(&server, |builder| builder.respect_rate_limits(true));
    let limit = attempt(&client).await.rate_limit.unwrap();
    assert_eq!(limit.requests.remaining, None);
    assert_eq!((limit.requests.reset, limit.tokens.reset), (None, None));
    assert!(!format!("{limit:?}").contains("canary"));
}
