//! Programs as users write them, each a process of its own: this test binary again, which runs one "test" that is the program. What
//! comes of it is read back from MLflow, and what it says from its standard error.

use std::process::Command;
use std::time::Duration;

use instructor::prelude::*;
use instructor::{RetryPolicy, provider};
use serde_json::json;
use tracing::{Instrument, Span};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};
use tracing_subscriber::prelude::*;

use crate::answers::openai;
use crate::outline;
use crate::reading::{Trace, Traces, server};
use crate::server::{Received, Reply, Server};

/// Names MLflow to a program; without it, this is not the program's process.
const SERVER: &str = "INSTRUCTOR_TEST_PROGRAM_SERVER";
const EXPERIMENT: &str = "INSTRUCTOR_TEST_PROGRAM_EXPERIMENT";

macro_rules! people {
    ($($name:ident),*) => {$(
        #[derive(Debug, Deserialize, ResponseModel)]
        #[allow(dead_code)]
        struct $name {
            name: String,
        }
    )*};
}

people!(
    Person, Early, Alone, Spawned, Followed, Left, Right, Threaded, Blocking
);

/// What a program finds where it runs.
pub(crate) struct Surroundings {
    pub(crate) mlflow: String,
    pub(crate) experiment: String,
    pub(crate) client: Client,
    /// The provider that the client asks lives in it.
    pub(crate) runtime: tokio::runtime::Runtime,
}

/// With a provider that knows one name. `None` outside of a program's process.
fn surroundings() -> Option<Surroundings> {
    surroundings_with("mlflow programs", |request| {
        openai::call(request.response_model(), &json!({"name": "Ann"}))
    })
}

/// With a provider that answers by `script`. `None` outside of a program's process.
pub(crate) fn surroundings_with(
    test: &'static str,
    script: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> Option<Surroundings> {
    let mlflow = std::env::var(SERVER).ok()?;
    let experiment = std::env::var(EXPERIMENT).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let provider = runtime.block_on(Server::start(test, move |_, request| script(request)));
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", provider.url()))
        .api_key("any-key-will-do")
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap();
    // It ends with the runtime.
    std::mem::forget(provider);
    Some(Surroundings {
        mlflow,
        experiment,
        client,
        runtime,
    })
}

/// The lines that `program` of this file writes to standard error, and the name of its experiment.
#[track_caller]
fn run(program: &str, mlflow: &str) -> (Vec<String>, String) {
    run_test(&format!("programs::{program}"), mlflow)
}

/// The same for a test of any file that is a program.
#[track_caller]
pub(crate) fn run_test(program: &str, mlflow: &str) -> (Vec<String>, String) {
    let experiment = format!("{program} {}", std::process::id());
    // No other program completes what this one leaves open.
    let spool = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", program, "--nocapture"])
        .env("MLFLOW_SPOOL_DIR", spool.path())
        .env(SERVER, mlflow)
        .env(EXPERIMENT, &experiment)
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    (said.lines().map(str::to_owned).collect(), experiment)
}

fn lines(trace: &Trace) -> Vec<String> {
    let mut lines = Vec::new();
    outline(trace, trace.root(), 0, &mut lines);
    lines
}

/// Not a test by itself: a program whose own log shows warnings only.
#[test]
fn program_whose_log_shows_warnings() {
    let Some(here) = surroundings() else { return };
    let mlflow = instructor::mlflow::layer();
    let mlflow = mlflow.tracking_uri(here.mlflow).experiment(here.experiment);
    let (mlflow, _guard) = mlflow.build().unwrap();
    let print = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_filter(LevelFilter::WARN);
    tracing_subscriber::registry()
        .with(print)
        .with(mlflow)
        .init();
    tracing::info!("not shown");
    tracing::warn!("shown");
    let call = here.client.create::<Person>("Who?").into_future();
    here.runtime.block_on(call).unwrap();
}

#[test]
fn a_filter_on_the_programs_own_log_leaves_traces_whole() {
    let Some((uri, python)) = server() else {
        return;
    };
    let (said, experiment) = run("program_whose_log_shows_warnings", &uri);
    let [warning] = said.as_slice() else {
        panic!("one line was expected: {said:#?}");
    };
    assert!(warning.ends_with("shown"), "{warning}");
    let traces = Traces::read(&python, &uri, &experiment);
    assert_eq!(
        lines(traces.named("create Person")),
        [
            "CHAIN create Person OK",
            "  CHAT_MODEL chat gpt-4o OK",
            "  PARSER validate OK"
        ]
    );
}

/// Not a test by itself: a program with one filter for everything.
#[test]
fn program_with_a_global_filter() {
    let Some(here) = surroundings() else { return };
    let mlflow = instructor::mlflow::layer().tracking_uri(here.mlflow);
    let (mlflow, _guard) = mlflow.build().unwrap();
    let print = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry()
        .with(EnvFilter::new("warn"))
        .with(print)
        .with(mlflow)
        .init();
    for _ in 0..2 {
        let call = here.client.create::<Person>("Who?").into_future();
        here.runtime.block_on(call).unwrap();
    }
}

#[test]
fn a_filter_on_everything_is_warned_of_once_with_the_cure() {
    // Nothing is sent, so there need be no server.
    let (said, _) = run("program_with_a_global_filter", "http://127.0.0.1:1");
    let [warning] = said.as_slice() else {
        panic!("one line was expected: {said:#?}");
    };
    for part in [
        "a global filter hides the spans of `instructor`",
        "instructor=info",
        "fmt::layer().with_filter(",
    ] {
        assert!(warning.contains(part), "{part:?} is not in {warning:?}");
    }
}

/// Not a test by itself: a service, whose `main` never returns.
#[test]
fn program_that_never_returns() {
    let Some(here) = surroundings() else { return };
    let mlflow = instructor::mlflow::autolog().tracking_uri(here.mlflow);
    let guard = mlflow.experiment(here.experiment).init().unwrap();
    let service = tracing::info_span!("service", port = 8080);
    here.runtime.block_on(
        async {
            for _ in 0..2 {
                here.client.create::<Person>("Who?").await.unwrap();
            }
        }
        .instrument(service.clone()),
    );
    guard.flush(Duration::from_secs(60)).unwrap();
    // No destructor runs: as if the process was ended from outside, the span of the service is never closed.
    std::process::exit(0);
}

#[test]
fn a_service_that_never_returns_delivers_each_call() {
    let Some((uri, python)) = server() else {
        return;
    };
    let (_, experiment) = run("program_that_never_returns", &uri);
    let traces = Traces::read(&python, &uri, &experiment);
    let [trace] = traces.all() else {
        panic!("one trace was expected: {}", traces.text);
    };
    assert_eq!(trace.info["state"], "IN_PROGRESS");
    let calls = trace.spans.iter();
    let calls = calls.filter(|span| span.name == "create Person");
    assert_eq!(calls.clone().count(), 2);
    for call in calls {
        let below: Vec<_> = trace.children(call).map(|span| &span.name).collect();
        assert_eq!(below, ["chat gpt-4o", "validate"]);
        assert_eq!(call.outputs(), json!({"name": "Ann"}));
    }
}

/// Not a test by itself: a program that has made its client, and a call, before it traces.
#[test]
fn program_that_traces_late() {
    let Some(here) = surroundings() else { return };
    let first = here.client.create::<Early>("Who?").into_future();
    here.runtime.block_on(first).unwrap();
    let client = here.client.clone();
    let mlflow = instructor::mlflow::autolog().tracking_uri(here.mlflow);
    let _guard = mlflow.experiment(here.experiment).init().unwrap();
    let second = client.create::<Person>("Who?").into_future();
    here.runtime.block_on(second).unwrap();
}

#[test]
fn a_client_that_is_older_than_autolog_is_traced() {
    let Some((uri, python)) = server() else {
        return;
    };
    let (_, experiment) = run("program_that_traces_late", &uri);
    let traces = Traces::read(&python, &uri, &experiment);
    assert_eq!(traces.all().len(), 1, "{}", traces.text);
    let trace = traces.named("create Person");
    assert_eq!(trace.info["state"], "OK");
    assert_eq!(lines(trace).len(), 3);
}

/// Not a test by itself: a program that calls in every way at once.
#[test]
fn program_of_many_tasks() {
    let Some(here) = surroundings() else { return };
    let mlflow = instructor::mlflow::autolog().tracking_uri(here.mlflow);
    let _guard = mlflow.experiment(here.experiment).init().unwrap();
    here.runtime.block_on(answer_everyone(here.client.clone()));
    answer_in_threads(&here.client);
    #[cfg(feature = "blocking")]
    answer_without_async(here.client.clone());
}

#[tracing::instrument(skip_all)]
async fn answer_everyone(client: Client) {
    // A task of its own knows nothing of this function, unless it is told.
    let alone = tokio::spawn(client.create::<Alone>("Who?").into_future());
    let spawned = client.create::<Spawned>("Who?").into_future();
    let spawned = tokio::spawn(spawned.instrument(Span::current()));
    let followed = client.clone();
    let followed = async move { followed.create::<Followed>("Who?").await };
    let followed = tokio::spawn(followed.in_current_span());
    let left = client.create::<Left>("Who?").into_future();
    let right = client.create::<Right>("Who?").into_future();
    let (left, right) = futures_util::future::join(left, right).await;
    left.unwrap();
    right.unwrap();
    alone.await.unwrap().unwrap();
    spawned.await.unwrap().unwrap();
    followed.await.unwrap().unwrap();
    let letters = (0..3).map(|_| client.create::<Person>("Who?").into_future());
    for answer in futures_util::future::join_all(letters).await {
        answer.unwrap();
    }
}

#[tracing::instrument(skip_all)]
fn answer_in_threads(client: &Client) {
    let function = Span::current();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let call = client.create::<Threaded>("Who?").into_future();
            runtime.block_on(call.instrument(function)).unwrap();
        });
    });
}

#[cfg(feature = "blocking")]
#[tracing::instrument(skip_all)]
fn answer_without_async(client: Client) {
    let client = instructor::blocking::Client::of(client).unwrap();
    client.create::<Blocking>("Who?").send().unwrap();
}

/// The traces of a program that calls in every way at once; the names below each root, in any order.
fn many_tasks() -> Option<Vec<(String, Vec<String>)>> {
    let (uri, python) = server()?;
    let (_, experiment) = run("program_of_many_tasks", &uri);
    let traces = Traces::read(&python, &uri, &experiment);
    let below = |trace: &Trace| {
        let mut below: Vec<_> = trace
            .children(trace.root())
            .map(|span| span.name.clone())
            .collect();
        below.sort();
        // Whatever runs beside it, each call has its own request and its own validation below it.
        for call in trace
            .spans
            .iter()
            .filter(|span| span.name.starts_with("create "))
        {
            let own: Vec<_> = trace.children(call).map(|span| &span.name).collect();
            assert_eq!(own, ["chat gpt-4o", "validate"], "{}", call.name);
        }
        (trace.root().name.clone(), below)
    };
    let mut found: Vec<_> = traces.all().iter().map(below).collect();
    found.sort();
    Some(found)
}

#[test]
fn calls_of_tasks_and_threads_are_below_the_function_that_makes_them() {
    let Some(found) = many_tasks() else { return };
    let person = "create Person";
    let mut expected = vec![
        (
            "answer_everyone",
            vec![
                "create Followed",
                "create Left",
                person,
                person,
                person,
                "create Right",
                "create Spawned",
            ],
        ),
        ("answer_in_threads", vec!["create Threaded"]),
        ("create Alone", vec!["chat gpt-4o", "validate"]),
    ];
    if cfg!(feature = "blocking") {
        expected.insert(2, ("answer_without_async", vec!["create Blocking"]));
    }
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(root, below)| {
            let below: Vec<_> = below.into_iter().map(str::to_owned).collect();
            (root.to_owned(), below)
        })
        .collect();
    assert_eq!(found, expected);
}
