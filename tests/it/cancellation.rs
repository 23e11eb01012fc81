//! A call that is dropped, at each place where it can be: nothing is left over, and the client goes on.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use instructor::prelude::*;
use instructor::trace::{CREATE, TARGET};
use instructor::{RetryPolicy, provider};
use serde_json::json;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::answers::openai;
use crate::events;
use crate::models::{CANARY, EmailSubject, Person};
use crate::server::{Received, Reply, Server};

type Work = Pin<Box<dyn Future<Output = ()>>>;

const WAYS: [Way; 4] = [Way::Create, Way::Stream, Way::Items, Way::LlmValidate];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The first answer is a 503, and the second one wrong, so that there are pauses and a second question.
    Create,
    Stream,
    Items,
    LlmValidate,
}

/// What is known of the spans of this crate.
#[derive(Debug, Default, Clone)]
struct Spans(Arc<Mutex<BTreeMap<u64, Seen>>>);

#[derive(Debug, Default)]
struct Seen {
    name: &'static str,
    error_type: Option<String>,
    is_closed: bool,
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "error.type" {
            self.error_type = Some(format!("{value:?}"));
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "error.type" {
            self.error_type = Some(value.to_owned());
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _context: Context<'_, S>) {
        if attributes.metadata().target() == TARGET {
            let name = attributes.metadata().name();
            let seen = Seen {
                name,
                ..Seen::default()
            };
            self.0.lock().unwrap().insert(id.into_u64(), seen);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _context: Context<'_, S>) {
        if let Some(seen) = self.0.lock().unwrap().get_mut(&id.into_u64()) {
            values.record(seen);
        }
    }

    fn on_close(&self, id: Id, _context: Context<'_, S>) {
        if let Some(seen) = self.0.lock().unwrap().get_mut(&id.into_u64()) {
            seen.is_closed = true;
        }
    }
}

/// `index` counts the requests of one call.
fn reply(way: Way, index: usize, request: &Received) -> Reply {
    let right = json!({"name": "Jason", "age": 25});
    let streamed = |tool: &str, answer: &str| {
        let events = events::openai::call(tool, &events::pieces(answer, 5));
        Reply::stream(events).with_pause(Duration::from_millis(1))
    };
    match (way, request.response_model()) {
        (Way::Create, _) if index == 0 => openai::error(503, "oops", "oops", "no"),
        (Way::Create, _) if index == 1 => openai::call("Person", &json!({"name": "", "age": 25})),
        (Way::Create, _) => openai::call("Person", &right),
        (Way::Stream, _) => streamed("Person", &right.to_string()),
        (Way::Items, _) => {
            let list = json!({"tasks": [right, {"name": "Ann", "age": 30}]});
            streamed("IterablePerson", &list.to_string())
        }
        (Way::LlmValidate, "EmailSubject") => openai::call(
            "EmailSubject",
            &json!({"recipient": "all", "subject": "Come"}),
        ),
        (Way::LlmValidate, _) => {
            openai::call("Verdict", &json!({"is_valid": true, "reason": "fine"}))
        }
    }
}

fn work(way: Way, client: &Client, number: usize) -> Work {
    let client = client.clone();
    let prompt = format!("Who? {number}");
    Box::pin(async move {
        match way {
            Way::Create => assert_eq!(client.create::<Person>(prompt).await.unwrap().age, 25),
            Way::Stream => {
                let mut stream = client.create::<Person>(prompt).stream();
                while stream.next().await.unwrap().is_some() {}
                assert_eq!(stream.finish().await.unwrap().age, 25);
            }
            Way::Items => {
                let mut items = client.create_items::<Person>(prompt).stream();
                let mut ages = Vec::new();
                while let Some(person) = items.next().await {
                    ages.push(person.unwrap().age);
                }
                items.finish().await.unwrap();
                assert_eq!(ages, [25, 30]);
            }
            Way::LlmValidate => {
                let call = client.create::<EmailSubject>(prompt);
                assert_eq!(call.await.unwrap().subject, "Come");
            }
        }
    })
}

/// Polls `work` as often as it is woken, at most `polls` times, and drops it. Whether it was done by then.
async fn dropped_after(polls: usize, mut work: Work) -> bool {
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if work.as_mut().poll(context).is_ready() {
            return Poll::Ready(true);
        }
        left -= 1;
        if left == 0 {
            return Poll::Ready(false);
        }
        Poll::Pending
    })
    .await
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..20_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("{what}");
}

/// Drops a call after each number of polls until it is done by then. How many that were.
async fn drop_everywhere(way: Way, spans: &Spans) -> usize {
    let calls = Mutex::new(BTreeMap::<String, usize>::new());
    let server = Server::start("cancelled", move |_, request| {
        let call = request.body["messages"][0]["content"].to_string();
        let mut calls = calls.lock().unwrap();
        let count = calls.entry(call).or_default();
        *count += 1;
        reply(way, *count - 1, request)
    })
    .await;
    let policy = RetryPolicy::default().with_initial_backoff(Duration::from_millis(1));
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .retry_policy(policy.with_max_retries(5))
        .max_retries(5)
        .build()
        .unwrap();
    // Those of the way before, whose last call was not dropped.
    spans.0.lock().unwrap().clear();
    let mut polls = 1;
    while !dropped_after(polls, work(way, &client, 2 * polls)).await {
        let seen = std::mem::take(&mut *spans.0.lock().unwrap());
        let create: Vec<_> = seen.values().filter(|span| span.name == CREATE).collect();
        assert_eq!(create.len(), 1, "{way:?} {polls}: {seen:?}");
        assert_eq!(
            create[0].error_type.as_deref(),
            Some("cancelled"),
            "{way:?} {polls}: {seen:?}"
        );
        for span in seen.values() {
            assert!(span.is_closed, "{way:?} {polls}: {span:?}");
        }
        // At most the one that can be used again.
        until("a connection is left over", || server.open() <= 1).await;
        work(way, &client, 2 * polls + 1).await;
        let seen = std::mem::take(&mut *spans.0.lock().unwrap());
        let is_cancelled = |span: &Seen| span.error_type.as_deref() == Some("cancelled");
        assert!(
            !seen.values().any(is_cancelled),
            "{way:?} {polls}: {seen:?}"
        );
        polls += 1;
    }
    drop(client);
    until("a connection survives its client", || server.open() == 0).await;
    polls - 1
}

#[tokio::test]
async fn a_call_may_be_dropped_anywhere() {
    let spans = Spans::default();
    // While there is but one subscriber, `tracing` asks only the thread that comes to a span first, which may be another test's.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let subscriber = tracing_subscriber::registry().with(spans.clone());
    let _guard = tracing::subscriber::set_default(subscriber);
    for way in WAYS {
        let places = drop_everywhere(way, &spans).await;
        println!("{way:?}: dropped at {places} places");
        // Each request of a call is waited for, and so are pauses and the pieces of a stream.
        let least = match way {
            Way::Create => 4,
            Way::LlmValidate => 2,
            Way::Stream | Way::Items => 8,
        };
        assert!(places >= least, "{way:?}: {places}");
    }
}
