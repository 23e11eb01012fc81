//! OpenAI chat completions: what is sent, and what each answer leads to.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use instructor::prelude::*;
use instructor::{Error, ErrorCode, FinishReason, Reask, TransportErrorKind};
use serde_json::json;
use tokio::sync::Barrier;

use crate::answers::openai::{call, completion, error, raw_call, text};
use crate::models::{CANARY, Person, openai};
use crate::server::{Reply, Server};

const PROMPT: &str = "Jason is 25 years old";

fn jason() -> Person {
    Person {
        name: "Jason".to_owned(),
        age: 25,
    }
}

fn valid() -> Reply {
    call("Person", &json!({"name": "Jason", "age": 25}))
}

fn invalid() -> Reply {
    call("Person", &json!({"name": "", "age": -25}))
}

#[tokio::test]
async fn a_valid_answer_needs_one_request() {
    let server = Server::script("openai valid", vec![valid()]).await;
    let person: Person = openai(&server, 0).create(PROMPT).await.unwrap();
    assert_eq!(person, jason());

    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(request.path, "/v1/chat/completions");
    assert_eq!(request.headers["authorization"], format!("Bearer {CANARY}"));
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.body["model"], "gpt-4o");
    assert_eq!(
        request.body["messages"],
        json!([{"role": "user", "content": PROMPT}])
    );
    assert_eq!(
        request.body["tool_choice"],
        json!({"type": "function", "function": {"name": "Person"}})
    );
    let function = &request.body["tools"][0]["function"];
    assert_eq!(function["description"], "A person mentioned in the text.");
    assert_eq!(function["strict"], true);
    assert_eq!(function["parameters"]["required"], json!(["name", "age"]));
    // Nothing is sent that was not asked for.
    assert!(
        request.body.get("temperature").is_none()
            && request.body.get("max_completion_tokens").is_none()
    );
}

#[tokio::test]
async fn options_are_sent_under_the_names_of_the_wire() {
    let server = Server::script("openai options", vec![valid()]).await;
    let earlier = [
        Message::user("Who is it?"),
        Message::assistant("Tell me more."),
    ];
    let client = openai(&server, 0);
    client
        .create::<Person>(PROMPT)
        .messages(earlier)
        .system("Extract the person.")
        .model("gpt-4o-mini")
        .temperature(0.25)
        .max_tokens(300)
        .timeout(Duration::from_secs(20))
        .await
        .unwrap();
    let body = &server.requests()[0].body;
    assert_eq!(body["model"], "gpt-4o-mini");
    assert_eq!(body["temperature"], 0.25);
    assert_eq!(body["max_completion_tokens"], 300);
    let roles: Vec<_> = body["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| &message["role"])
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
}

/// Words and how often they occur.
#[derive(Debug, Deserialize, ResponseModel)]
struct Counts {
    /// By word.
    #[validate(length(min = 1))]
    by_word: HashMap<String, u32>,
}

#[tokio::test]
async fn a_model_with_open_maps_is_sent_without_strict() {
    let counts = json!({"by_word": {"a": 2}});
    let answers = vec![call("Counts", &counts), text(&counts.to_string())];
    let server = Server::script("openai open map", answers).await;
    let client = openai(&server, 0);
    for mode in [Mode::Tools, Mode::JsonSchema] {
        let answer = client.create::<Counts>(PROMPT).mode(mode).await.unwrap();
        assert_eq!(answer.by_word["a"], 2);
    }
    let requests = server.requests();
    let function = &requests[0].body["tools"][0]["function"];
    let format = &requests[1].body["response_format"]["json_schema"];
    assert_eq!(
        (&function["strict"], &format["strict"]),
        (&json!(false), &json!(false))
    );
    let by_word = &function["parameters"]["properties"]["by_word"];
    assert_eq!(by_word["additionalProperties"]["type"], "integer");
    assert_eq!(by_word["minProperties"], 1);
    assert_eq!(function["parameters"], format["schema"]);
}

#[tokio::test]
async fn json_schema_mode_asks_for_the_whole_answer() {
    let answers = vec![
        text(r#"{"name": "Jason", "age": -1}"#),
        text(r#"{"name": "Jason", "age": 25}"#),
    ];
    let server = Server::script("openai json_schema", answers).await;
    let person = openai(&server, 0)
        .create::<Person>(PROMPT)
        .mode(Mode::JsonSchema)
        .reask(Reask::Full)
        .await
        .unwrap();
    assert_eq!(person, jason());

    let requests = server.requests();
    let format = &requests[0].body["response_format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(format["json_schema"]["name"], "Person");
    assert_eq!(format["json_schema"]["strict"], true);
    assert!(requests[0].body.get("tools").is_none());
    let [_, answer, correction] = &requests[1].body["messages"].as_array().unwrap()[..] else {
        panic!("three turns")
    };
    assert_eq!(answer["role"], "assistant");
    assert_eq!(correction["role"], "user");
    assert!(
        correction["content"]
            .as_str()
            .unwrap()
            .contains("age: must be at least 0")
    );
}

#[tokio::test]
async fn a_wrong_answer_is_sent_back_with_all_its_errors() {
    let server = Server::script("openai retry", vec![invalid(), valid()]).await;
    let completion = openai(&server, 0)
        .create::<Person>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value, jason());

    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    let [_, answer, result] = &requests[1].body["messages"].as_array().unwrap()[..] else {
        panic!("three turns")
    };
    assert_eq!(answer["tool_calls"][0]["id"], "call_1");
    assert_eq!(
        answer["tool_calls"][0]["function"]["arguments"],
        json!({"name": "", "age": -25}).to_string()
    );
    assert_eq!(
        (&result["role"], &result["tool_call_id"]),
        (&json!("tool"), &json!("call_1"))
    );
    let content = result["content"].as_str().unwrap();
    assert!(
        content.contains("name: ") && content.contains("age: "),
        "{content}"
    );

    let errors = completion.attempts[0].errors.as_ref().unwrap();
    let found: Vec<_> = errors
        .iter()
        .map(|error| (error.path.as_str(), error.code, error.input.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            ("name", ErrorCode::Length, Some("\"\"")),
            ("age", ErrorCode::Range, Some("-25"))
        ]
    );
    assert_eq!(completion.usage().total_tokens(), 2 * 174);
}

#[tokio::test]
async fn a_reask_carries_only_the_latest_failure() {
    let other = call("Person", &json!({"name": "", "age": -26}));
    let server = Server::script("openai latest failure", vec![invalid(), other, valid()]).await;
    openai(&server, 0).create::<Person>(PROMPT).await.unwrap();
    let turns: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.body["messages"].as_array().unwrap().len())
        .collect();
    assert_eq!(turns, [1, 3, 3]);
}

#[tokio::test]
async fn wrong_answers_end_in_an_error_with_the_whole_ledger() {
    let server = Server::script("openai exhausted", vec![invalid()]).await;
    let error = openai(&server, 0)
        .create::<Person>(PROMPT)
        .max_retries(1)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
    assert_eq!(server.requests().len(), 2);
    assert_eq!(error.attempts().len(), 2);
    assert_eq!(error.usage().total_tokens(), 2 * 174);
    assert_eq!(error.validation_errors().unwrap().len(), 2);
    assert!(
        error.to_string().contains("age: must be at least 0"),
        "{error}"
    );
}

#[tokio::test]
async fn text_instead_of_a_call_is_taken_if_it_holds_the_answer() {
    let server = Server::script(
        "openai text answer",
        vec![text("Sure: {\"name\": \"Jason\", \"age\": 25}")],
    )
    .await;
    assert_eq!(
        openai(&server, 0).create::<Person>(PROMPT).await.unwrap(),
        jason()
    );
}

#[tokio::test]
async fn text_without_an_answer_is_asked_for_again() {
    let server = Server::script("openai no call", vec![text("He is 25."), valid()]).await;
    let completion = openai(&server, 0)
        .create::<Person>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    let errors = completion.attempts[0].errors.as_ref().unwrap();
    assert_eq!(errors.iter().next().unwrap().code, ErrorCode::ToolCall);
    let body = &server.requests()[1].body;
    assert!(
        body["messages"][2]["content"]
            .as_str()
            .unwrap()
            .contains("call the tool `Person`")
    );
}

#[tokio::test]
async fn every_call_of_several_gets_a_result() {
    let one =
        json!({"id": "a", "type": "function", "function": {"name": "Person", "arguments": "{}"}});
    let two =
        json!({"id": "b", "type": "function", "function": {"name": "Person", "arguments": "{}"}});
    let several = completion(json!({"tool_calls": [one, two]}), "tool_calls");
    let server = Server::script("openai several calls", vec![several, valid()]).await;
    openai(&server, 0).create::<Person>(PROMPT).await.unwrap();
    let messages = server.requests()[1].body["messages"].clone();
    assert_eq!(
        (&messages[2]["tool_call_id"], &messages[3]["tool_call_id"]),
        (&json!("a"), &json!("b"))
    );
}

#[tokio::test]
async fn a_cut_off_answer_is_not_asked_for_again() {
    let answer = json!({"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "Person", "arguments": "{\"name\": \"J"}}]});
    let server = Server::script("openai length", vec![completion(answer, "length")]).await;
    let error = openai(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Incomplete {
                output_tokens: 24,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(server.requests().len(), 1);
    let response = error.attempts()[0].response.as_ref().unwrap();
    assert_eq!(response.finish_reason, Some(FinishReason::Length));
    assert_eq!(response.tool_calls[0].arguments, "{\"name\": \"J");
}

#[tokio::test]
async fn a_refusal_is_not_asked_for_again() {
    let server = Server::script(
        "openai refusal",
        vec![completion(json!({"refusal": "I cannot say."}), "stop")],
    )
    .await;
    let error = openai(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Refused { reason, .. } if reason == "I cannot say."),
        "{error:?}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn arguments_that_are_not_json_are_asked_for_again() {
    let server = Server::script(
        "openai broken arguments",
        vec![raw_call("Person", "{\"name\": "), valid()],
    )
    .await;
    let completion = openai(&server, 0)
        .create::<Person>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    let errors = completion.attempts[0].errors.as_ref().unwrap();
    assert_eq!(errors.iter().next().unwrap().code, ErrorCode::Json);
}

#[tokio::test]
async fn a_wrong_key_is_an_api_error_and_not_shown() {
    let reply = error(
        401,
        "invalid_request_error",
        "invalid_api_key",
        &format!("Incorrect API key provided: {CANARY}"),
    );
    let server = Server::script("openai 401", vec![reply]).await;
    let error = openai(&server, 2)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    let Error::Api { error: api, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (api.status.as_u16(), api.code.as_deref()),
        (401, Some("invalid_api_key"))
    );
    assert_eq!(server.requests().len(), 1);
    let shown = format!("{error} {error:#?}");
    assert!(!shown.contains(CANARY), "{shown}");
}

#[tokio::test]
async fn a_rate_limit_waits_as_long_as_it_says() {
    let limited = error(429, "rate_limit_error", "rate_limit_exceeded", "slow down")
        .with_header("retry-after", "0.02");
    let server = Server::script("openai 429", vec![limited.clone(), valid()]).await;
    let completion = openai(&server, 2)
        .create::<Person>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    // One attempt: the transport's repetition is not a validation retry.
    assert_eq!(
        (
            completion.attempts.len(),
            completion.attempts[0].transport_retries
        ),
        (1, 1)
    );
    assert!(completion.attempts[0].latency >= Duration::from_millis(20));

    let server = Server::script("openai 429 for ever", vec![limited]).await;
    let error = openai(&server, 2)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert_eq!(server.requests().len(), 3);
    assert_eq!(error.retry_after(), Some(Duration::from_millis(20)));
}

#[tokio::test]
async fn a_used_up_quota_is_not_tried_again() {
    let server = Server::script(
        "openai quota",
        vec![error(
            429,
            "insufficient_quota",
            "insufficient_quota",
            "pay",
        )],
    )
    .await;
    let error = openai(&server, 2)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Api { .. }));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_failing_server_is_tried_again() {
    let failing = error(500, "server_error", "internal", "oops");
    let server = Server::script("openai 500", vec![failing.clone(), failing, valid()]).await;
    assert_eq!(
        openai(&server, 2).create::<Person>(PROMPT).await.unwrap(),
        jason()
    );
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_reset_connection_is_tried_again() {
    let server = Server::script("openai reset", vec![Reply::Reset, valid()]).await;
    assert_eq!(
        openai(&server, 1).create::<Person>(PROMPT).await.unwrap(),
        jason()
    );

    let server = Server::script("openai reset for ever", vec![Reply::Reset]).await;
    let error = openai(&server, 1)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    let Error::Transport {
        error, attempts, ..
    } = error
    else {
        panic!("{error:?}")
    };
    assert_eq!(error.kind, TransportErrorKind::Interrupted);
    assert_eq!((attempts.len(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn garbage_is_a_decode_error_with_the_body_in_the_ledger() {
    for garbage in [
        Reply::text(200, "<html>login</html>"),
        Reply::text(200, r#"{"choices": []}"#),
    ] {
        let server = Server::script("openai garbage", vec![garbage]).await;
        let error = openai(&server, 2)
            .create::<Person>(PROMPT)
            .await
            .unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error:?}");
        assert!(error.attempts()[0].wire_response.is_some());
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_timeout_ends_the_whole_call() {
    let busy = error(503, "server_error", "overloaded", "wait").with_header("retry-after", "0.02");
    // Nobody else comes, so it is never answered.
    let silent = Reply::Together(Arc::new(Barrier::new(2)), Box::new(valid()));
    let server = Server::script("openai timeout", vec![busy, silent]).await;
    let error = openai(&server, 2)
        .create::<Person>(PROMPT)
        .timeout(Duration::from_secs(2))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    // The request that was under way is in the ledger, with the answer it waited for to be repeated.
    let [attempt] = error.attempts() else {
        panic!("one attempt")
    };
    assert!(attempt.wire_request.starts_with(b"{"));
    assert_eq!(attempt.transport_retries, 1);
}

#[tokio::test]
async fn the_content_filter_is_a_refusal() {
    let filtered = completion(json!({"content": ""}), "content_filter");
    let server = Server::script("openai content filter", vec![filtered]).await;
    let error = openai(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
}

#[tokio::test]
async fn an_empty_refusal_is_none() {
    let answer = json!({"content": r#"{"name": "Jason", "age": 25}"#, "refusal": ""});
    let server = Server::script("openai empty refusal", vec![completion(answer, "stop")]).await;
    let person = openai(&server, 0).create::<Person>(PROMPT).await.unwrap();
    assert_eq!(person, jason());
}

#[tokio::test]
async fn a_call_of_another_tool_is_told_the_right_one() {
    let other = call("Human", &json!({"name": "Jason", "age": 25}));
    let server = Server::script("openai other tool", vec![other, valid()]).await;
    openai(&server, 0).create::<Person>(PROMPT).await.unwrap();
    let body = &server.requests()[1].body;
    let told = body["messages"][2]["content"].as_str().unwrap();
    assert!(told.contains("there is no tool `Human`"), "{told}");
    assert!(
        told.ends_with("Call `Person` again with every error fixed."),
        "{told}"
    );
}

#[tokio::test]
async fn an_echoed_key_is_taken_out_of_every_body() {
    let long = format!("{}{CANARY}", "x".repeat(495));
    for reply in [
        Reply::text(200, &format!("{{\"choices\": \"{CANARY}\"}}")),
        Reply::text(502, &long),
        error(401, CANARY, CANARY, CANARY),
    ] {
        let server = Server::script("openai echo", vec![reply]).await;
        let error = openai(&server, 0)
            .create::<Person>(PROMPT)
            .await
            .unwrap_err();
        let shown = format!("{error} {error:#?}");
        assert!(!shown.contains("canary"), "{shown}");
        assert!(error.attempts()[0].wire_response.is_some());
    }
}

#[test]
fn a_call_outside_of_a_runtime_is_an_error() {
    let client =
        instructor::Client::builder(instructor::provider::openai::OPENAI.clone(), "gpt-4o")
            .api_key(CANARY)
            .build()
            .unwrap();
    let call = client.create::<Person>(PROMPT).into_future();
    let error = futures_util::FutureExt::now_or_never(call)
        .unwrap()
        .unwrap_err();
    assert!(error.to_string().contains("runtime"), "{error}");
}
