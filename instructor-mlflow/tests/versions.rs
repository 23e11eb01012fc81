//! One version of MLflow: what it gets, read back by its own Python client.
//!
//! `cargo xtask test --matrix` installs the versions and runs this test for each. It starts the server that the variables
//! name, sends traces through a proxy that loses answers and lets the server crash, and prints one row of the table in
//! `docs/mlflow-servers.md`.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic)] // A test may panic.

mod support;

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use instructor_mlflow::{Guard, layer};
use serde_json::{Value, json};
use support::calls::{self, Dialect, Ending};
use support::lossy_proxy::{LossyProxy, Trouble};
use support::mlflow_server::{Installation, MlflowServer};
use support::traced;

/// The first trace on a fresh server takes up to 8 seconds, on a busy machine more.
const LONG: Duration = Duration::from_secs(300);

/// An experiment of its own for each case.
const EXPERIMENTS: [&str; 6] = [
    "fine",
    "failed",
    "around",
    "flushed",
    "lost answers",
    "crash",
];

fn one_call() {
    calls::email(Dialect::OpenAi, Ending::Accepted);
}

#[tracing::instrument(skip_all, ret, fields(session.id = "session-9", user.id = "ann"))]
fn answer_mails(between: impl FnOnce()) -> u32 {
    one_call();
    between();
    one_call();
    2
}

fn send(uri: &str, experiment: &str, program: impl FnOnce()) {
    let guard = traced(layer().tracking_uri(uri).experiment(experiment), program);
    flush(&guard);
    let statistics = guard.statistics();
    assert_eq!(
        statistics.sent, statistics.emitted,
        "{experiment}: {statistics:?}"
    );
}

/// A server that is starting is one that cannot be reached, for which a flush does not wait long.
fn flush(guard: &Guard) {
    let begin = std::time::Instant::now();
    while let Err(error) = guard.flush(LONG) {
        assert!(begin.elapsed() < LONG, "{error}");
    }
}

#[test]
fn traces_are_read_back_by_the_servers_own_client() {
    let Some(installation) = Installation::of_environment() else {
        return;
    };
    let folder = env::temp_dir().join(format!("instructor-versions-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the server");
    let server = MlflowServer::start(installation.clone(), &folder);
    let direct = format!("http://127.0.0.1:{}", server.port);
    let proxy = LossyProxy::before(server);

    send(&direct, "fine", one_call);
    send(&direct, "failed", || {
        calls::email(Dialect::OpenAi, Ending::Exhausted);
    });
    let wait = || std::thread::sleep(Duration::from_secs(1));
    send(&direct, "around", || {
        answer_mails(wait);
    });
    send_with_a_flush_in_between(&direct);

    proxy.make(Trouble::LostAnswers);
    send(&proxy.uri(), "lost answers", || {
        one_call();
        std::thread::sleep(Duration::from_millis(5));
        calls::email(Dialect::OpenAi, Ending::Exhausted);
    });
    let lost = proxy.make(Trouble::Crash);
    assert!(lost.len() >= 4, "{lost:?}");
    send(&proxy.uri(), "crash", one_call);
    let crashed = proxy.make(Trouble::None);
    assert_eq!(crashed.len(), 1, "{crashed:?}");

    let read = read(&installation.python, &direct);
    let mut row = Row::default();
    let experiments = &read["experiments"];
    let [fine] = of(experiments, "fine", 1);
    check_call(fine, true, &mut row);
    let [failed] = of(experiments, "failed", 1);
    check_call(failed, false, &mut row);
    let [around] = of(experiments, "around", 1);
    check_function(around, &mut row);
    let [flushed] = of(experiments, "flushed", 1);
    check_function(flushed, &mut Row::default());
    let [sent_twice, failed_twice] = of(experiments, "lost answers", 2);
    check_call(sent_twice, true, &mut row);
    check_call(failed_twice, false, &mut row);
    let [crashed] = of(experiments, "crash", 1);
    check_call(crashed, true, &mut row);

    let version = read["version"].as_str().expect("a version");
    let name = match (installation.store.as_str(), installation.artifacts.as_str()) {
        ("file", _) => format!("{version}, files as store"),
        (_, "local") => format!("{version}, `--default-artifact-root`"),
        _ => version.to_owned(),
    };
    let row = row.finish(&name, &lost);
    println!("{row}");
    if let Some(path) = env::var_os("INSTRUCTOR_TEST_VERSION_ROW") {
        fs::write(path, row.to_string()).expect("the row can be written");
    }
    drop(proxy);
    let _ = fs::remove_dir_all(&folder);
}

fn send_with_a_flush_in_between(uri: &str) {
    let (layer, guard) = layer()
        .tracking_uri(uri)
        .experiment("flushed")
        .build()
        .expect("the settings are valid");
    let subscriber =
        tracing_subscriber::layer::SubscriberExt::with(tracing_subscriber::registry(), layer);
    tracing::subscriber::with_default(subscriber, || {
        answer_mails(|| {
            flush(&guard);
            assert_eq!(guard.statistics().sent, 1);
        });
    });
    flush(&guard);
    assert_eq!(guard.statistics().sent, 3);
}

/// What the Python client reads.
fn read(python: &Path, uri: &str) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/python/read_versions.py");
    let output = Command::new(python)
        .arg(script)
        .arg(uri)
        .args(EXPERIMENTS)
        .output()
        .expect("Python can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).expect("the script writes JSON")
}

/// The traces of an experiment, which are `N`: none is there twice.
fn of<'a, const N: usize>(experiments: &'a Value, name: &str, count: usize) -> [&'a Value; N] {
    let traces = experiments[name].as_array().expect("a list");
    assert_eq!(traces.len(), count, "{name}: {traces:#?}");
    let traces: Vec<&Value> = traces.iter().collect();
    traces.try_into().expect("as many as asked for")
}

/// A row of the table: what this version shows.
#[derive(Default)]
struct Row {
    previews: bool,
    token_field: bool,
    cost: bool,
    cost_field: bool,
    own_ids: bool,
}

impl Row {
    fn finish(&self, server: &str, requests: &[String]) -> Value {
        json!({
            "server": server,
            "route": route(requests),
            "previews": self.previews,
            "token_field": self.token_field,
            "cost": self.cost,
            "cost_field": self.cost_field,
            "own_ids": self.own_ids,
        })
    }
}

fn route(requests: &[String]) -> &'static str {
    let has = |part: &str| requests.iter().any(|request| request.contains(part));
    match (has("POST /api/2.0/mlflow/traces"), has("PUT ")) {
        (true, _) => "A",
        (_, true) => "B",
        _ => "C",
    }
}

/// A call of two attempts, each judged: nine spans, four of them requests.
fn check_call(trace: &Value, accepted: bool, row: &mut Row) {
    let spans = trace["spans"].as_array().expect("a list");
    assert_eq!(spans.len(), 9, "{trace:#}");
    let root = root(trace);
    assert_eq!(root["name"], "create EmailSubject");
    assert_eq!(root["type"], "CHAIN");
    check_attempts(trace, root, accepted);
    let state = if accepted { "OK" } else { "ERROR" };
    assert_eq!(
        (&trace["state"], &root["status"]),
        (&state.into(), &state.into())
    );
    if accepted {
        assert_eq!(root["outputs"]["subject"], calls::GOOD_SUBJECT);
    } else {
        assert!(
            root["message"]
                .as_str()
                .expect("text")
                .contains("no valid answer")
        );
        assert_eq!(root["events"][0]["name"], "exception");
    }
    let message = &root["inputs"]["messages"][0];
    assert_eq!(message["content"], calls::PROMPT);
    check_tokens(trace, 4);
    check_cost(trace, row);
    assert_eq!(trace["tags"]["mlflow.traceName"], "create EmailSubject");
    let preview = trace["request_preview"].as_str();
    assert!(
        preview.is_none_or(|preview| preview == calls::PROMPT),
        "{preview:?}"
    );
    row.previews = preview.is_some();
    row.token_field = trace["has_token_field"] == true;
    let id = trace["id"].as_str().expect("text");
    row.own_ids = id.starts_with("tr-");
    let sources = [&trace["tags"], &trace["metadata"]];
    assert!(
        sources
            .iter()
            .any(|all| all["mlflow.source.type"] == "LOCAL")
    );
}

/// Below `root`: twice a request, and a check with a judge below it.
fn check_attempts(trace: &Value, root: &Value, accepted: bool) {
    let children = children(trace, root);
    let kinds: Vec<&Value> = children.iter().map(|span| &span["type"]).collect();
    assert_eq!(kinds, ["CHAT_MODEL", "PARSER", "CHAT_MODEL", "PARSER"]);
    for chat in [children[0], children[2]] {
        assert_eq!(chat["name"], "chat gpt-4o");
        assert_eq!(chat["inputs"]["messages"][0]["content"], calls::PROMPT);
        let call = &chat["outputs"]["choices"][0]["message"];
        assert_eq!(call["content"], Value::Null);
        assert_eq!(call["tool_calls"][0]["function"]["name"], "EmailSubject");
        assert_eq!(chat["tokens"]["total_tokens"], 174);
        assert!(
            chat["cost"]["total_cost"]
                .as_f64()
                .is_some_and(|cost| cost > 0.0)
        );
        assert!(chat["nanoseconds"].as_i64().is_some_and(|time| time >= 0));
    }
    let wrong = children[1];
    assert_eq!(wrong["status"], "ERROR");
    assert_eq!(wrong["events"][0]["name"], "exception");
    assert_eq!(wrong["events"][0]["message"], "subject: too long");
    assert_eq!(wrong["inputs"]["subject"], calls::LONG_SUBJECT);
    let last = if accepted { "OK" } else { "ERROR" };
    assert_eq!(children[3]["status"], last);
    let judge = self::children(trace, wrong);
    assert_eq!(judge[0]["name"], "llm_validate subject");
    assert_eq!(self::children(trace, judge[0])[0]["type"], "CHAT_MODEL");
}

/// Two calls under a function, which is the root.
fn check_function(trace: &Value, row: &mut Row) {
    let spans = trace["spans"].as_array().expect("a list");
    assert_eq!(spans.len(), 19, "{trace:#}");
    let root = root(trace);
    assert_eq!(root["name"], "answer_mails");
    assert_eq!(root["outputs"], 2);
    assert_eq!(trace["state"], "OK");
    let calls = children(trace, root);
    assert_eq!(calls.len(), 2);
    for call in calls {
        check_attempts(trace, call, true);
    }
    check_tokens(trace, 8);
    check_cost(trace, row);
    assert_eq!(trace["tags"]["mlflow.traceName"], "answer_mails");
    assert_eq!(trace["metadata"]["mlflow.trace.session"], "session-9");
    assert_eq!(trace["metadata"]["mlflow.trace.user"], "ann");
}

fn check_tokens(trace: &Value, requests: u64) {
    let tokens = |name| trace["tokens"][name].as_u64();
    let found = [
        tokens("input_tokens"),
        tokens("output_tokens"),
        tokens("total_tokens"),
    ];
    let expected = [150, 24, 174].map(|tokens| Some(tokens * requests));
    assert_eq!(found, expected, "{:?}", trace["tokens"]);
}

/// The cost of the trace is that of its requests, where there is one.
fn check_cost(trace: &Value, row: &mut Row) {
    row.cost_field = trace["has_cost_field"] == true;
    let Some(cost) = trace["cost"]["total_cost"].as_f64() else {
        row.cost = false;
        return;
    };
    let spans = trace["spans"].as_array().expect("a list");
    let costs = spans
        .iter()
        .filter_map(|span| span["cost"]["total_cost"].as_f64());
    let sum: f64 = costs.sum();
    assert!((cost - sum).abs() < 1e-9, "{cost} is not {sum}");
    row.cost = true;
}

fn root(trace: &Value) -> &Value {
    let spans = trace["spans"].as_array().expect("a list");
    let mut roots = spans.iter().filter(|span| span["parent"].is_null());
    let root = roots.next().expect("a trace has a root");
    assert!(roots.next().is_none(), "one root");
    root
}

/// In the order of their ends, as they were sent.
fn children<'a>(trace: &'a Value, parent: &Value) -> Vec<&'a Value> {
    let spans = trace["spans"].as_array().expect("a list");
    spans
        .iter()
        .filter(|span| span["parent"] == parent["id"])
        .collect()
}
