//! The programs. None is a test by itself.

use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::time::{Duration, Instant};

use instructor::mlflow::{self, Guard};
use instructor::prelude::*;
use instructor::{RetryPolicy, provider};
use serde_json::json;
use tokio::runtime::Runtime;
use tracing::Instrument as _;

use crate::process::{ANSWER, PROVIDER, RETURNED, UNWRITTEN};

macro_rules! people {
    ($($name:ident),*) => {$(
        #[derive(Debug, Deserialize, ResponseModel)]
        #[allow(dead_code)]
        struct $name {
            #[validate(length(min = 1))]
            name: String,
        }
    )*};
}

people!(Alone, Streamed, Retried, Inside, Person);

/// How often the killed programs call.
const PAUSE: Duration = Duration::from_millis(5);

/// How many children a parent has, one after the other.
#[cfg(unix)]
pub(crate) const FORKS: usize = 10;

#[cfg(unix)]
const SIGTERM: i32 = 15;

/// `None` outside of a program's process.
fn start() -> Option<(Client, Guard, Runtime)> {
    let client = client()?;
    // Settings are in the environment.
    let guard = mlflow::autolog().flush_on_terminate(true).init().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    Some((client, guard, runtime))
}

fn client() -> Option<Client> {
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(std::env::var(PROVIDER).ok()?)
        .api_key("any-key-will-do")
        .retry_policy(RetryPolicy::none());
    Some(client.build().unwrap())
}

/// A line in one write, so that it is there as a whole or not at all.
fn say(line: &str) {
    stdout()
        .write_all(format!("\n{line}\n").as_bytes())
        .unwrap();
}

/// Says that a call has returned.
fn returned(kind: &str, guard: &Guard) {
    let trace = mlflow::last_trace_id().unwrap();
    let said = match guard.statistics().in_memory {
        0 => RETURNED,
        _ => UNWRITTEN,
    };
    say(&format!("{said}{kind} {trace}"));
}

/// Calls until it is killed, also below a span that stays open, and says each trace as soon as its call has returned.
#[test]
fn caller() {
    let Some((client, guard, runtime)) = start() else {
        return;
    };
    let service = mlflow::start_span("service");
    runtime.block_on(async {
        loop {
            client.create::<Alone>("Who?").await.unwrap();
            returned("alone", &guard);
            client
                .create::<Streamed>("Who?")
                .stream()
                .finish()
                .await
                .unwrap();
            returned("alone", &guard);
            client.create::<Retried>("Who?").await.unwrap();
            returned("alone", &guard);
            let inside = async { client.create::<Inside>("Who?").await.unwrap() };
            inside.instrument(service.span().clone()).await;
            returned("inside", &guard);
            tokio::time::sleep(PAUSE).await;
        }
    });
}

/// Calls, and has children that call; each delivers what it has done. What its exporter does when it forks is up to chance.
#[cfg(unix)]
#[test]
fn parent() {
    let Some((client, guard, runtime)) = start() else {
        return;
    };
    for number in 0..FORKS {
        let call = async { client.create::<Alone>("Who?").await };
        runtime.block_on(call).unwrap();
        returned("alone", &guard);
        match fork::fork().unwrap() {
            fork::Fork::Parent(child) => {
                let status = fork::waitpid(child).unwrap();
                let signal = fork::WIFSIGNALED(status).then(|| fork::WTERMSIG(status));
                let is_terminated = number + 1 == FORKS;
                assert_eq!(signal, is_terminated.then_some(SIGTERM), "{status}");
                assert!(is_terminated || status == 0, "{status}");
            }
            fork::Fork::Child => {
                child(&guard, number + 1 < FORKS);
                // Not to the end of the test, whose harness has none of its threads.
                std::process::exit(0);
            }
        }
    }
    guard.flush(Duration::from_secs(60)).unwrap();
}

/// A child has no thread of its parent's runtime, and shares its connections. One that does not deliver is terminated.
#[cfg(unix)]
fn child(guard: &Guard, delivers: bool) {
    let client = client().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let call = async { client.create::<Alone>("Who?").await };
    runtime.block_on(call).unwrap();
    returned("alone", guard);
    if !delivers {
        let mut kill = std::process::Command::new("kill");
        let killed = kill.arg(std::process::id().to_string()).status();
        panic!("it goes on after {killed:?}");
    }
    guard.flush(Duration::from_secs(60)).unwrap();
    let statistics = guard.statistics();
    assert_eq!((statistics.emitted, statistics.sent), (1, 1));
}

/// Makes no calls: delivers what those before it have left.
#[test]
fn deliverer() {
    let Some((_client, guard, _runtime)) = start() else {
        return;
    };
    guard.flush(Duration::from_secs(120)).unwrap();
}

/// Does what it is told on standard input, and answers with what came of it.
#[test]
fn worker() {
    let Some((client, guard, runtime)) = start() else {
        return;
    };
    for order in stdin().lock().lines() {
        let order = order.unwrap();
        let (what, number) = order.split_once(' ').unwrap();
        let number: u64 = number.parse().unwrap();
        let answer = match what {
            "calls" => runtime.block_on(work(&client, number)),
            "flush" => {
                let outcome = guard.flush(Duration::from_secs(number));
                json!({"flushed": outcome.is_ok(), "error": outcome.err().map(|error| error.to_string())})
            }
            _ => panic!("{what}?"),
        };
        let mut answer = answer;
        answer["statistics"] = json!(format!("{:?}", guard.statistics()));
        answer["memory"] = json!(memory());
        say(&format!("{ANSWER}{answer}"));
    }
}

/// Traces of ten spans each: a function with a call and six steps. How long each took, in microseconds.
async fn work(client: &Client, count: u64) -> serde_json::Value {
    let mut times = Vec::new();
    for _ in 0..count {
        let begin = Instant::now();
        let function = mlflow::start_span("function");
        let call = async {
            client.create::<Person>("Who?").await.unwrap();
            for _ in 0..6 {
                mlflow::start_span("step").inputs("some words").end();
            }
        };
        call.instrument(function.span().clone()).await;
        function.end();
        times.push(begin.elapsed().as_micros() as u64);
    }
    times.sort_unstable();
    let share = |share: usize| times.get(times.len() * share / 100).copied();
    json!({"p50": share(50), "p99": share(99), "slowest": times.last()})
}

/// KiB of memory that the process takes; `None` where that is not known.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
