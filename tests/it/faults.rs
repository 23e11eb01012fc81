//! What comes of each thing that can go wrong on the way, for each way to ask: which error, after how many requests, after which
//! pauses; and that nothing is left over.
//!
//! `cargo xtask faults` prints the table, and that of [`mlflow`].

#[cfg(feature = "mlflow")]
mod mlflow;
mod server;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use instructor::hooks::{Hooks, RetryCause};
use instructor::{Client, Error, RetryPolicy, provider};
use serde_json::json;

use self::server::{Answer, Fault, FaultServer};
use crate::answers::openai;
use crate::events;
use crate::models::{CANARY, EmailSubject, Person};
use crate::server::Reply;

/// The longest that a call may take where nothing else ends it, and elsewhere.
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(60);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Create,
    Stream,
    Items,
    /// The call is answered; what goes wrong is the question to its judge.
    LlmValidate,
}

const WAYS: [Way; 4] = [Way::Create, Way::Stream, Way::Items, Way::LlmValidate];

/// The error, the number of requests that the server read, and what was waited for.
type Expected = (&'static str, usize, Pauses);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pauses {
    Never,
    /// Two, of the policy: 4 and 8 ms, each up to a quarter shorter.
    Own,
    /// Two, as the provider asked: 30 ms.
    Asked,
}

use Pauses::{Asked, Never, Own};

const MATRIX: [(Fault, [Expected; 4]); 22] = [
    (Fault::Refused, all("transport Connect", 0, Own)),
    (Fault::UnknownHost, all("transport Connect", 0, Own)),
    (
        Fault::ResetBeforeHeaders,
        all("transport Interrupted", 3, Own),
    ),
    (Fault::ResetInHeaders, all("transport Interrupted", 3, Own)),
    // What a stream has shown is not asked for again behind the reader's back.
    (
        Fault::ResetInBody,
        streams_apart(
            ("transport Interrupted", 3, Own),
            ("transport Interrupted", 1, Never),
        ),
    ),
    (Fault::Stall, all("timeout", 1, Never)),
    (Fault::Drip, all("timeout", 1, Never)),
    (Fault::TruncatedJson, all("decode", 1, Never)),
    (
        Fault::TruncatedEvents,
        streams_apart(("decode", 1, Never), ("transport Truncated", 1, Never)),
    ),
    // By the standard of server-sent events a wrong byte is a replacement character, and the stream goes on.
    (
        Fault::BadUtf8,
        streams_apart(("decode", 1, Never), ("ok", 1, Never)),
    ),
    (Fault::WrongContentType, all("ok", 1, Never)),
    (
        Fault::GzipGarbage,
        streams_apart(("decode", 1, Never), ("transport Truncated", 3, Own)),
    ),
    (Fault::HugeBody, all("transport TooLarge", 1, Never)),
    (Fault::DeepJson, all("decode", 1, Never)),
    (Fault::Status(408, None), all("api 408", 3, Own)),
    (Fault::Status(409, None), all("api 409", 3, Own)),
    (Fault::Status(429, Some("0.03")), all("api 429", 3, Asked)),
    (Fault::Status(429, None), all("api 429", 3, Own)),
    (Fault::Status(500, None), all("api 500", 3, Own)),
    (Fault::Status(503, None), all("api 503", 3, Own)),
    (Fault::Status(529, None), all("api 529", 3, Own)),
    (Fault::Redirect, all("api 302", 1, Never)),
];

/// Whatever is asked comes to the same.
const fn all(error: &'static str, requests: usize, pauses: Pauses) -> [Expected; 4] {
    let expected = (error, requests, pauses);
    streams_apart(expected, expected)
}

/// Streams end in another way than whole answers, which those of judges are.
const fn streams_apart(whole: Expected, stream: Expected) -> [Expected; 4] {
    [whole, stream, stream, whole]
}

/// What came of one call.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    error: String,
    requests: usize,
    pauses: Pauses,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, requests: {}", self.error, self.requests)?;
        match self.pauses {
            Never => Ok(()),
            Pauses::Own => write!(f, ", own pauses"),
            Pauses::Asked => write!(f, ", pauses as asked"),
        }
    }
}

fn answer(way: Way) -> Answer {
    let (tool, arguments) = match way {
        Way::Create | Way::Stream => ("Person", json!({"name": "Jason", "age": 25})),
        Way::Items => (
            "IterablePerson",
            json!({"tasks": [{"name": "Jason", "age": 25}]}),
        ),
        Way::LlmValidate => ("Verdict", json!({"is_valid": true, "reason": "Jason"})),
    };
    let Reply::Answer { body, .. } = openai::call(tool, &arguments) else {
        unreachable!("a call is an answer")
    };
    let pieces = events::pieces(&arguments.to_string(), 64);
    let events = events::openai::call(tool, &pieces).concat();
    Answer { body, events }
}

fn client(url: &str, pauses: &Arc<Mutex<Vec<Duration>>>, request_timeout: Duration) -> Client {
    let pauses = Arc::clone(pauses);
    let hooks = Hooks::new().on_retry(move |event| {
        if !matches!(event.cause, RetryCause::Invalid(_)) {
            pauses.lock().unwrap().push(event.pause);
        }
    });
    let policy = RetryPolicy::default().with_initial_backoff(Duration::from_millis(4));
    Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{url}/v1"))
        .api_key(CANARY)
        .allow_http(true)
        .request_timeout(request_timeout)
        .retry_policy(policy)
        .max_retries(0)
        .hooks(hooks)
        .build()
        .unwrap()
}

async fn ask(way: Way, client: &Client, judge: &Client, timeout: Duration) -> Result<(), Error> {
    match way {
        Way::Create => client
            .create::<Person>("Who?")
            .timeout(timeout)
            .await
            .map(drop),
        Way::Stream => {
            let call = client.create::<Person>("Who?").timeout(timeout);
            call.stream().finish().await.map(drop)
        }
        Way::Items => {
            let call = client.create_items::<Person>("Who?").timeout(timeout);
            let mut items = call.stream();
            while let Some(item) = items.next().await {
                item?;
            }
            items.finish().await.map(drop)
        }
        Way::LlmValidate => {
            let call = client.create::<EmailSubject>("Write.").timeout(timeout);
            call.validator(judge.clone()).await.map(drop)
        }
    }
}

/// Short enough for a table, and exact; of a judge's call, why it failed.
fn name(error: &Error) -> String {
    match error {
        Error::Transport { error, .. } => format!("transport {:?}", error.kind),
        Error::Api { error, .. } => format!("api {}", error.status.as_u16()),
        other => other.kind().to_owned(),
    }
}

fn classify(pauses: &[Duration]) -> Pauses {
    let milliseconds: Vec<u128> = pauses.iter().map(Duration::as_millis).collect();
    match milliseconds[..] {
        [] => Never,
        [30, 30] => Asked,
        [3..=4, 6..=8] => Own,
        _ => panic!("pauses of {milliseconds:?} ms"),
    }
}

/// What a judge waited for, if that may be what is `expected`: hooks are not told of judges, but the ledger says how often a question was
/// sent again, and how long all of it took.
fn of_judge(error: Option<&Error>, expected: Pauses) -> Pauses {
    let attempts = error.map(Error::attempts).unwrap_or_default();
    let calls = attempts.iter().flat_map(|attempt| &attempt.validators);
    let asked: Vec<_> = calls.flat_map(|call| &call.attempts).collect();
    let retries: u32 = asked.iter().map(|attempt| attempt.transport_retries).sum();
    let latency: Duration = asked.iter().map(|attempt| attempt.latency).sum();
    match (retries, expected) {
        (0, _) => Never,
        (2, Own) if latency >= Duration::from_millis(9) => Own,
        (2, Asked) if latency >= Duration::from_millis(60) => Asked,
        _ => panic!("{retries} retries in {latency:?} instead of {expected:?}"),
    }
}

/// How long a call may take, and each of its requests.
#[derive(Debug, Clone, Copy)]
struct Timeouts {
    call: Duration,
    request: Duration,
}

impl Timeouts {
    fn of(fault: Fault) -> Timeouts {
        let call = match fault {
            Fault::Stall | Fault::Drip => SHORT,
            _ => LONG,
        };
        Timeouts {
            call,
            request: LONG,
        }
    }
}

/// A runtime of its own for each, so that whatever is left over is seen.
fn outcome(fault: Fault, way: Way, expected: Pauses, timeouts: Timeouts) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let faulty = FaultServer::start(fault, answer(way));
    let email = openai::call(
        "EmailSubject",
        &json!({"recipient": "all", "subject": "Come"}),
    );
    let Reply::Answer { body, .. } = email else {
        unreachable!("a call is an answer")
    };
    let right = FaultServer::right(body);
    let pauses = Arc::default();
    let outcome = runtime.block_on(async {
        let judge = client(faulty.url(), &pauses, timeouts.request);
        let asked = match way {
            Way::LlmValidate => client(right.url(), &pauses, LONG),
            _ => judge.clone(),
        };
        let asking = ask(way, &asked, &judge, timeouts.call);
        let outcome = tokio::time::timeout(2 * LONG, asking).await;
        outcome.unwrap_or_else(|_| panic!("{fault:?} {way:?} hangs"))
    });
    // The clients are gone, so their connections and tasks must go.
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let left = (faulty.open(), runtime.metrics().num_alive_tasks());
        if left == (0, 0) {
            break;
        }
        assert!(
            Instant::now() < end,
            "{fault:?} {way:?} leaves connections and tasks: {left:?}"
        );
        runtime.block_on(async { tokio::time::sleep(Duration::from_millis(1)).await });
    }
    let text = outcome
        .as_ref()
        .err()
        .map(|error| format!("{error} {error:?}"));
    assert!(!text.unwrap_or_default().contains(CANARY));
    let error = match (way, &outcome) {
        (_, Ok(())) => "ok".to_owned(),
        (Way::LlmValidate, Err(Error::Validator { error, .. })) => name(error),
        (Way::LlmValidate, Err(error @ Error::Timeout { .. })) => name(error),
        (Way::LlmValidate, Err(error)) => panic!("not an error of the judge: {error:?}"),
        (_, Err(error)) => name(error),
    };
    let told = classify(&pauses.lock().unwrap());
    let pauses = match way {
        Way::LlmValidate => {
            assert_eq!(told, Never, "hooks are not told of judges");
            of_judge(outcome.as_ref().err(), expected)
        }
        _ => told,
    };
    Outcome {
        error,
        requests: faulty.requests(),
        pauses,
    }
}

#[test]
fn every_fault_has_its_error_and_leaves_nothing() {
    let mut wrong = Vec::new();
    println!(
        "{:28}{}",
        "",
        WAYS.map(|way| format!("{way:?}: ")).join("; ")
    );
    for (fault, expected) in MATRIX {
        let outcomes = thread::scope(|scope| {
            let cells: [_; 4] = std::array::from_fn(|index| {
                let (way, (_, _, pauses)) = (WAYS[index], expected[index]);
                scope.spawn(move || outcome(fault, way, pauses, Timeouts::of(fault)))
            });
            cells.map(|cell| cell.join().unwrap())
        });
        let shown = outcomes.each_ref().map(ToString::to_string);
        println!("{:28}{}", format!("{fault:?}"), shown.join("; "));
        for ((way, outcome), (error, requests, pauses)) in
            WAYS.into_iter().zip(outcomes).zip(expected)
        {
            let expected = Outcome {
                error: error.to_owned(),
                requests,
                pauses,
            };
            if outcome != expected {
                wrong.push(format!(
                    "{fault:?} {way:?}: {outcome} instead of {expected}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_request_that_takes_too_long_is_sent_again() {
    let timeouts = Timeouts {
        call: LONG,
        request: SHORT,
    };
    for way in WAYS {
        let expected = Outcome {
            error: "transport Timeout".to_owned(),
            requests: 3,
            pauses: Own,
        };
        assert_eq!(
            outcome(Fault::Stall, way, Own, timeouts),
            expected,
            "{way:?}"
        );
    }
}

#[tokio::test]
async fn calls_of_a_client_share_a_connection() {
    let server = FaultServer::right(answer(Way::Create).body);
    let client = client(server.url(), &Arc::default(), LONG);
    for _ in 0..5 {
        client.create::<Person>("Who?").await.unwrap();
    }
    assert_eq!(server.connections(), 1);
}
