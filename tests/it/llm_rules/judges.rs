//! Who judges: another model, another provider, a registered client.

use std::process::Command;

use instructor::prelude::*;
use instructor::{Error, provider};
use serde_json::json;

use super::{PROMPT, question, verdict};
use crate::answers::{anthropic, openai};
use crate::models::{self, CANARY};
use crate::server::Server;

/// A text with judges of every kind.
#[derive(Debug, Deserialize, ResponseModel)]
struct Poem {
    #[llm_validate("rhymes", model = "anthropic/claude-haiku-4-5")]
    #[llm_validate("is short", model = "critic")]
    #[llm_validate("is kind", model = "openai/gpt-4o-mini")]
    #[llm_validate("is new", model = "meta-llama/Llama-3.3-70B")]
    text: String,
}

#[tokio::test]
async fn a_rule_is_judged_by_whom_it_names() {
    let asked = Server::start("openai asked", |_, request| {
        match request.response_model() {
            "Poem" => openai::call("Poem", &json!({"text": "roses"})),
            _ => verdict(true, None),
        }
    })
    .await;
    let judge = Server::start("anthropic judge", |_, _| {
        anthropic::call("Verdict", &json!({"is_valid": true}))
    })
    .await;
    let critic = Server::start("openai critic", |_, _| verdict(true, None)).await;
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", asked.url()))
        .api_key(CANARY)
        .validator("critic", models::openai(&critic, 0))
        .validator("anthropic/claude-haiku-4-5", models::anthropic(&judge, 0))
        .build()
        .unwrap();
    let completion = client
        .create::<Poem>(PROMPT)
        .with_completion()
        .await
        .unwrap();
    let rules = |server: &Server| {
        let requests = server.requests();
        let verdicts = requests
            .iter()
            .filter(|one| one.response_model() == "Verdict");
        let mut rules: Vec<_> = verdicts
            .map(|one| {
                let model = one.body["model"].as_str().unwrap().to_owned();
                let rule = question(one)["validation_rule"]
                    .as_str()
                    .unwrap()
                    .to_owned();
                (rule, model)
            })
            .collect();
        rules.sort();
        rules
    };
    let pair = |rule: &str, model: &str| (rule.to_owned(), model.to_owned());
    assert_eq!(rules(&judge), [pair("rhymes", "claude-sonnet-4-5")]);
    assert_eq!(rules(&critic), [pair("is short", "gpt-4o")]);
    let own = [
        pair("is kind", "gpt-4o-mini"),
        pair("is new", "meta-llama/Llama-3.3-70B"),
    ];
    assert_eq!(rules(&asked), own);
    let paid = asked.usage() + judge.usage() + critic.usage();
    assert_eq!(completion.usage(), paid);
    for server in [&asked, &judge, &critic] {
        server.has_other_ledgers(
            "the calls of one client are judged by others, and the sum is compared here",
        );
    }
}

/// A rule that a provider judges for which the tests have no key.
#[derive(Debug, Deserialize, ResponseModel)]
struct Foreign {
    #[llm_validate("rhymes", model = "anthropic/claude-haiku-4-5")]
    #[allow(dead_code)]
    text: String,
}

/// The address of the server that is asked, for the test that runs in a process of its own.
const ASKED: &str = "INSTRUCTOR_TEST_ASKED_URL";

#[tokio::test]
async fn a_judge_of_another_provider_has_its_key_and_address_from_the_environment() {
    let asked = Server::start("openai asks anthropic", |_, _| {
        openai::call("Foreign", &json!({"text": "roses"}))
    })
    .await;
    let judge = Server::start("anthropic from the environment", |_, _| {
        anthropic::call("Verdict", &json!({"is_valid": true}))
    })
    .await;
    // The environment of this process is that of all tests.
    let mut child = Command::new(std::env::current_exe().unwrap());
    child
        .args(["--exact", "llm_rules::judges::child", "--ignored"])
        .env(ASKED, asked.url())
        .env("ANTHROPIC_BASE_URL", judge.url())
        .env("ANTHROPIC_API_KEY", CANARY);
    let output = tokio::task::spawn_blocking(move || child.output());
    let output = output.await.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
    let requests = judge.requests();
    assert_eq!((asked.requests().len(), requests.len()), (2, 2));
    assert_eq!(requests[0].headers["x-api-key"], CANARY);
    assert_eq!(requests[0].body["model"], "claude-haiku-4-5");
}

#[tokio::test]
#[ignore = "a part of the test above"]
async fn child() {
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", std::env::var(ASKED).unwrap()))
        .api_key(CANARY)
        .build()
        .unwrap();
    for _ in 0..2 {
        client.create::<Foreign>(PROMPT).await.unwrap();
    }
}

#[tokio::test]
async fn a_judge_that_cannot_be_had_is_an_error_before_the_first_request() {
    if std::env::var_os("ANTHROPIC_API_KEY").is_some() {
        eprintln!("skipped: there is a key in ANTHROPIC_API_KEY");
        return;
    }
    let server = Server::script("openai no judge", vec![openai::text("never sent")]).await;
    let client = models::openai(&server, 0);
    let error = client.create::<Foreign>(PROMPT).await.unwrap_err();
    let Error::Validator {
        path, error: cause, ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(path, "Foreign.text");
    assert!(matches!(**cause, Error::MissingApiKey { .. }), "{cause:?}");
    assert!(error.to_string().contains("ANTHROPIC_API_KEY"), "{error}");
    assert!(server.requests().is_empty());
}
