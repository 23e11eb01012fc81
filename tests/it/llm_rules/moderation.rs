//! `#[moderate]`: the moderation endpoint as a judge.

use instructor::prelude::*;
use instructor::{Error, ErrorCode, ValidatorCache};
use serde_json::json;

use super::{PROMPT, models};
use crate::answers::{anthropic, openai};
use crate::server::{Received, Reply, Server};

/// A comment.
#[derive(Debug, Deserialize, ResponseModel)]
struct Comment {
    #[moderate]
    text: String,
    #[moderate(each)]
    replies: Vec<String>,
}

fn comment(text: &str) -> Reply {
    openai::call(
        "Comment",
        &json!({"text": text, "replies": ["fine", "rude"]}),
    )
}

fn script(_: usize, request: &Received) -> Reply {
    if request.path != "/v1/moderations" {
        let turns = request.body["messages"].as_array().unwrap().len();
        return comment(if turns == 1 { "rude" } else { "kind" });
    }
    match request.body["input"].as_str().unwrap() {
        "rude" => openai::moderation(&["violence", "harassment/threatening"]),
        _ => openai::moderation(&[]),
    }
}

#[tokio::test]
async fn flagged_text_is_asked_for_again() {
    let server = Server::start("openai moderation", script).await;
    let client = models::openai(&server, 0);
    let create = client.create::<Comment>(PROMPT).max_retries(1);
    let error = create.await.unwrap_err();

    let requests = server.requests();
    let expected = json!({"model": "omni-moderation-latest", "input": "rude"});
    assert!(
        requests[1..3]
            .iter()
            .any(|request| request.body == expected)
    );
    let [first, second] = error.attempts() else {
        panic!("{error:#?}")
    };
    let errors = first.errors.as_ref().unwrap();
    let faults: Vec<_> = errors
        .iter()
        .map(|fault| (&*fault.path, fault.code))
        .collect();
    let expected = [
        ("text", ErrorCode::Moderation),
        ("replies[1]", ErrorCode::Moderation),
    ];
    assert_eq!(faults, expected);
    assert!(
        errors
            .to_string()
            .contains("flagged by moderation as harassment/threatening, violence"),
        "{errors}"
    );
    // Equal texts are moderated once, and the ledger says what was sent.
    let sent: Vec<usize> = first
        .validators
        .iter()
        .map(|call| call.attempts.len())
        .collect();
    assert_eq!(sent, [1, 1, 0]);
    assert_eq!(first.validators[0].statement, "moderation");
    assert_eq!(&*first.validators[0].model, "omni-moderation-latest");
    assert!(first.validators[0].attempts[0].wire_response.is_some());
    assert_eq!(second.errors.as_ref().unwrap().len(), 1);
    assert_eq!(error.usage(), server.usage());
}

#[tokio::test]
async fn moderation_is_cached() {
    let server = Server::start("openai moderation cache", script).await;
    let client = models::openai(&server, 0);
    let cache = ValidatorCache::new(10);
    for _ in 0..2 {
        let create = client.create::<Comment>(PROMPT).max_retries(0);
        create.validator_cache(cache.clone()).await.unwrap_err();
    }
    assert_eq!(server.requests().len(), 2 + 2);
}

#[tokio::test]
async fn a_provider_without_the_endpoint_is_an_error_before_the_first_request() {
    let server = Server::script(
        "anthropic moderation",
        vec![anthropic::text("", "end_turn")],
    )
    .await;
    let client = models::anthropic(&server, 0);
    let error = client.create::<Comment>(PROMPT).await.unwrap_err();
    let Error::Validator {
        path, error: cause, ..
    } = &error
    else {
        panic!("{error:?}")
    };
    assert_eq!(path, "Comment.text");
    assert!(matches!(**cause, Error::NoModeration { .. }), "{cause:?}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn another_client_may_moderate() {
    let asked = Server::start("anthropic moderated", |_, _| {
        anthropic::call("Comment", &json!({"text": "kind", "replies": []}))
    })
    .await;
    let judge = Server::start("openai moderator", script).await;
    let client = models::anthropic(&asked, 0);
    let create = client.create::<Comment>(PROMPT);
    let comment = create.validator(models::openai(&judge, 0)).await.unwrap();
    assert_eq!((comment.text.as_str(), comment.replies.len()), ("kind", 0));
    assert_eq!((asked.requests().len(), judge.requests().len()), (1, 1));
}

/// A comment that passes if nobody can moderate it.
#[derive(Debug, Deserialize, ResponseModel)]
struct Draft {
    #[moderate(model = "text-moderation-latest", on_error = accept)]
    text: String,
}

#[tokio::test]
async fn a_broken_endpoint_is_an_error_unless_the_rule_accepts_it() {
    for (answer, kind) in [
        // As plain text, since the vendor answers neither so.
        (Reply::text(200, r#"{"results": []}"#), "decode"),
        (Reply::text(200, "busy"), "decode"),
        (
            openai::error(500, "server_error", "internal", "oops"),
            "api",
        ),
        (Reply::Reset, "transport"),
    ] {
        let script = move |_: usize, request: &Received| match request.path.as_str() {
            "/v1/moderations" => answer.clone(),
            _ => openai::call(
                request.response_model(),
                &json!({"text": "kind", "replies": []}),
            ),
        };
        let server = Server::start("openai broken moderation", script).await;
        let client = models::openai(&server, 0);
        let error = client.create::<Comment>(PROMPT).await.unwrap_err();
        let Error::Validator {
            path,
            error: cause,
            attempts,
            ..
        } = &error
        else {
            panic!("{error:?}")
        };
        assert_eq!((path.as_str(), cause.kind()), ("text", kind));
        let failure = attempts[0].validators[0].failure.as_ref().unwrap();
        assert_eq!(failure.kind, kind);
        assert_eq!(error.usage(), server.usage());

        let completion = client
            .create::<Draft>(PROMPT)
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value.text, "kind");
        let judged = &completion.attempts[0].validators[0];
        assert_eq!(judged.is_valid, None);
        assert_eq!(judged.failure.as_ref().unwrap().kind, kind);
        let last = server.requests().pop().unwrap();
        assert_eq!(last.body["model"], "text-moderation-latest");
    }
}
