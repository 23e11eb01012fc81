//! `#[llm_validate]`: judged by a model, through the same wire.

mod attacks;
mod each;
mod judges;
mod moderation;
mod questions;
#[cfg(feature = "templates")]
mod templates;

use instructor::prelude::*;
use instructor::{Error, ErrorCode, Reask};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::models::{self, EmailSubject};
use crate::server::{Received, Reply, Server};

const PROMPT: &str = "Write a subject about the launch";
const LONG: &str = "Fwd: Re: some thoughts on the thing we maybe discussed";
const SHORT: &str = "Q3 launch: your approval needed by Friday";

fn email(subject: &str) -> Value {
    json!({"recipient": "bob@example.com", "subject": subject})
}

/// What a validator was asked.
fn question(request: &Received) -> Value {
    let messages = request.body["messages"].as_array().unwrap();
    let content = &messages.last().unwrap()["content"];
    let text = content
        .as_str()
        .or_else(|| content[0]["text"].as_str())
        .unwrap();
    serde_json::from_str(text).unwrap()
}

/// Answers with `subjects` in order, and rejects [`LONG`].
fn script(subjects: &'static [&'static str]) -> impl Fn(usize, &Received) -> Reply {
    move |_, request| {
        if request.response_model() == "EmailSubject" {
            let turns = request.body["messages"].as_array().unwrap().len();
            let subject = subjects[usize::from(turns > 1).min(subjects.len() - 1)];
            return openai::call("EmailSubject", &email(subject));
        }
        let is_valid = question(request)["candidate_value"] != LONG;
        let reason = if is_valid {
            Value::Null
        } else {
            json!("The subject is long and vague.")
        };
        openai::call(
            "Verdict",
            &json!({"is_valid": is_valid, "reason": reason, "fixed_value": SHORT}),
        )
    }
}

#[tokio::test]
async fn a_rejected_value_is_asked_for_again_with_the_reason() {
    let server = Server::start("openai llm_validate", script(&[LONG, SHORT])).await;
    let completion = models::openai(&server, 0)
        .create::<EmailSubject>(PROMPT)
        .reask(Reask::Full)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value.subject, SHORT);

    let requests = server.requests();
    let models: Vec<_> = requests.iter().map(Received::response_model).collect();
    assert_eq!(
        models,
        ["EmailSubject", "Verdict", "EmailSubject", "Verdict"]
    );
    // Rule and value are data of one JSON object, never part of the instructions.
    let asked = json!({"validation_rule": "ensure subject is concise and engaging", "candidate_value": LONG});
    assert_eq!(question(&requests[1]), asked);
    let reask = requests[2].body["messages"][2]["content"].as_str().unwrap();
    assert!(
        reask.contains("subject: The subject is long and vague."),
        "{reask}"
    );

    let error = completion.attempts[0]
        .errors
        .as_ref()
        .unwrap()
        .iter()
        .next()
        .unwrap();
    assert_eq!(
        (error.path.as_str(), error.code),
        ("subject", ErrorCode::Llm)
    );
    assert_eq!(completion.attempts[0].validators[0].is_valid, Some(false));
    assert_eq!(completion.attempts[1].validators[0].is_valid, Some(true));
    // Validators are paid for too.
    assert_eq!(completion.usage().total_tokens(), 4 * 174);
    assert_eq!(completion.usage(), server.usage());
}

#[tokio::test]
async fn the_cheap_rules_come_first() {
    let too_long = "x".repeat(61);
    let server = Server::script(
        "openai cheap first",
        vec![openai::call("EmailSubject", &email(&too_long))],
    )
    .await;
    let error = models::openai(&server, 0)
        .create::<EmailSubject>(PROMPT)
        .max_retries(0)
        .await
        .unwrap_err();
    assert_eq!(
        error
            .validation_errors()
            .unwrap()
            .iter()
            .next()
            .unwrap()
            .code,
        ErrorCode::Length
    );
    assert_eq!(server.requests().len(), 1, "no validator was asked");
    assert_eq!(error.usage(), server.usage());
}

/// Text with two judged fields.
#[derive(Debug, Deserialize, ResponseModel)]
struct Article {
    #[llm_validate("polite", allow_override)]
    #[validate(length(max = 20))]
    title: String,
    #[llm_validate("rhymes", model = "gpt-4o-mini")]
    lines: Vec<String>,
}

fn verdict(is_valid: bool, fixed_value: Option<&str>) -> Reply {
    openai::call(
        "Verdict",
        &json!({"is_valid": is_valid, "reason": "no", "fixed_value": fixed_value}),
    )
}

fn article_script(fixed: &'static str) -> impl Fn(usize, &Received) -> Reply {
    move |_, request| match request.response_model() {
        "Article" => openai::call("Article", &json!({"title": "rude", "lines": ["a", "b"]})),
        _ if question(request)["validation_rule"] == "polite" => verdict(false, Some(fixed)),
        _ => verdict(true, None),
    }
}

#[tokio::test]
async fn an_override_replaces_the_value_without_asking_again() {
    let server = Server::start("openai override", article_script("kind")).await;
    let client = models::openai(&server, 0);
    let completion = client
        .create::<Article>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value.title, "kind");
    assert_eq!(completion.value.lines, ["a", "b"]);
    assert_eq!(
        completion.attempts[0].validators[0].replaced_by.as_deref(),
        Some("\"kind\"")
    );

    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    let mut judges: Vec<_> = requests[1..]
        .iter()
        .map(|request| request.body["model"].as_str().unwrap())
        .collect();
    judges.sort_unstable();
    assert_eq!(judges, ["gpt-4o", "gpt-4o-mini"]);
    assert_eq!(completion.usage(), server.usage());
}

/// A message, by its kind.
#[derive(Debug, Deserialize, ResponseModel)]
enum Message {
    #[serde(alias = "mail")]
    Email {
        #[llm_validate("polite", allow_override)]
        title: String,
    },
}

#[tokio::test]
async fn an_override_goes_where_an_alias_stands() {
    let server = Server::start("openai override of an alias", |_, request| {
        match request.response_model() {
            "Response" => openai::call("Response", &json!({"content": {"mail": ["rude"]}})),
            _ => verdict(false, Some("kind")),
        }
    })
    .await;
    let Message::Email { title } = models::openai(&server, 0).create(PROMPT).await.unwrap();
    assert_eq!(title, "kind");
}

#[tokio::test]
async fn an_override_must_keep_the_cheap_rules() {
    let script = article_script("much too long for the length rule");
    let server = Server::start("openai bad override", script).await;
    let error = models::openai(&server, 0)
        .create::<Article>(PROMPT)
        .max_retries(0)
        .await
        .unwrap_err();
    // The model is told what is wrong with its own value, not with the judge's.
    let errors = error.validation_errors().unwrap();
    let [fault] = &errors.iter().collect::<Vec<_>>()[..] else {
        panic!("one fault: {errors}")
    };
    assert_eq!((fault.path.as_str(), fault.code), ("title", ErrorCode::Llm));
    assert_eq!(fault.input.as_deref(), Some("\"rude\""));
    assert_eq!(error.attempts()[0].validators[0].replaced_by, None);
    assert_eq!(error.usage(), server.usage());
}

/// Two rules on one value.
#[derive(Debug, Deserialize, ResponseModel)]
struct Motto {
    #[llm_validate("short", allow_override)]
    #[llm_validate("polite", allow_override)]
    text: String,
}

#[tokio::test]
async fn of_two_overrides_of_one_value_the_second_is_asked_for_again() {
    let server = Server::start("openai two overrides", |_, request| {
        match request.response_model() {
            "Motto" => openai::call("Motto", &json!({"text": "Go away, all of you"})),
            _ if question(request)["validation_rule"] == "short" => verdict(false, Some("Go away")),
            _ => verdict(false, Some("Please go, all of you")),
        }
    })
    .await;
    let error = models::openai(&server, 0)
        .create::<Motto>(PROMPT)
        .max_retries(0)
        .await
        .unwrap_err();
    assert_eq!(error.validation_errors().unwrap().len(), 1, "{error}");
    let judged = &error.attempts()[0].validators;
    assert_eq!((judged.len(), judged[1].replaced_by.as_ref()), (2, None));
    assert_eq!(error.usage(), server.usage());
}

/// A list whose items are judged one by one.
#[derive(Debug, Deserialize, ResponseModel)]
struct Lines {
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Line {
    #[llm_validate("rhymes")]
    text: String,
}

#[tokio::test]
async fn every_item_of_a_list_is_judged() {
    let server = Server::start("openai items", |_, request| {
        match request.response_model() {
            "Lines" => {
                let lines: Vec<_> = (0..20)
                    .map(|number| json!({"text": format!("line {number}")}))
                    .collect();
                openai::call("Lines", &json!({ "lines": lines }))
            }
            _ => verdict(question(request)["candidate_value"] != "line 13", None),
        }
    })
    .await;
    let error = models::openai(&server, 0)
        .create::<Lines>(PROMPT)
        .max_retries(0)
        .await
        .unwrap_err();
    let errors = error.validation_errors().unwrap();
    assert_eq!(
        errors
            .iter()
            .map(|error| error.path.as_str())
            .collect::<Vec<_>>(),
        ["lines[13].text"]
    );
    assert_eq!(
        (
            server.requests().len(),
            error.attempts()[0].validators.len()
        ),
        (21, 20)
    );
    assert_eq!(error.usage(), server.usage());
}

#[tokio::test]
async fn a_timeout_while_judging_keeps_what_was_judged() {
    let server = Server::start("openai timeout while judging", |_, request| {
        match request.response_model() {
            "Article" => openai::call("Article", &json!({"title": "kind", "lines": ["a", "b"]})),
            _ if question(request)["validation_rule"] == "polite" => verdict(true, None),
            // The judge of the other rule is told to wait for longer than the call may take.
            _ => openai::error(503, "server_error", "overloaded", "wait")
                .with_header("retry-after", "30"),
        }
    })
    .await;
    let error = models::openai(&server, 1)
        .create::<Article>(PROMPT)
        .timeout(std::time::Duration::from_secs(3))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert_eq!(error.attempts()[0].validators.len(), 1);
    assert_eq!(error.usage().total_tokens(), 2 * 174);
    assert_eq!(error.usage(), server.usage());
}

#[tokio::test]
async fn a_judge_is_asked_in_the_mode_and_as_often_as_the_call() {
    let server = Server::start("openai judge mode", |_, request| {
        match request.response_model() {
            "EmailSubject" => openai::text(&email(SHORT).to_string()),
            _ => openai::text("I cannot say."),
        }
    })
    .await;
    let error = models::openai(&server, 0)
        .create::<EmailSubject>(PROMPT)
        .mode(instructor::Mode::JsonSchema)
        .max_retries(0)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Validator { .. }), "{error:?}");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].body.get("response_format").is_some());
    assert_eq!(error.usage(), server.usage());
}

#[tokio::test]
async fn another_client_may_judge() {
    let asked = Server::start("anthropic asked", |_, _| {
        anthropic::call("EmailSubject", &email(SHORT))
    })
    .await;
    let judge = Server::start("openai judge", script(&[])).await;
    let client = models::anthropic(&asked, 0);
    let judging = models::openai(&judge, 0);
    let completion = client
        .create::<EmailSubject>(PROMPT)
        .validator(&judging)
        .with_completion()
        .await
        .unwrap();
    assert_eq!((asked.requests().len(), judge.requests().len()), (1, 1));
    assert_eq!(completion.usage(), asked.usage() + judge.usage());
    for server in [&asked, &judge] {
        server.has_other_ledgers(
            "the calls of one client are judged by another, and the sum is compared here",
        );
    }

    let server = Server::start("openai judge model", script(&[SHORT])).await;
    models::openai(&server, 0)
        .create::<EmailSubject>(PROMPT)
        .validator("gpt-4o-mini")
        .await
        .unwrap();
    assert_eq!(server.requests()[1].body["model"], "gpt-4o-mini");
}

#[tokio::test]
async fn anthropic_judges_through_its_own_wire() {
    let server = Server::start("anthropic llm_validate", |_, request| match request.response_model() {
        "EmailSubject" => {
            let again = request.body["messages"].as_array().unwrap().len() > 1;
            anthropic::call("EmailSubject", &email(if again { SHORT } else { LONG }))
        }
        _ => anthropic::call("Verdict", &json!({"is_valid": question(request)["candidate_value"] == SHORT, "reason": "vague"})),
    })
    .await;
    let client = models::anthropic(&server, 0);
    let completion = client
        .create::<EmailSubject>(PROMPT)
        .reask(Reask::Full)
        .max_tokens(1000)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value.subject, SHORT);
    assert_eq!(completion.usage().total_tokens(), 4 * 598);
    assert_eq!(completion.usage(), server.usage());
}

#[tokio::test]
async fn anthropic_overrides_through_its_own_wire() {
    let server = Server::start("anthropic override", |_, request| {
        match request.response_model() {
            "Article" => anthropic::call("Article", &json!({"title": "rude", "lines": ["a"]})),
            _ if question(request)["validation_rule"] == "polite" => anthropic::call(
                "Verdict",
                &json!({"is_valid": false, "reason": "no", "fixed_value": "kind"}),
            ),
            _ => anthropic::call("Verdict", &json!({"is_valid": true})),
        }
    })
    .await;
    let client = models::anthropic(&server, 0);
    let create = client.create::<Article>(PROMPT);
    let completion = create.with_completion().await.unwrap();
    assert_eq!(completion.value.title, "kind");
    assert_eq!(server.requests().len(), 3);
    assert_eq!(completion.usage(), server.usage());
}

#[tokio::test]
async fn a_broken_validator_is_an_error_of_its_own() {
    let server = Server::start("openai broken validator", |_, request| {
        match request.response_model() {
            "EmailSubject" => openai::call("EmailSubject", &email(SHORT)),
            _ => openai::error(500, "server_error", "internal", "oops"),
        }
    })
    .await;
    let error = models::openai(&server, 0)
        .create::<EmailSubject>(PROMPT)
        .await
        .unwrap_err();
    let Error::Validator {
        path,
        error: cause,
        attempts,
        ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(path, "subject");
    assert!(matches!(**cause, Error::Api { .. }), "{cause:?}");
    assert_eq!(attempts[0].validators[0].is_valid, None);
    assert_eq!(error.usage(), server.usage());
    assert_eq!(server.requests().len(), 2);
}
