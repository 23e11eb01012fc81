//! Rules about the items of a list, and about a whole value.

use instructor::ErrorCode;
use instructor::prelude::*;
use serde_json::{Value, json};

use super::{PROMPT, question, verdict};
use crate::answers::openai;
use crate::models;
use crate::server::Server;

/// The questions of a quiz.
#[derive(Debug, Deserialize, ResponseModel)]
#[llm_validate("easier ones come first", allow_override)]
struct Quiz {
    #[llm_validate("one question", each, allow_override)]
    questions: Vec<Option<String>>,
}

fn quiz(first: &str) -> Value {
    json!({"questions": [first, null, "Who?"]})
}

#[tokio::test]
async fn each_item_and_the_whole_are_judged_and_an_item_is_replaced() {
    let server = Server::start("openai each", |_, request| match request.response_model() {
        "Quiz" => openai::call("Quiz", &quiz("Why? How?")),
        _ if question(request)["candidate_value"] == "Why? How?" => verdict(false, Some("Why?")),
        _ => verdict(true, None),
    })
    .await;
    let client = models::openai(&server, 0);
    let create = client.create::<Quiz>(PROMPT).max_retries(0);
    let completion = create.with_completion().await.unwrap();
    let expected = [Some("Why?".to_owned()), None, Some("Who?".to_owned())];
    assert_eq!(completion.value.questions, expected);

    // An absent item is not judged, and the whole is judged as it came.
    let judged = &completion.attempts[0].validators;
    let paths: Vec<&str> = judged.iter().map(|call| call.path.as_str()).collect();
    assert_eq!(paths, ["$", "questions[0]", "questions[2]"]);
    assert_eq!(judged[1].replaced_by.as_deref(), Some("\"Why?\""));
    let requests = server.requests();
    let whole = requests[1..].iter().map(question);
    let whole: Vec<Value> = whole
        .filter(|asked| asked["validation_rule"] == "easier ones come first")
        .collect();
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0]["candidate_value"], quiz("Why? How?"));
    assert_eq!(completion.usage(), server.usage());
}

#[tokio::test]
async fn a_whole_value_is_replaced_if_the_replacement_keeps_the_type() {
    for (fixed, is_taken) in [
        (r#"{"questions": ["Who?", "Why?"]}"#, true),
        (r#"{"questions": "Who?"}"#, false),
        ("ask who first", false),
    ] {
        let server = Server::start("openai whole", move |_, request| {
            match request.response_model() {
                "Quiz" => openai::call("Quiz", &quiz("Why?")),
                _ if question(request)["validation_rule"] == "one question" => verdict(true, None),
                _ => verdict(false, Some(fixed)),
            }
        })
        .await;
        let client = models::openai(&server, 0);
        let create = client.create::<Quiz>(PROMPT).max_retries(0);
        match create.with_completion().await {
            Ok(completion) => {
                assert!(is_taken, "{fixed}");
                assert_eq!(completion.value.questions[0].as_deref(), Some("Who?"));
                assert_eq!(completion.usage(), server.usage());
            }
            Err(error) => {
                assert!(!is_taken, "{fixed}: {error}");
                let errors = error.validation_errors().unwrap();
                let fault = errors.iter().next().unwrap();
                assert_eq!((fault.path.as_str(), fault.code), ("$", ErrorCode::Llm));
                assert_eq!(error.usage(), server.usage());
            }
        }
    }
}

/// A rule above an enum judges it, whatever it is wrapped in.
#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
#[llm_validate("a colour of the flag", model = "gpt-4o-mini")]
enum Colour {
    Red,
    Green,
}

#[tokio::test]
async fn each_value_of_a_judged_type_is_judged_wherever_it_stands() {
    let server = Server::start("openai judged type", |_, request| {
        match request.response_model() {
            "Verdict" => verdict(question(request)["candidate_value"] == "Red", None),
            name => openai::call(name, &json!({"content": ["Red", "Green", "Red"]})),
        }
    })
    .await;
    let client = models::openai(&server, 0);
    let create = client.create::<Vec<Colour>>(PROMPT).max_retries(0);
    let error = create.await.unwrap_err();
    let errors = error.validation_errors().unwrap();
    let paths: Vec<&str> = errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(paths, ["content[1]"]);
    let judged = &error.attempts()[0].validators;
    assert_eq!((judged.len(), &*judged[0].model), (3, "gpt-4o-mini"));
    assert_eq!(error.usage(), server.usage());
}
