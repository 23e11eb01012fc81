//! What is put right in an answer, over the wire. `tests/mlflow` looks at how it is traced.

use instructor::prelude::*;
use instructor::{CorrectionKind, Error, ErrorCode, Leniency};
use serde_json::{Value, json};

use crate::answers::{anthropic, openai};
use crate::models;
use crate::server::{Reply, Server};

#[derive(Debug, PartialEq, Deserialize, ResponseModel)]
struct Invoice {
    number: u32,
    #[validate(range(min = 0))]
    total: f64,
    is_paid: bool,
    lines: Vec<String>,
    comment: Option<String>,
}

/// Every value is of the wrong type, and can be meant in one way only.
fn sloppy() -> Value {
    json!({"number": 7.0, "total": "12.50", "is_paid": "yes", "lines": "Tea", "comment": "null"})
}

fn meant() -> Invoice {
    Invoice {
        number: 7,
        total: 12.5,
        is_paid: true,
        lines: vec!["Tea".to_owned()],
        comment: Some("null".to_owned()),
    }
}

#[tokio::test]
async fn what_can_be_meant_in_one_way_only_is_taken_so_and_noted() {
    let texts = [
        openai::call("Invoice", &sloppy()),
        openai::text(&format!("<think>{{</think>```json\n{}\n```", sloppy())),
    ];
    for (reply, around) in texts.into_iter().zip([0, 1]) {
        let server = Server::script("leniency openai", vec![reply]).await;
        let completion = models::openai(&server, 0)
            .create::<Invoice>("Read it.")
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value, meant());
        let corrections = &completion.attempts[0].corrections;
        let kinds: Vec<_> = corrections.iter().map(|each| each.kind).collect();
        assert_eq!(
            kinds[around..],
            [
                CorrectionKind::IntegralFloat,
                CorrectionKind::NumberInText,
                CorrectionKind::BooleanInText,
                CorrectionKind::SingleItem,
            ]
        );
        assert_eq!(kinds.len(), 4 + around);
        assert_eq!(
            corrections[around + 1].to_string(),
            "total: number_in_text (got \"12.50\")"
        );
        // The ledger keeps the answer as it came.
        let response = completion.attempts[0].response.as_ref().unwrap();
        let answer = match response.tool_calls.first() {
            Some(call) => &call.arguments,
            None => response.text.as_ref().unwrap(),
        };
        assert!(answer.contains("\"12.50\""), "{answer}");
    }
}

#[tokio::test]
async fn anthropic_answers_are_read_by_the_same_policy() {
    let reply = anthropic::call("Invoice", &sloppy());
    let server = Server::script("leniency anthropic", vec![reply]).await;
    let completion = models::anthropic(&server, 0)
        .create::<Invoice>("Read it.")
        .with_completion()
        .await
        .unwrap();
    assert_eq!(completion.value, meant());
    assert_eq!(completion.attempts[0].corrections.len(), 4);
}

#[tokio::test]
async fn a_strict_call_takes_exactly_the_json() {
    let exact =
        json!({"number": 7, "total": 12.5, "is_paid": true, "lines": ["Tea"], "comment": "null"});
    let duplicate = exact
        .to_string()
        .replace("\"total\"", "\"number\":7,\"total\"");
    for (wrong, code) in [
        (openai::call("Invoice", &sloppy()), ErrorCode::Type),
        (
            openai::raw_call("Invoice", &format!("{exact} ok?")),
            ErrorCode::Json,
        ),
        (
            openai::raw_call("Invoice", &duplicate),
            ErrorCode::Deserialize,
        ),
        (openai::text(&exact.to_string()), ErrorCode::ToolCall),
    ] {
        let replies = vec![wrong, openai::call("Invoice", &exact)];
        let server = Server::script("leniency strict", replies).await;
        let completion = models::openai(&server, 0)
            .create::<Invoice>("Read it.")
            .leniency(Leniency::Strict)
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value, meant());
        let [failed, accepted] = completion.attempts.as_slice() else {
            panic!("two attempts: {:?}", completion.attempts);
        };
        let errors = failed.errors.as_ref().unwrap();
        assert!(errors.iter().all(|error| error.code == code), "{errors}");
        assert!(failed.corrections.is_empty() && accepted.corrections.is_empty());
    }
}

#[tokio::test]
async fn the_policy_of_a_client_holds_unless_a_call_says_otherwise() {
    let reply = || openai::call("Invoice", &sloppy());
    let server = Server::script("leniency client", vec![reply(), reply()]).await;
    let client = Client::builder(instructor::provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("{}/v1", server.url()))
        .api_key("sk")
        .max_retries(0)
        .leniency(Leniency::Strict)
        .build()
        .unwrap();
    let strict = client.create::<Invoice>("Read it.").await;
    assert!(matches!(strict, Err(Error::Exhausted { .. })), "{strict:?}");
    let lenient = client
        .create::<Invoice>("Read it.")
        .leniency(Leniency::Default)
        .await;
    assert_eq!(lenient.unwrap(), meant());
}

#[tokio::test]
async fn what_was_put_right_is_not_complained_of() {
    let reply = openai::call(
        "Invoice",
        &json!({"number": "7", "total": "-1", "is_paid": "maybe", "lines": []}),
    );
    let server = Server::script("leniency rules", vec![reply]).await;
    let error = models::openai(&server, 0)
        .create::<Invoice>("Read it.")
        .max_retries(0)
        .await
        .unwrap_err();
    let paths: Vec<_> = error
        .validation_errors()
        .unwrap()
        .iter()
        .map(|error| (error.path.as_str(), error.code))
        .collect();
    assert_eq!(
        paths,
        [("total", ErrorCode::Range), ("is_paid", ErrorCode::Type)]
    );
    assert_eq!(error.attempts()[0].corrections.len(), 2);
}

#[tokio::test]
async fn an_exhausted_call_shows_the_faults_in_the_answer() {
    let answer = json!({"number": 7, "total": -1, "is_paid": "maybe", "lines": []});
    let server = Server::script("leniency report", vec![openai::call("Invoice", &answer)]).await;
    let error = models::openai(&server, 0)
        .create::<Invoice>("Read it.")
        .max_retries(0)
        .await
        .unwrap_err();
    expect_test::expect![[r#"
        no valid answer after 1 attempt; the last one failed with:
        {
          "is_paid": "maybe"
                     ^^^^^^^ type: expected boolean, got string
          … 2 more
          "total": -1
                   ^^ range: must be at least 0
        }"#]]
    .assert_eq(&format!("{error:#}"));
    assert!(format!("{error:#?}").contains("^^ range: must be at least 0"));
    assert!(!error.to_string().contains('^'), "{error}");
}

/// A response may say that it is short and go on.
#[tokio::test]
async fn a_body_past_the_limit_is_refused_without_reading_on() {
    let long = "x".repeat(instructor::transport::MAX_BODY_BYTES + 1);
    let server = Server::script("too long", vec![Reply::text(200, &long)]).await;
    let error = models::openai(&server, 0)
        .create::<Invoice>("Read it.")
        .await
        .unwrap_err();
    let Error::Transport { error, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind, instructor::TransportErrorKind::TooLarge);
}
