//! Against a real MLflow server: set `INSTRUCTOR_TEST_MLFLOW_URI` to its address.
//!
//! What arrives is read back over the server's own interface, into an experiment that is new for each run, or into the
//! one that `INSTRUCTOR_TEST_MLFLOW_EXPERIMENT` names.
#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // A test may panic, its functions too.

mod support;

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::calls::{self, Dialect, Ending};
use support::real_server::server;
use support::traced;
use tracing_subscriber::layer::SubscriberExt;

#[tracing::instrument(ret, err, fields(session.id = "session-9", user.id = "ann"))]
fn answer_mail(thread: u32) -> Result<String, std::fmt::Error> {
    calls::email(Dialect::OpenAi, Ending::Accepted);
    Ok("sent".to_owned())
}

#[tokio::test]
async fn traces_can_be_read_back() {
    let Some(uri) = server() else {
        return;
    };
    let experiment =
        std::env::var("INSTRUCTOR_TEST_MLFLOW_EXPERIMENT").unwrap_or_else(|_| unique_name());
    let builder = instructor_mlflow::layer()
        .tracking_uri(&uri)
        .experiment(&experiment);
    let guard = traced(builder, || {
        for (dialect, ending) in [
            (Dialect::OpenAi, Ending::Accepted),
            (Dialect::Anthropic, Ending::Accepted),
            (Dialect::OpenAi, Ending::Exhausted),
            (Dialect::OpenAi, Ending::Cancelled),
        ] {
            calls::email(dialect, ending);
            // The server orders traces by the millisecond.
            std::thread::sleep(Duration::from_millis(3));
        }
        answer_mail(7).expect("cannot fail");
    });
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes them");
    let statistics = guard.statistics();
    // Five calls, and the root around the last.
    assert_eq!(
        (statistics.emitted, statistics.sent),
        (6, 6),
        "{statistics:?}"
    );

    let server = Server { uri };
    let mut traces = server.newest_traces(&experiment, 5).await;
    traces.reverse();
    let states: Vec<&Value> = traces.iter().map(|trace| &trace["state"]).collect();
    assert_eq!(states, ["OK", "OK", "ERROR", "ERROR", "OK"]);
    let names: Vec<&Value> = traces
        .iter()
        .map(|trace| &trace["tags"]["mlflow.traceName"])
        .collect();
    let call = "create EmailSubject";
    assert_eq!(names, [call, call, call, call, "answer_mail"]);

    let [openai, anthropic, _, cancelled, around] = traces.as_slice() else {
        panic!("five traces were asked for");
    };
    assert_eq!(openai["request_preview"], calls::PROMPT);
    assert_eq!(tokens(openai), json!([600, 96, 696]));
    assert_eq!(tokens(anthropic), json!([2160, 232, 2392]));
    assert_eq!(tokens(cancelled), json!([null, null, null]));
    assert_eq!(tokens(around), json!([600, 96, 696]));
    assert_eq!(around["request_preview"], r#"{"thread":7}"#);
    assert_eq!(around["response_preview"], "sent");
    assert_eq!(
        around["trace_metadata"]["mlflow.trace.session"],
        "session-9"
    );
}

#[tokio::test]
async fn what_was_taken_is_there_when_it_is_asked_for() {
    let Some(uri) = server() else {
        return;
    };
    let experiment = unique_name();
    let builder = instructor_mlflow::layer()
        .tracking_uri(&uri)
        .experiment(&experiment)
        .verify_delivery(true);
    let guard = traced(builder, || {
        calls::email(Dialect::OpenAi, Ending::Accepted);
        answer_mail(7).expect("cannot fail");
    });
    guard
        .flush(Duration::from_secs(60))
        .expect("the server takes them");
    let statistics = guard.statistics();
    assert_eq!((statistics.sent, statistics.quarantined), (3, 0));
    let server = Server { uri };
    assert_eq!(server.newest_traces(&experiment, 5).await.len(), 2);
}

#[tokio::test]
async fn an_experiment_in_the_trash_takes_traces_again_when_it_is_restored() {
    let Some(uri) = server() else {
        return;
    };
    let server = Server { uri };
    let name = unique_name();
    let created = server.experiments("create", &json!({"name": &name})).await;
    let id = json!({"experiment_id": created["experiment_id"]});
    server.experiments("delete", &id).await;

    // The last of them is never sent: no other test's program may find it.
    let directory = tempfile::tempdir().expect("a directory");
    let (layer, guard) = instructor_mlflow::layer()
        .tracking_uri(&server.uri)
        .experiment(&name)
        .spool_dir(directory.path())
        .build()
        .expect("the settings are valid");
    let subscriber = tracing_subscriber::registry().with(layer);
    let subscriber = tracing::Dispatch::new(subscriber);
    let call = || {
        tracing::dispatcher::with_default(&subscriber, || {
            calls::email(Dialect::OpenAi, Ending::Accepted);
        });
        let outcome = guard.flush(Duration::from_secs(60));
        let statistics = guard.statistics();
        assert_eq!(outcome.is_ok(), statistics.spooled == 0);
        (statistics.sent, statistics.spooled)
    };
    assert_eq!(call(), (0, 1));
    server.experiments("restore", &id).await;
    assert_eq!(call(), (2, 0));
    // What was found before is gone once more.
    server.experiments("delete", &id).await;
    assert_eq!(call(), (2, 1));
}

/// Nine spans each: with their root more than ten thousand.
const CALLS_OF_A_LARGE_TRACE: usize = 1112;

#[tracing::instrument]
fn work_through_the_inbox() {
    for _ in 0..CALLS_OF_A_LARGE_TRACE {
        calls::email(Dialect::OpenAi, Ending::Accepted);
    }
}

#[tokio::test]
#[ignore = "takes a minute of the server's time, on a busy machine several; docs/mlflow.md has its figures"]
async fn a_trace_of_ten_thousand_spans_arrives_whole() {
    let Some(uri) = server() else {
        return;
    };
    let experiment = unique_name();
    let builder = instructor_mlflow::layer()
        .tracking_uri(&uri)
        .experiment(&experiment)
        // No model makes them wait here.
        .queue_capacity(2 * CALLS_OF_A_LARGE_TRACE);
    let begin = Instant::now();
    let guard = traced(builder, work_through_the_inbox);
    guard
        .flush(Duration::from_secs(400))
        .expect("the server takes them");
    println!("delivered in {:?}", begin.elapsed());
    let frames = CALLS_OF_A_LARGE_TRACE as u64 + 1;
    assert_eq!(guard.statistics().sent, frames);

    let server = Server { uri };
    let traces = server.newest_traces(&experiment, 2).await;
    let [trace] = traces.as_slice() else {
        panic!("one trace: {traces:?}");
    };
    assert_eq!(trace["state"], "OK");
    let calls = CALLS_OF_A_LARGE_TRACE as u64;
    assert_eq!(tokens(trace), json!([600 * calls, 96 * calls, 696 * calls]));
    let begin = Instant::now();
    let id = trace["trace_id"].as_str().expect("it has an id");
    println!("{experiment}: {id}");
    let whole = server.trace(id).await;
    println!("read in {:?}", begin.elapsed());
    let spans = whole["trace"]["spans"].as_array().map(Vec::len);
    assert_eq!(spans, Some(9 * CALLS_OF_A_LARGE_TRACE + 1));
}

/// Of an experiment that is new for each run.
fn unique_name() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.expect("it is after 1970").as_nanos();
    format!("instructor-mlflow test {now}")
}

fn tokens(trace: &Value) -> Value {
    let usage = trace["trace_metadata"]["mlflow.trace.tokenUsage"].as_str();
    let usage: Value = serde_json::from_str(usage.unwrap_or("{}")).expect("it is JSON");
    json!([
        usage["input_tokens"],
        usage["output_tokens"],
        usage["total_tokens"]
    ])
}

struct Server {
    uri: String,
}

impl Server {
    /// Asks for a change of an experiment.
    async fn experiments(&self, change: &str, body: &Value) -> Value {
        let request = reqwest::Client::new()
            .post(format!("{}/api/2.0/mlflow/experiments/{change}", self.uri))
            .header("content-type", "application/json")
            .body(body.to_string());
        read(request).await
    }

    /// A trace with its spans.
    async fn trace(&self, id: &str) -> Value {
        let request = reqwest::Client::new()
            .get(format!("{}/api/3.0/mlflow/traces/get", self.uri))
            .query(&[("trace_id", id)]);
        read(request).await
    }

    async fn newest_traces(&self, experiment: &str, count: usize) -> Vec<Value> {
        let client = reqwest::Client::new();
        let found = client
            .get(format!(
                "{}/api/2.0/mlflow/experiments/get-by-name",
                self.uri
            ))
            .query(&[("experiment_name", experiment)]);
        let id = read(found).await["experiment"]["experiment_id"].clone();
        let search = json!({
            "locations": [{"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": id}}],
            "max_results": count,
            "order_by": ["timestamp_ms DESC"],
        });
        let traces = client
            .post(format!("{}/api/3.0/mlflow/traces/search", self.uri))
            .header("content-type", "application/json")
            .body(search.to_string());
        let mut answer = read(traces).await;
        serde_json::from_value(answer["traces"].take()).expect("a list")
    }
}

async fn read(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.expect("the server answers");
    let text = response.text().await.expect("the whole answer");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}
