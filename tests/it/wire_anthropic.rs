//! Anthropic messages: what is sent, and what each answer leads to.

use instructor::provider::anthropic::STANDARD;
use instructor::{
    Client, Codec, CodecError, Error, Message, Mode, Provider, Reask, Request, Response,
    WireRequest,
};
use serde_json::json;

use crate::answers::anthropic::{call, error, message, text};
use crate::models::{CANARY, Person, anthropic};
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

#[tokio::test]
async fn a_valid_answer_needs_one_request() {
    let server = Server::script("anthropic valid", vec![valid()]).await;
    let client = anthropic(&server, 0);
    let completion = client
        .create::<Person>(PROMPT)
        .system("Extract the person.")
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value, jason());
    // The wire counts cached tokens apart; the whole prompt is 412 + 128.
    assert_eq!(
        (
            completion.usage().input_tokens,
            completion.usage().output_tokens
        ),
        (540, 58)
    );

    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(request.path, "/v1/messages");
    assert_eq!(request.headers["x-api-key"], CANARY);
    assert_eq!(request.headers["anthropic-version"], "2023-06-01");
    assert_eq!(
        request.body["system"],
        json!([{"type": "text", "text": "Extract the person."}])
    );
    assert_eq!(
        request.body["messages"],
        json!([{"role": "user", "content": [{"type": "text", "text": PROMPT}]}])
    );
    assert_eq!(request.body["max_tokens"], 4096);
    let choice = json!({"type": "tool", "name": "Person", "disable_parallel_tool_use": true});
    assert_eq!(request.body["tool_choice"], choice);
    assert_eq!(
        request.body["tools"][0]["input_schema"]["properties"]["age"]["minimum"],
        0
    );
}

#[tokio::test]
async fn a_wrong_answer_is_sent_back_as_a_failed_tool_result() {
    let wrong = call("Person", &json!({"name": "Jason", "age": "thirty-four"}));
    let server = Server::script("anthropic retry", vec![wrong, valid()]).await;
    let client = anthropic(&server, 0);
    let earlier = [
        Message::user("Who is it?"),
        Message::assistant("Tell me more."),
    ];
    let person = client
        .create::<Person>(PROMPT)
        .messages(earlier)
        .reask(Reask::Full)
        .max_tokens(1000)
        .await
        .unwrap();
    assert_eq!(person, jason());

    let body = &server.requests()[1].body;
    assert_eq!(body["max_tokens"], 1000);
    let [.., answer, result] = &body["messages"].as_array().unwrap()[..] else {
        panic!("two more turns")
    };
    let used = json!({"type": "tool_use", "id": "toolu_1", "name": "Person", "input": {"name": "Jason", "age": "thirty-four"}});
    assert_eq!(
        (&answer["role"], &answer["content"][0]),
        (&json!("assistant"), &used)
    );
    assert_eq!(result["role"], "user");
    let block = &result["content"][0];
    assert_eq!(
        (&block["type"], &block["tool_use_id"], &block["is_error"]),
        (&json!("tool_result"), &json!("toolu_1"), &json!(true))
    );
    assert!(
        block["content"]
            .as_str()
            .unwrap()
            .contains("age: expected integer"),
        "{block}"
    );
}

#[tokio::test]
async fn text_without_an_answer_is_asked_for_again() {
    let server = Server::script(
        "anthropic no call",
        vec![text("He is 25.", "end_turn"), valid()],
    )
    .await;
    assert_eq!(
        anthropic(&server, 0)
            .create::<Person>(PROMPT)
            .await
            .unwrap(),
        jason()
    );
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_cut_off_answer_is_not_asked_for_again() {
    let cut = message(
        &json!([{"type": "tool_use", "id": "toolu_1", "name": "Person", "input": {}}]),
        "max_tokens",
    );
    let server = Server::script("anthropic max_tokens", vec![cut]).await;
    let error = anthropic(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            Error::Incomplete {
                output_tokens: 58,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(error.to_string().contains(".max_tokens("), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_refusal_is_not_asked_for_again() {
    let server = Server::script("anthropic refusal", vec![text("I will not.", "refusal")]).await;
    let error = anthropic(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Refused { reason, .. } if reason == "I will not."),
        "{error:?}"
    );
}

#[tokio::test]
async fn wrong_answers_end_in_an_error_with_the_whole_ledger() {
    // Not twice the same: that would end the call.
    let wrong = |index, _: &_| {
        call(
            "Person",
            &json!({"name": "Jason", "age": format!("{index} years")}),
        )
    };
    let server = Server::start("anthropic exhausted", wrong).await;
    let error = anthropic(&server, 0)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Exhausted { .. }), "{error:?}");
    assert_eq!(
        (error.attempts().len(), error.usage().total_tokens()),
        (4, 4 * 598)
    );
}

#[tokio::test]
async fn errors_of_the_service_are_typed() {
    for (status, kind, transport_retries, requests) in [
        (401, "authentication_error", 2, 1),
        (429, "rate_limit_error", 1, 2),
        (500, "api_error", 1, 2),
        (529, "overloaded_error", 2, 3),
    ] {
        let server = Server::script("anthropic error", vec![error(status, kind, "no")]).await;
        let error = anthropic(&server, transport_retries)
            .create::<Person>(PROMPT)
            .await
            .unwrap_err();
        let Error::Api { error, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (error.status.as_u16(), error.kind.as_deref()),
            (status, Some(kind))
        );
        assert_eq!(server.requests().len(), requests, "{status}");
    }
}

#[tokio::test]
async fn a_reset_connection_is_tried_again_and_garbage_is_not() {
    let server = Server::script("anthropic reset", vec![Reply::Reset, valid()]).await;
    assert_eq!(
        anthropic(&server, 1)
            .create::<Person>(PROMPT)
            .await
            .unwrap(),
        jason()
    );

    let server = Server::script("anthropic garbage", vec![Reply::text(200, "nonsense")]).await;
    let error = anthropic(&server, 1)
        .create::<Person>(PROMPT)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");
}

/// A dialect that offers tools alone.
#[derive(Debug)]
struct ToolsAlone;

impl Codec for ToolsAlone {
    fn dialect(&self) -> &'static str {
        "anthropic"
    }

    fn modes(&self, _model: &str) -> &'static [Mode] {
        &[Mode::Tools]
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, CodecError> {
        STANDARD.encode(request)
    }

    fn decode(&self, body: &[u8]) -> Result<Response, CodecError> {
        STANDARD.decode(body)
    }
}

#[tokio::test]
async fn a_mode_the_wire_lacks_is_refused_before_anything_is_sent() {
    let server = Server::script("anthropic mode", vec![valid()]).await;
    let provider = Provider::new("tools", server.url().to_owned(), &ToolsAlone);
    let client = Client::builder(provider, "claude").api_key(CANARY).build();
    let error = client
        .unwrap()
        .create::<Person>(PROMPT)
        .mode(Mode::JsonSchema)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("it offers tools"), "{error}");
    assert_eq!(server.requests().len(), 0);
}

#[tokio::test]
async fn a_native_schema_is_sent_in_the_words_of_the_dialect() {
    let server = Server::script(
        "anthropic json_schema",
        vec![text(r#"{"name": "Jason", "age": 25}"#, "end_turn")],
    )
    .await;
    let person: Person = anthropic(&server, 0)
        .create(PROMPT)
        .mode(Mode::JsonSchema)
        .await
        .unwrap();
    assert_eq!(person, jason());
    let body = &server.requests()[0].body;
    assert_eq!(body.get("tools"), None);
    let format = &body["output_config"]["format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(
        format["schema"]["description"],
        "A person mentioned in the text."
    );
    assert_eq!(format["schema"]["additionalProperties"], false);
    let age = &format["schema"]["properties"]["age"];
    assert_eq!(
        age,
        &json!({"type": "integer", "description": "The age in years. At least 0."})
    );
}

#[tokio::test]
async fn what_the_dialect_cannot_say_is_told_before_anything_is_sent() {
    let server = Server::script("anthropic json_schema map", Vec::new()).await;
    let error = anthropic(&server, 0)
        .create::<std::collections::BTreeMap<String, u8>>(PROMPT)
        .mode(Mode::JsonSchema)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Request(_)), "{error}");
    assert!(error.to_string().contains("open keys"), "{error}");
    assert_eq!(server.requests().len(), 0);
}
