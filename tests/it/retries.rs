//! When a request is sent again, and when not: what the provider says of it, and what the call has time for.

use std::time::{Duration, Instant, SystemTime};

use instructor::{Attempt, Error, Reask, RetryPolicy, RetryStop};
use serde_json::json;

use crate::answers::openai::{self, error};
use crate::models::{self, EmailSubject, Person, openai_with};
use crate::server::{Reply, Server};

const MINUTE: Duration = Duration::from_secs(60);

fn failing(status: u16) -> Reply {
    error(status, "oops", "oops", "no")
}

/// How often a request was sent, and why no more.
async fn asked(reply: Reply) -> (usize, Option<RetryStop>, Error) {
    let server = Server::script("retries", vec![reply]).await;
    let call = models::openai(&server, 2).create::<Person>("Who?");
    let error = call.await.unwrap_err();
    (server.requests().len(), stop(&error), error)
}

fn stop(error: &Error) -> Option<RetryStop> {
    error
        .attempts()
        .last()
        .and_then(|attempt: &Attempt| attempt.retry_stop)
}

#[tokio::test]
async fn what_the_provider_says_goes_before_its_status() {
    let quota = error(429, "insufficient_quota", "insufficient_quota", "pay");
    for (reply, should_retry, requests) in [
        (failing(400), "true", 3),
        (failing(401), "true", 3),
        (quota.clone(), "true", 3),
        (failing(503), "false", 1),
        (failing(429), "false", 1),
        (failing(400), "maybe", 1),
        (failing(503), "maybe", 3),
    ] {
        let reply = reply.with_header("x-should-retry", should_retry);
        let shown = format!("{reply:?}");
        let expected = match requests {
            1 => RetryStop::Final,
            _ => RetryStop::MaxRetries,
        };
        let (sent, stop, _) = asked(reply).await;
        assert_eq!((sent, stop), (requests, Some(expected)), "{shown}");
    }
}

#[tokio::test]
async fn an_error_says_what_the_provider_calls_the_request() {
    for name in ["x-request-id", "request-id"] {
        let reply = failing(400).with_header(name, "req_0815");
        let (_, _, error) = asked(reply).await;
        let said = error.to_string();
        assert!(said.ends_with("(request req_0815)"), "{said}");
        assert_eq!(error.attempts()[0].request_id(), Some("req_0815"));
        let Error::Api { error, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(error.request_id.as_deref(), Some("req_0815"));
    }
    let (_, _, error) = asked(failing(400)).await;
    assert!(!error.to_string().contains("request"), "{error}");
}

#[tokio::test]
async fn a_pause_that_is_too_long_is_told_and_not_waited_for() {
    let hour = httpdate::fmt_http_date(SystemTime::now() + 60 * MINUTE);
    for (name, value) in [
        ("retry-after", "3600"),
        ("retry-after", &hour),
        ("retry-after-ms", "3600000"),
    ] {
        let (sent, stop, error) = asked(failing(429).with_header(name, value)).await;
        assert_eq!(
            (sent, stop),
            (1, Some(RetryStop::RetryAfter)),
            "{name}: {value}"
        );
        let told = error.retry_after().unwrap();
        assert!(told <= 60 * MINUTE && told > 50 * MINUTE, "{told:?}");
        assert!(error.to_string().contains("asks to wait for"), "{error}");
    }
}

#[tokio::test]
async fn a_pause_that_the_call_has_no_time_for_is_not_begun() {
    let busy = failing(503).with_header("retry-after", "30");
    let server = Server::script("no time", vec![busy]).await;
    let create = || models::openai(&server, 2).create::<Person>("Who?");
    for call in [
        create().timeout(MINUTE / 3),
        create().deadline(Instant::now() + MINUTE / 3),
        create()
            .timeout(60 * MINUTE)
            .deadline(Instant::now() + MINUTE / 3),
    ] {
        let before = server.requests().len();
        let error = call.await.unwrap_err();
        // What the provider said, and not that the time was over.
        assert_eq!(error.status().unwrap(), 503, "{error}");
        assert_eq!(stop(&error), Some(RetryStop::Deadline));
        assert_eq!(server.requests().len(), before + 1);
    }
}

#[tokio::test]
async fn in_an_outage_calls_share_a_budget_of_repetitions() {
    const CALLS: usize = 400;
    for (has_budget, most) in [(false, 3 * CALLS), (true, CALLS + CALLS / 5 + 100)] {
        let server = Server::script("outage", vec![failing(503)]).await;
        let client = openai_with(&server, |builder| {
            let policy = RetryPolicy::default().with_initial_backoff(Duration::from_millis(1));
            builder.retry_policy(policy).retry_budget(has_budget)
        });
        let calls = (0..CALLS).map(|_| client.create::<Person>("Who?").into_future());
        let outcomes = futures_util::future::join_all(calls).await;
        let stops: Vec<_> = outcomes
            .iter()
            .map(|outcome| stop(outcome.as_ref().unwrap_err()))
            .collect();
        let sent = server.requests().len();
        match has_budget {
            false => assert_eq!(sent, most),
            true => assert!(sent <= most && sent > CALLS, "{sent}"),
        }
        assert_eq!(stops.contains(&Some(RetryStop::Budget)), has_budget);
        assert!(
            outcomes
                .iter()
                .all(|outcome| outcome.as_ref().unwrap_err().status().unwrap() == 503)
        );
    }
}

#[tokio::test]
async fn who_is_told_when_to_come_back_spends_no_budget() {
    let busy = failing(429).with_header("retry-after-ms", "1");
    let server = Server::script("paced", vec![busy]).await;
    let client = openai_with(&server, |builder| builder.retry_budget(true));
    let calls = (0..100).map(|_| client.create::<Person>("Who?").into_future());
    let outcomes = futures_util::future::join_all(calls).await;
    assert_eq!(server.requests().len(), 300);
    for outcome in outcomes {
        assert_eq!(stop(&outcome.unwrap_err()), Some(RetryStop::MaxRetries));
    }
}

#[tokio::test]
async fn a_request_has_one_key_in_all_its_repetitions() {
    let subject = openai::call(
        "EmailSubject",
        &json!({"recipient": "all", "subject": "Come"}),
    );
    for sends in [false, true] {
        let subject = subject.clone();
        let server = Server::start("idempotency", move |index, request| {
            match (request.response_model(), index) {
                (_, 0) => failing(503),
                // Wrong, so that there is a second request of the same call.
                ("EmailSubject", 1) => openai::call("EmailSubject", &json!({"recipient": 1})),
                ("EmailSubject", _) => subject.clone(),
                _ => openai::call("Verdict", &json!({"is_valid": true, "reason": "fine"})),
            }
        })
        .await;
        let client = openai_with(&server, |builder| {
            let policy = RetryPolicy::default().with_initial_backoff(Duration::from_millis(1));
            builder.retry_policy(policy).idempotency_keys(sends)
        });
        client
            .create::<EmailSubject>("Write.")
            .reask(Reask::Full)
            .await
            .unwrap();
        let requests = server.requests();
        let keys: Vec<_> = requests
            .iter()
            .map(|request| request.headers.get("idempotency-key"))
            .collect();
        let [first, repeated, second, judge] = keys[..] else {
            panic!("{keys:?}")
        };
        assert_eq!(judge, None, "judges are shared");
        if !sends {
            assert_eq!((first, repeated, second), (None, None, None));
            continue;
        }
        assert_eq!(first, repeated);
        assert!(first.is_some() && second.is_some() && first != second);
        assert_eq!(
            first.unwrap().trim_matches('"').len() + 2,
            first.unwrap().len()
        );
    }
}

#[tokio::test]
async fn a_call_that_is_answered_has_stopped_nothing() {
    let valid = openai::call("Person", &json!({"name": "J", "age": 1}));
    let date = httpdate::fmt_http_date(SystemTime::now() - MINUTE);
    let busy = failing(503).with_header("retry-after", &date);
    let server = Server::script("answered in the end", vec![busy, valid]).await;
    let call = models::openai(&server, 2)
        .create::<Person>("Who?")
        .timeout(MINUTE);
    let completion = call.with_completion().await.unwrap();
    let [attempt] = completion.attempts.as_slice() else {
        panic!("one attempt")
    };
    assert_eq!((attempt.transport_retries, attempt.retry_stop), (1, None));
}
