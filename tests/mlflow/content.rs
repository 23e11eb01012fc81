//! What leaves the program when `capture_content(false)` is said: looked for in every byte that a tracking server is sent.

use std::collections::BTreeMap;
use std::time::Duration;

use instructor::prelude::*;
use instructor::{Mode, mlflow, provider};
use serde_json::{Value, json};
use tracing::Dispatch;
use tracing::instrument::WithSubscriber;
use tracing_subscriber::layer::SubscriberExt;

use crate::answers::{anthropic, openai, openai_responses};
use crate::calls::{anthropic_client, openai_client};
use crate::events;
use crate::server::{Received, Reply, Server};
use crate::tracking_server::{SPANS, ScriptedServer};

/// Users and models write these, everywhere they can.
const WORD: &str = "canary7f3a";
const NUMBER: u64 = 987_654_321_987;

#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Report {
    /// Said of the report.
    #[validate(length(max = 30))]
    #[llm_validate("is polite")]
    title: String,
    #[validate(range(max = 1e15))]
    count: u64,
    /// Words that look like those of the protocol.
    status: String,
    role: String,
    model: String,
    r#type: String,
    name: String,
    scores: BTreeMap<String, u64>,
}

/// A statement whose variables hold what users write.
#[cfg(feature = "templates")]
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(context = Reader)]
#[allow(dead_code)]
struct Letter {
    #[llm_validate("is for {{ reader }}")]
    text: String,
}

#[cfg(feature = "templates")]
#[derive(serde::Serialize)]
struct Reader {
    reader: String,
}

fn report(title: &str) -> Value {
    json!({
        "title": title, "count": NUMBER, "status": WORD, "role": WORD, "model": WORD, "type": WORD, "name": WORD,
        "scores": {WORD: NUMBER, "other canary7f3a.name[3]": 1},
    })
}

/// A wrong type and an unknown key under a key of a map, then a title that the judge rejects, then one that it accepts.
fn script(call: fn(&str, &Value) -> Reply) -> impl Fn(usize, &Received) -> Reply {
    move |index, request| match request.response_model() {
        "Verdict" => call(
            "Verdict",
            &json!({"is_valid": index > 2, "reason": format!("{WORD} is rude"), "fixed_value": null}),
        ),
        name @ "Letter" => call(name, &json!({"text": WORD})),
        name if index == 0 => {
            let mut wrong = report(WORD);
            wrong["scores"][WORD] = json!(format!("many {WORD}"));
            wrong[WORD] = json!(WORD);
            call(name, &wrong)
        }
        name => call(name, &report(&format!("{WORD} {index}"))),
    }
}

#[tracing::instrument(ret, err, skip(client))]
async fn summarise(
    client: Client,
    text: &str,
    number: u64,
    list: Vec<String>,
) -> Result<String, std::io::Error> {
    let error = client.create::<Report>(text).max_retries(0).await;
    let error = error.map(|_| ()).unwrap_err();
    Err(std::io::Error::other(format!("{text}: {error}")))
}

/// Spans and words of the program's own.
fn note_things(text: &str) {
    let span = mlflow::start_span("search").inputs(&json!({"query": text, "deep": {text: NUMBER}}));
    span.set_attribute("gen_ai.prompt", json!(text));
    span.set_attribute(
        "mlflow.chat.messages",
        json!([{"role": "user", "content": text}]),
    );
    span.set_attribute("anything", json!({text: NUMBER}));
    span.add_event("found", &json!({"text": text, "number": NUMBER}));
    span.record_exception(&std::io::Error::other(text.to_owned()));
    span.in_scope(|| {
        mlflow::update_current_trace()
            .session_id("session-2")
            .request_preview(text)
            .response_preview(text)
            .apply();
    });
    span.set_outputs(&json!([text, NUMBER]));
}

#[tracing::instrument(ret, fields(session.id = "session-1"))]
async fn count(client: Client, text: &str) -> String {
    client.create::<Report>(text).await.unwrap().title
}

async fn make() {
    let prompt = format!("Write a report about {WORD}, {NUMBER} of them.");

    let server = Server::start("content openai", script(openai::call)).await;
    let client = openai_client(&server);
    client
        .create::<Report>(&*prompt)
        .system(WORD)
        .await
        .unwrap();
    let server = Server::start("content anthropic", script(anthropic::call)).await;
    let client = anthropic_client(&server);
    client
        .create::<Report>(&*prompt)
        .system(WORD)
        .await
        .unwrap();
    let server = Server::start("content responses", script(openai_responses::call)).await;
    responses_client(&server)
        .create::<Report>(&*prompt)
        .system(WORD)
        .await
        .unwrap();

    // The answer is the text of a message, and is never right.
    let wrong = json!({"title": WORD, WORD: NUMBER}).to_string();
    for reply in [openai::text(&wrong), openai::text(WORD)] {
        let server = Server::script("content text", vec![reply]).await;
        let call = openai_client(&server).create::<Report>(&*prompt);
        let call = call.mode(Mode::JsonSchema).max_retries(1);
        call.await.unwrap_err();
    }

    // Errors of the provider that repeat what it was sent, as JSON and not.
    let repeated = json!({"error": {"message": WORD, "type": WORD, "code": WORD, "status": WORD}, "model": WORD});
    for reply in [
        Reply::json(400, &repeated),
        Reply::text(400, &format!("no: {prompt}")),
        Reply::text(200, WORD),
    ] {
        let server = Server::script("content error", vec![reply]).await;
        let client = openai_client(&server);
        let list = vec![WORD.to_owned()];
        summarise(client, &prompt, NUMBER, list).await.unwrap_err();
    }

    let server = Server::start("content function", script(openai::call)).await;
    count(openai_client(&server), &prompt).await;

    let streamed = |_: usize, request: &Received| {
        let pieces = events::pieces(&report(WORD).to_string(), 6);
        match request.response_model() {
            "Report" => Reply::stream(events::openai::call("Report", &pieces)),
            _ => Reply::text(500, WORD),
        }
    };
    let server = Server::start("content stream", streamed).await;
    let mut call = openai_client(&server).create::<Report>(&*prompt).stream();
    call.finish().await.unwrap_err();

    note_things(WORD);

    #[cfg(feature = "templates")]
    {
        let server = Server::start("content statement", script(openai::call)).await;
        let call = openai_client(&server).create::<Letter>(&*prompt);
        let reader = WORD.to_owned();
        let _ = call.context(Reader { reader }).max_retries(1).await;
    }
}

fn responses_client(server: &Server) -> Client {
    let provider = provider::openai_responses::OPENAI_RESPONSES.clone();
    Client::builder(provider, "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(crate::calls::CANARY)
        .build()
        .unwrap()
}

/// Every byte that a tracking server gets of the calls.
async fn sent(capture: bool) -> Vec<u8> {
    // A version to which nothing is sent compressed.
    let tracking = ScriptedServer::start().reply(crate::tracking_server::VERSION, 200, "3.6.0");
    let layer = instructor::mlflow::layer()
        .tracking_uri(tracking.uri())
        .capture_content(capture);
    let (layer, guard) = layer.build().unwrap();
    let subscriber = tracing_subscriber::registry().with(layer);
    make().with_subscriber(Dispatch::new(subscriber)).await;
    tokio::task::spawn_blocking(move || {
        guard.flush(Duration::from_secs(30)).unwrap();
        assert_eq!(guard.statistics().undelivered(), 0);
    })
    .await
    .unwrap();
    assert!(!tracking.received_at(SPANS).is_empty());
    let received = tracking.received().into_iter();
    received
        .flat_map(|request| {
            let head = format!("{} {} {:?}", request.path, request.query, request.headers);
            [head.into_bytes(), request.body].concat()
        })
        .collect()
}

/// How often the texts and the number stand in the bytes, however they are encoded.
fn hits(bytes: &[u8]) -> Vec<(&'static str, usize)> {
    let count = |wanted: &[u8]| {
        bytes
            .windows(wanted.len())
            .filter(|found| *found == wanted)
            .count()
    };
    let mut varint = Vec::new();
    let mut rest = NUMBER;
    while rest > 0x7f {
        varint.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    varint.push(rest as u8);
    vec![
        ("word", count(WORD.as_bytes())),
        ("number as text", count(NUMBER.to_string().as_bytes())),
        ("number", count(&varint)),
        ("number as double", count(&(NUMBER as f64).to_le_bytes())),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_word_and_no_number_of_users_and_models_leaves_the_program() {
    let captured = hits(&sent(true).await);
    // The search finds what is there.
    for (what, count) in &captured[..3] {
        assert!(*count > 10, "{what}: {captured:?}");
    }
    let bytes = sent(false).await;
    for (what, count) in hits(&bytes) {
        assert_eq!(count, 0, "{what}");
    }
    // What is useful without them is there.
    let text = String::from_utf8_lossy(&bytes);
    for shown in [
        "create Report",
        "chat gpt-4o",
        "llm_validate title",
        "scores.[key]",
        "instructor.outcome",
        "gen_ai.usage.input_tokens",
        "mlflow.llm.cost",
        "candidate_value",
        "[text: ",
        "[number]",
        "summarise",
        "session-1",
        "session-2",
        "found",
        "http.response.status_code",
    ] {
        assert!(text.contains(shown), "{shown}");
    }
}
