//! How calls end, and what else a trace says of them than words.

use std::time::{Duration, Instant};

use instructor::prelude::*;
use instructor::{Price, Reask, provider};
use serde_json::{Value, json};

use crate::answers::{openai, openai_responses};
use crate::calls::{CANARY, openai_client, traces};
use crate::reading::{Span, Trace};
use crate::server::{Reply, Server};

macro_rules! people {
    ($($name:ident),*) => {$(
        #[derive(Debug, Deserialize, ResponseModel)]
        #[allow(dead_code)]
        struct $name {
            name: String,
            age: u8,
        }
    )*};
}

people!(
    Spent, Expensive, Late, Repeated, Refused, Priced, Thought, InSession, Repaired
);

/// An answer that is wrong in another way each time.
async fn stubborn(test: &'static str, tool: &'static str) -> Server {
    Server::start(test, move |index, _| {
        openai::call(
            tool,
            &json!({"name": "Ann", "age": format!("about {index}")}),
        )
    })
    .await
}

/// The response, for which the model has thought 16 tokens.
fn thinking(response: Reply) -> Reply {
    match response {
        Reply::Answer {
            status,
            headers,
            body,
        } => Reply::Answer {
            status,
            headers,
            body: body.replace(r#""reasoning_tokens":0"#, r#""reasoning_tokens":16"#),
        },
        other => other,
    }
}

#[tracing::instrument(ret, skip(client), fields(session.id = "outcomes-session", user.id = "ann"))]
async fn turn(client: Client, number: u32) -> String {
    client.create::<InSession>("Who?").await.unwrap().name
}

/// Makes the calls.
pub(crate) async fn make() {
    let server = stubborn("mlflow budget of tokens", "Spent").await;
    let call = openai_client(&server).create::<Spent>("Who?");
    call.max_tokens_total(200).await.unwrap_err();

    let server = stubborn("mlflow budget of money", "Expensive").await;
    let call = openai_client(&server).create::<Expensive>("Who?");
    call.max_cost(0.000_6).await.unwrap_err();

    // A server that accepts and never answers.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("http://{}", silent.local_addr().unwrap()))
        .api_key(CANARY)
        .build()
        .unwrap();
    let call = client.create::<Late>("Who?");
    let soon = Instant::now() + Duration::from_millis(50);
    call.deadline(soon).await.unwrap_err();

    let same = vec![openai::call(
        "Repeated",
        &json!({"name": "Ann", "age": "old"}),
    )];
    let server = Server::script("mlflow repeated", same).await;
    let call = openai_client(&server).create::<Repeated>("Who?");
    let call = call.reask(Reask::Full).max_retries(5);
    call.await.unwrap_err();

    let refused = openai::error(400, "invalid_request_error", "bad_request", "no such tool");
    let refused = refused.with_header("x-request-id", "req_outcomes_400");
    let server = Server::script("mlflow 400", vec![refused]).await;
    let call = openai_client(&server).create::<Refused>("Who?");
    call.await.unwrap_err();

    let answer = openai::call("Priced", &json!({"name": "Ann", "age": 7}));
    let answer = answer.with_header("x-request-id", "req_outcomes_200");
    let server = Server::script("mlflow price", vec![answer]).await;
    let price = Price::per_million_tokens(1.0, 2.0).unwrap();
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .price(price)
        .build()
        .unwrap();
    client.create::<Priced>("Who?").await.unwrap();

    let server = Server::start("mlflow responses", |index, request| {
        let age = if index == 0 { json!("seven") } else { json!(7) };
        let arguments = json!({"name": "Ann", "age": age}).to_string();
        let output = json!([
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": request.response_model(),
                "arguments": arguments, "status": "completed"},
        ]);
        thinking(openai_responses::response(&output, "completed", None))
    })
    .await;
    let provider = provider::openai_responses::OPENAI_RESPONSES.clone();
    let client = Client::builder(provider, "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key(CANARY)
        .build()
        .unwrap();
    client.create::<Thought>("Who?").await.unwrap();

    let answers = vec![openai::call("InSession", &json!({"name": "Ann", "age": 7}))];
    let server = Server::script("mlflow session", answers).await;
    for number in 1..=3 {
        turn(openai_client(&server), number).await;
    }

    let server = Server::start("mlflow repaired", |index, request| {
        let age = if index == 0 { json!("seven") } else { json!(7) };
        openai::call(
            request.response_model(),
            &json!({"name": "Ann", "age": age}),
        )
    })
    .await;
    let call = openai_client(&server).create::<Repaired>("Who?");
    call.reask(Reask::Full).await.unwrap();
}

fn chats(trace: &Trace) -> Vec<&Span> {
    let chats = trace.children(trace.root());
    chats
        .filter(|span| span.span_type() == "CHAT_MODEL")
        .collect()
}

#[test]
fn what_stopped_a_call_is_a_word_of_its_own() {
    let Some(traces) = traces() else { return };
    for (name, outcome, stopped_by, requests) in [
        ("Spent", "budget_exceeded", json!("tokens"), 2),
        ("Expensive", "budget_exceeded", json!("cost"), 2),
        ("Late", "budget_exceeded", json!("deadline"), 1),
        ("Repeated", "exhausted", json!("repeated"), 2),
        ("Exhausted", "exhausted", Value::Null, 2),
        ("Refused", "api", Value::Null, 1),
        ("Priced", "ok", Value::Null, 1),
    ] {
        let trace = traces.named(&format!("create {name}"));
        let root = trace.root();
        assert_eq!(root.attribute("instructor.outcome"), outcome, "{name}");
        assert_eq!(
            root.attribute("instructor.stopped_by"),
            stopped_by,
            "{name}"
        );
        assert_eq!(chats(trace).len(), requests, "{name}");
        let has_failed = outcome != "ok";
        assert_eq!(root.status == "ERROR", has_failed, "{name}");
        assert_eq!(root.exceptions().len(), usize::from(has_failed), "{name}");
        assert_eq!(root.status_message.is_empty(), !has_failed, "{name}");
    }
}

#[test]
fn a_request_that_the_deadline_cut_off_says_so() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Late");
    let chat = chats(trace)[0];
    assert_eq!(chat.status_message, "cancelled: the deadline has passed");
    assert_eq!(chat.attribute("instructor.outcome"), "cancelled");
}

#[test]
fn a_request_shows_status_and_the_providers_name_for_it() {
    let Some(traces) = traces() else { return };
    for (name, status, id) in [
        ("Refused", 400, json!("req_outcomes_400")),
        ("Priced", 200, json!("req_outcomes_200")),
        ("Unauthorized", 401, Value::Null),
        ("Late", 0, Value::Null),
    ] {
        let trace = traces.named(&format!("create {name}"));
        let chat = chats(trace)[0];
        let shown = chat.attribute("http.response.status_code");
        assert_eq!(shown.as_u64().unwrap_or_default(), status, "{name}");
        assert_eq!(chat.attribute("instructor.request_id"), id, "{name}");
    }
    let chat = chats(traces.named("create Refused"))[0];
    assert_eq!(
        chat.status_message,
        "the provider answered with status 400: no such tool (request req_outcomes_400)"
    );
    assert_eq!(chat.outputs()["error"]["message"], "no such tool");
}

#[test]
fn a_cost_says_whose_price_it_follows_from() {
    let Some(traces) = traces() else { return };
    let chat = chats(traces.named("create Priced"))[0];
    assert_eq!(chat.attribute("instructor.price.source"), "client");
    assert_eq!(chat.attribute("instructor.price.date"), Value::Null);
    let chat = chats(traces.named("create Whole"))[0];
    let date = instructor::cost::TABLE_DATE;
    assert_eq!(chat.attribute("instructor.price.date"), date);
    let source = instructor::cost::TABLE_SOURCE;
    assert_eq!(chat.attribute("instructor.price.source"), source);
}

#[test]
fn the_responses_wire_shows_thoughts_and_a_conversation() {
    let Some(traces) = traces() else { return };
    let trace = traces.named("create Thought");
    let chats = chats(trace);
    assert_eq!(chats.len(), 2);
    for (number, chat) in (1..).zip(chats) {
        assert_eq!(chat.attribute("instructor.attempt"), number);
        assert_eq!(chat.attribute("mlflow.message.format"), "openai");
        assert_eq!(chat.attribute("mlflow.llm.provider"), "openai");
        assert_eq!(chat.attribute("mlflow.llm.cost")["total_cost"], 0.000_535);
        let date = instructor::cost::TABLE_DATE;
        assert_eq!(chat.attribute("instructor.price.date"), date);
        assert_eq!(chat.attribute("gen_ai.usage.reasoning.output_tokens"), 16);
        assert_eq!(chat.attribute("gen_ai.usage.cache_read.input_tokens"), 64);
        assert_eq!(chat.attribute("instructor.mode"), "tools");
        assert_eq!(chat.attribute("instructor.response_model"), "Thought");
    }
    assert_eq!(trace.info["request_preview"], "Who?");
    let preview = r#"{"age":7,"name":"Ann"}"#;
    assert_eq!(trace.info["response_preview"], preview);
}

#[test]
fn calls_of_one_session_are_found_by_it() {
    let Some(traces) = traces() else { return };
    let session = traces.of_session("outcomes-session");
    assert_eq!(session.len(), 3);
    for trace in session {
        assert_eq!(trace.info["trace_metadata"]["mlflow.trace.user"], "ann");
        assert_eq!(trace.info["response_preview"], "Ann");
    }
}
