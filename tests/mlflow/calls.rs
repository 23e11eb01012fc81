//! The calls whose traces are looked at. Each has a response model of its own, which names its trace.

use std::sync::OnceLock;
use std::time::Duration;

use instructor::prelude::*;
use instructor::{Reask, RetryPolicy, provider};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::events;
use crate::reading::{self, Traces};
use crate::server::{Received, Reply, Server};

pub(crate) const PROMPT: &str = "Write an email subject to Bob about the Q3 launch approval";
pub(crate) const LONG: &str = "Fwd: Re: Re: some thoughts on the thing we maybe discussed";
pub(crate) const SHORT: &str = "Q3 launch: your approval needed by Friday";
pub(crate) const CANARY: &str = "sk-canary-9c07";

macro_rules! emails {
    ($($name:ident),*) => {$(
        /// The subject line of an email.
        #[derive(Debug, Deserialize, ResponseModel)]
        #[allow(dead_code)]
        struct $name {
            /// Who receives the email.
            recipient: String,
            #[llm_validate("ensure subject is concise and engaging")]
            subject: String,
        }
    )*};
}

emails!(OpenaiEmail, AnthropicEmail);

macro_rules! names {
    ($($name:ident),*) => {$(
        #[derive(Debug, Deserialize, ResponseModel)]
        #[allow(dead_code)]
        struct $name {
            #[validate(length(min = 1))]
            name: String,
        }
    )*};
}

names!(Exhausted, Unauthorized, Instrumented, Cancelled, Whole);

macro_rules! people {
    ($($name:ident),*) => {$(
        #[derive(Debug, Deserialize, ResponseModel)]
        #[allow(dead_code)]
        struct $name {
            #[validate(length(min = 1))]
            name: String,
            place: String,
        }
    )*};
}

people!(Streamed, StreamedAnthropic, Stopped, Dropped);

#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Corrected {
    total: f64,
    is_paid: bool,
    lines: Vec<String>,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Reread {
    numbers: Vec<u8>,
}

pub(crate) fn openai_client(server: &Server) -> Client {
    let builder = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()));
    builder
        .api_key(CANARY)
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap()
}

pub(crate) fn anthropic_client(server: &Server) -> Client {
    let builder = Client::builder(provider::anthropic::ANTHROPIC.clone(), "claude-sonnet-4-5")
        .base_url(server.url());
    builder
        .api_key(CANARY)
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap()
}

/// A wrong type, then a subject that is rejected, then a good one.
fn email_script(call: fn(&str, &Value) -> Reply) -> impl Fn(usize, &Received) -> Reply {
    move |index, request| match request.response_model() {
        "Verdict" if index == 2 => call(
            "Verdict",
            &json!({"is_valid": false, "reason": "The subject is long and vague.", "fixed_value": null}),
        ),
        "Verdict" => call(
            "Verdict",
            &json!({"is_valid": true, "reason": null, "fixed_value": null}),
        ),
        name if index == 0 => call(name, &json!({"recipient": 7, "subject": LONG})),
        name if index == 1 => call(
            name,
            &json!({"recipient": "bob@example.com", "subject": LONG}),
        ),
        name => call(
            name,
            &json!({"recipient": "bob@example.com", "subject": SHORT}),
        ),
    }
}

#[tracing::instrument(skip(client))]
async fn answer_mail(client: Client, thread: u32) {
    for _ in 0..2 {
        client.create::<Instrumented>("Who writes?").await.unwrap();
    }
}

/// The traces; `None`, with the reason printed, where there is no server.
pub(crate) fn traces() -> Option<&'static Traces> {
    static TRACES: OnceLock<Option<Traces>> = OnceLock::new();
    TRACES.get_or_init(collect).as_ref()
}

fn collect() -> Option<Traces> {
    let (uri, python) = reading::server()?;
    let experiment = format!("instructor tests {}", std::process::id());
    // Only the traces of these calls are counted.
    let directory = tempfile::tempdir().unwrap();
    let openai = instructor::mlflow::openai::autolog();
    let guard = openai
        .tracking_uri(&uri)
        .experiment(&experiment)
        .spool_dir(directory.path())
        .init()
        .unwrap();
    // Asking for another provider extends the layer that is installed.
    let _anthropic = instructor::mlflow::anthropic::autolog().init().unwrap();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(make());
    instructor::mlflow::flush(Duration::from_secs(60)).unwrap();
    let statistics = guard.statistics();
    assert_eq!(statistics.emitted, statistics.sent, "{statistics:?}");

    Some(Traces::read(&python, &uri, &experiment))
}

/// Makes all calls.
pub(crate) async fn make() {
    let server = Server::start("mlflow openai", email_script(openai::call)).await;
    openai_client(&server)
        .create::<OpenaiEmail>(PROMPT)
        .await
        .unwrap();

    let server = Server::start("mlflow anthropic", email_script(anthropic::call)).await;
    anthropic_client(&server)
        .create::<AnthropicEmail>(PROMPT)
        .max_tokens(1000)
        .await
        .unwrap();

    let server = Server::script(
        "mlflow exhausted",
        vec![openai::call("Exhausted", &json!({"name": ""}))],
    )
    .await;
    openai_client(&server)
        .create::<Exhausted>("Who?")
        .max_retries(1)
        .await
        .unwrap_err();

    let refused = openai::error(
        401,
        "invalid_request_error",
        "invalid_api_key",
        &format!("wrong key {CANARY}"),
    );
    let server = Server::script("mlflow 401", vec![refused]).await;
    openai_client(&server)
        .create::<Unauthorized>("Who?")
        .await
        .unwrap_err();

    let server = Server::script(
        "mlflow instrumented",
        vec![openai::call("Instrumented", &json!({"name": "Ann"}))],
    )
    .await;
    answer_mail(openai_client(&server), 7).await;

    // Values of the wrong type, each of which can be meant in one way only; and text that is no JSON but holds some.
    let sloppy = json!({"total": "12.50", "is_paid": "yes", "lines": "Tea"});
    let replies = vec![
        openai::call("Corrected", &sloppy),
        openai::raw_call("Reread", "```json\n{\"numbers\": [1],}\n```"),
    ];
    let server = Server::script("mlflow corrected", replies).await;
    let client = openai_client(&server);
    client.create::<Corrected>("Read it.").await.unwrap();
    client.create::<Reread>("Count.").await.unwrap();

    make_streams().await;
    crate::conversation::make().await;
    crate::outcomes::make().await;

    // A server that accepts and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("http://{}", silent.local_addr().unwrap()))
        .api_key(CANARY)
        .build()
        .unwrap();
    let call = client.create::<Cancelled>("Who?").into_future();
    tokio::time::timeout(Duration::from_millis(100), call)
        .await
        .unwrap_err();
}

const PAUSE: Duration = Duration::from_millis(5);
/// The pieces that a stream comes in.
const PIECE: usize = 4;

/// The first answer has a fault in its first field, the second has none.
fn streams(call: fn(&str, &[String]) -> Vec<String>) -> impl Fn(usize, &Received) -> Reply {
    move |index, request| {
        let name = if index == 0 { "" } else { "Ann" };
        let answer = json!({"name": name, "place": "Paris on the Seine"}).to_string();
        let pieces = events::pieces(&answer, PIECE);
        Reply::stream(call(request.response_model(), &pieces)).with_pause(PAUSE)
    }
}

async fn make_streams() {
    let whole = vec![openai::call("Whole", &json!({"name": "Ann"}))];
    let server = Server::script("mlflow whole", whole).await;
    openai_client(&server)
        .create::<Whole>("Who?")
        .await
        .unwrap();

    let server = Server::start("mlflow stream", streams(events::openai::call)).await;
    let call = openai_client(&server).create::<Streamed>("Who?");
    call.reask(Reask::Full).stream().finish().await.unwrap();

    let server = Server::start("mlflow stream anthropic", streams(events::anthropic::call)).await;
    let call = anthropic_client(&server).create::<StreamedAnthropic>("Who?");
    call.reask(Reask::Full).stream().finish().await.unwrap();

    let server = Server::start("mlflow stopped", streams(events::openai::call)).await;
    let call = openai_client(&server).create::<Stopped>("Who?");
    let call = call.reask(Reask::Full).fail_fast(true);
    call.stream().finish().await.unwrap();

    let server = Server::start("mlflow dropped", streams(events::openai::call)).await;
    let mut stream = openai_client(&server).create::<Dropped>("Who?").stream();
    stream.next().await.unwrap().expect("a part");
    drop(stream);
}
