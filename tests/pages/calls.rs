//! The calls whose traces are looked at in the browser. They are also those of the pictures in the documentation, so their names
//! and texts are those that a user would write.

use instructor::prelude::*;
use instructor::{RetryPolicy, provider};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::server::{Received, Reply, Server};

pub(crate) const PROMPT: &str =
    "Come up with a subject for an email inviting users to follow the MLflow GitHub repo.";
pub(crate) const VAGUE: &str = "Some thoughts on a repository that you may or may not like";
pub(crate) const GOOD: &str = "Star MLflow: every release, first in your feed";
pub(crate) const VERDICT: &str = "The subject is long and does not say what it is about.";
pub(crate) const SESSION: &str = "letters-7";
pub(crate) const USER: &str = "ann";

/// The subject line of an email.
#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct EmailSubject {
    /// Who receives the email.
    recipient: String,
    /// The subject line.
    #[llm_validate("ensure subject is concise and engaging")]
    subject: String,
}

/// A reply to a letter.
#[derive(Debug, Deserialize, ResponseModel)]
struct Letter {
    /// The text, ready to be sent.
    #[validate(length(min = 1))]
    text: String,
}

/// An invoice as it was read.
#[derive(Debug, Deserialize, ResponseModel)]
#[allow(dead_code)]
struct Invoice {
    #[validate(length(min = 1))]
    supplier: String,
    #[validate(range(min = 0))]
    total: f64,
}

fn openai_client(server: &Server) -> Client {
    let address = format!("{}/v1", server.url());
    Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(address)
        .api_key("any-key-will-do")
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap()
}

fn anthropic_client(server: &Server) -> Client {
    Client::builder(provider::anthropic::ANTHROPIC.clone(), "claude-sonnet-4-5")
        .base_url(server.url())
        .api_key("any-key-will-do")
        .retry_policy(RetryPolicy::none())
        .build()
        .unwrap()
}

/// The first subject is rejected by the judge, the second is not.
fn email(call: fn(&str, &Value) -> Reply) -> impl Fn(usize, &Received) -> Reply {
    move |index, request| match request.response_model() {
        "Verdict" if index == 1 => call(
            "Verdict",
            &json!({"is_valid": false, "reason": VERDICT, "fixed_value": null}),
        ),
        "Verdict" => call(
            "Verdict",
            &json!({"is_valid": true, "reason": null, "fixed_value": null}),
        ),
        name if index == 0 => call(
            name,
            &json!({"recipient": "users@example.com", "subject": VAGUE}),
        ),
        // Only the wrong value is asked for.
        name => call(name, &json!({"subject": GOOD})),
    }
}

/// One turn of a conversation: each is a trace, and the session holds them together.
#[tracing::instrument(ret, err, skip(client), fields(session.id = SESSION, user.id = USER))]
async fn answer_letter(client: &Client, letter: &str) -> instructor::Result<String> {
    let reply = client.create::<Letter>(letter).await?;
    Ok(reply.text)
}

/// Makes all calls.
pub(crate) async fn make() {
    let server = Server::start("pages openai", email(openai::call)).await;
    let call = openai_client(&server).create::<EmailSubject>(PROMPT);
    call.temperature(0.2).await.unwrap();

    let server = Server::start("pages anthropic", email(anthropic::call)).await;
    let call = anthropic_client(&server).create::<EmailSubject>(PROMPT);
    call.max_tokens(1000).await.unwrap();

    let letters = [
        (
            "Which version of MLflow do I need?",
            "Any from 2.14 on; what older ones cannot show stands in the docs.",
        ),
        (
            "And does it have to run before my program starts?",
            "No: traces wait in memory until the server answers.",
        ),
        (
            "What happens when my program ends first?",
            "Dropping the guard delivers what is waiting, for at most 30 seconds.",
        ),
    ];
    let replies = letters.map(|(_, reply)| openai::call("Letter", &json!({"text": reply})));
    let server = Server::script("pages session", replies.into()).await;
    let client = openai_client(&server);
    for (letter, _) in letters {
        answer_letter(&client, letter).await.unwrap();
    }

    let wrong = json!({"supplier": "", "total": -1.0});
    let replies = vec![openai::call("Invoice", &wrong)];
    let server = Server::script("pages exhausted", replies).await;
    let call = openai_client(&server).create::<Invoice>("Read the invoice of 3 May.");
    call.max_retries(1).await.unwrap_err();
}
