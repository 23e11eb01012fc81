//! OpenAI Responses: what is sent, and what each answer leads to.

use instructor::prelude::*;
use instructor::{Error, ErrorCode, FinishReason, Reask};
use serde_json::{Value, json};

use crate::answers::openai::error;
use crate::answers::openai_responses::{call, calls, message, refusal, response, text};
use crate::models::{CANARY, Person, openai_responses};
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

async fn failed(server: &Server) -> Error {
    let call = openai_responses(server, 2).create::<Person>(PROMPT);
    call.await.unwrap_err()
}

#[tokio::test]
async fn a_valid_answer_needs_one_request() {
    let server = Server::script("responses valid", vec![valid()]).await;
    let completion = openai_responses(&server, 0)
        .create::<Person>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value, jason());
    assert_eq!(completion.usage().total_tokens(), 174);
    assert_eq!(completion.usage().cache_read_input_tokens, Some(64));

    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(request.path, "/v1/responses");
    assert_eq!(request.headers["authorization"], format!("Bearer {CANARY}"));
    let body = &request.body;
    assert_eq!(
        body["input"],
        json!([{"type": "message", "role": "user", "content": PROMPT}])
    );
    assert_eq!(
        body["tool_choice"],
        json!({"type": "function", "name": "Person"})
    );
    let tool = &body["tools"][0];
    assert_eq!(tool["description"], "A person mentioned in the text.");
    assert_eq!(tool["strict"], true);
    assert_eq!(tool["parameters"]["required"], json!(["name", "age"]));
    assert_eq!(body["parallel_tool_calls"], false);
    assert_eq!(body["store"], false);
    // Nothing is sent that was not asked for.
    for key in ["temperature", "max_output_tokens", "stream"] {
        assert!(body.get(key).is_none(), "{key}");
    }
}

#[tokio::test]
async fn options_are_sent_under_the_names_of_the_wire() {
    let server = Server::script("responses options", vec![valid()]).await;
    openai_responses(&server, 0)
        .create::<Person>(PROMPT)
        .messages([
            Message::user("Who is it?"),
            Message::assistant("Tell me more."),
        ])
        .system("Extract the person.")
        .temperature(0.25)
        .max_tokens(300)
        .await
        .unwrap();
    let body = &server.requests()[0].body;
    assert_eq!(body["temperature"], 0.25);
    assert_eq!(body["max_output_tokens"], 300);
    let roles: Vec<_> = body["input"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["role"])
        .collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
}

#[tokio::test]
async fn json_schema_mode_asks_for_the_whole_answer() {
    let answers = vec![
        text(r#"{"name": "Jason", "age": -1}"#),
        text(r#"{"name": "Jason", "age": 25}"#),
    ];
    let server = Server::script("responses json_schema", answers).await;
    let person = openai_responses(&server, 0)
        .create::<Person>(PROMPT)
        .mode(Mode::JsonSchema)
        .reask(Reask::Full)
        .await
        .unwrap();
    assert_eq!(person, jason());

    let requests = server.requests();
    let format = &requests[0].body["text"]["format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(format["name"], "Person");
    assert_eq!(format["strict"], true);
    assert!(requests[0].body.get("tools").is_none());
    let [_, answer, correction] = &requests[1].body["input"].as_array().unwrap()[..] else {
        panic!("three items")
    };
    assert_eq!(answer["role"], "assistant");
    assert_eq!(correction["role"], "user");
    let told = correction["content"].as_str().unwrap();
    assert!(told.contains("age: must be at least 0"), "{told}");
}

#[tokio::test]
async fn a_wrong_answer_is_sent_back_with_all_its_errors() {
    let server = Server::script("responses retry", vec![invalid(), valid()]).await;
    let person = openai_responses(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap();
    assert_eq!(person, jason());

    let requests = server.requests();
    let [_, answer, result] = &requests[1].body["input"].as_array().unwrap()[..] else {
        panic!("three items")
    };
    let arguments = json!({"name": "", "age": -25}).to_string();
    assert_eq!(
        *answer,
        json!({"type": "function_call", "call_id": "call_1", "name": "Person", "arguments": arguments})
    );
    assert_eq!(
        (&result["type"], &result["call_id"]),
        (&json!("function_call_output"), &json!("call_1"))
    );
    let told = result["output"].as_str().unwrap();
    assert!(told.contains("name: ") && told.contains("age: "), "{told}");
}

#[tokio::test]
async fn every_call_of_several_gets_a_result() {
    let several = calls(&[("Person", &json!({})), ("Person", &json!({}))]);
    let server = Server::script("responses several calls", vec![several, valid()]).await;
    openai_responses(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap();
    let input = server.requests()[1].body["input"].clone();
    let kinds: Vec<&Value> = input
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["type"])
        .collect();
    let (called, result) = ("function_call", "function_call_output");
    assert_eq!(kinds, ["message", called, called, result, result]);
    assert_eq!(
        (&input[3]["call_id"], &input[4]["call_id"]),
        (&json!("call_1"), &json!("call_2"))
    );
}

/// What to do next.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Action {
    /// Look it up.
    Search { query: String },
    /// Nothing is left to do.
    Stop,
}

#[tokio::test]
async fn each_variant_is_a_tool() {
    let answer = calls(&[("Search", &json!({"query": "x"})), ("Stop", &json!({}))]);
    let server = Server::script("responses tools", vec![answer]).await;
    let client = openai_responses(&server, 0);
    let actions: Vec<Action> = client.create(PROMPT).await.unwrap();
    let query = "x".to_owned();
    assert_eq!(actions, [Action::Search { query }, Action::Stop]);
    let body = &server.requests()[0].body;
    assert_eq!(body["tool_choice"], "required");
    let names = [&body["tools"][0]["name"], &body["tools"][1]["name"]];
    assert_eq!(names, ["Search", "Stop"]);
    // The service is left at its own: several calls are wanted.
    assert!(body.get("parallel_tool_calls").is_none());
}

#[tokio::test]
async fn text_without_an_answer_is_asked_for_again() {
    let server = Server::script("responses no call", vec![text("He is 25."), valid()]).await;
    let completion = openai_responses(&server, 0)
        .create::<Person>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    let errors = completion.attempts[0].errors.as_ref().unwrap();
    assert_eq!(errors.iter().next().unwrap().code, ErrorCode::ToolCall);
}

#[tokio::test]
async fn a_cut_off_answer_is_not_asked_for_again() {
    let part = json!({"type": "output_text", "text": "{\"name\": \"J", "annotations": []});
    let cut_off = response(&message(&part), "incomplete", Some("max_output_tokens"));
    let server = Server::script("responses length", vec![cut_off]).await;
    let error = failed(&server).await;
    assert!(matches!(error, Error::Incomplete { .. }), "{error:?}");
    let response = error.attempts()[0].response.as_ref().unwrap();
    assert_eq!(response.finish_reason, Some(FinishReason::Length));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_not_asked_for_again() {
    let filtered = response(&json!([]), "incomplete", Some("content_filter"));
    for reply in [refusal("I cannot say."), filtered] {
        let server = Server::script("responses refusal", vec![reply]).await;
        let error = failed(&server).await;
        assert!(matches!(error, Error::Refused { .. }), "{error:?}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_response_that_failed_is_told_with_its_reason() {
    let body = json!({"id": "resp_1", "status": "failed", "output": [],
        "error": {"code": "server_error", "message": "The model had an error."}});
    // Not as complete as the vendor's own.
    let reply = Reply::text(200, &body.to_string());
    let server = Server::script("responses failed", vec![reply]).await;
    let error = failed(&server).await;
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");
    assert!(
        error.to_string().contains("The model had an error."),
        "{error}"
    );
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_and_a_wrong_key_is_not() {
    let limited = error(429, "rate_limit_error", "rate_limit_exceeded", "slow down");
    let server = Server::script("responses 429", vec![limited, valid()]).await;
    let person = openai_responses(&server, 2).create::<Person>(PROMPT).await;
    assert_eq!(person.unwrap(), jason());

    let wrong = error(401, "invalid_request_error", "invalid_api_key", CANARY);
    let server = Server::script("responses 401", vec![wrong]).await;
    let error = failed(&server).await;
    let Error::Api { error: api, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!(api.code.as_deref(), Some("invalid_api_key"));
    assert!(!format!("{error} {error:#?}").contains(CANARY));
    assert_eq!(server.requests().len(), 1);
}
