//! Quotes in answers: what the model is told, and where they stand in the source.

use instructor::prelude::*;
use instructor::{Citation, Source};
use serde_json::json;

use crate::answers::{anthropic, openai};
use crate::models;
use crate::server::Server;

/// What the text says, with its evidence.
#[derive(Debug, Deserialize, ResponseModel)]
struct Fact {
    statement: String,
    #[validate(length(min = 1))]
    evidence: Vec<Citation>,
}

#[tokio::test]
async fn quotes_are_found_where_the_model_took_them() {
    let source = Source::new("Ada Lovelace (1815–1852) wrote the first\nprogram for a machine.");
    let answer = json!({
        "statement": "Ada Lovelace wrote the first program.",
        "evidence": ["Ada Lovelace (1815-1852)", "'wrote the frist program'", "was a duchess"],
    });
    let server = Server::script("citations", vec![openai::call("Fact", &answer)]).await;
    let client = models::openai(&server, 0);
    let fact: Fact = client.create(source.text()).await.unwrap();
    assert!(fact.statement.contains("Lovelace"));
    let places: Vec<_> = source
        .located(&fact.evidence)
        .map(|(_, place)| &source.text()[place])
        .collect();
    let expected = ["Ada Lovelace (1815–1852)", "wrote the first\nprogram"];
    assert_eq!(places, expected);
    assert_eq!(fact.evidence[2].locate(&source), None);

    let function = &server.requests()[0].body["tools"][0]["function"];
    let evidence = &function["parameters"]["properties"]["evidence"];
    assert_eq!(evidence["items"]["type"], "string");
    let told = evidence["items"]["description"].as_str().unwrap();
    assert!(told.contains("word for word"), "{told}");
}

#[tokio::test]
async fn a_quote_that_is_not_in_the_given_source_is_asked_for_again() {
    let source = Source::new("Ada was born in 1815,\nin London.");
    let answer = |quote: &str| json!({"statement": "Ada is from London.", "evidence": ["Ada was born", quote]});
    let (wrong, right) = (answer("raised in Paris"), answer("in London"));
    for name in ["openai", "anthropic"] {
        let call = |answer: &serde_json::Value| match name {
            "openai" => openai::call("Fact", answer),
            _ => anthropic::call("Fact", answer),
        };
        let server = Server::script("citations checked", vec![call(&wrong), call(&right)]).await;
        let client = match name {
            "openai" => models::openai(&server, 0),
            _ => models::anthropic(&server, 0),
        };
        let completion = client
            .create::<Fact>(source.text())
            .context(source.clone())
            .with_completion()
            .await
            .unwrap();
        assert_eq!(completion.value.evidence[1].quote, "in London");
        let errors = completion.attempts[0].errors.as_ref().unwrap();
        let error = errors.iter().next().unwrap();
        assert_eq!((errors.len(), error.path.as_str()), (1, "evidence[1]"));
        assert_eq!(error.input.as_deref(), Some("\"raised in Paris\""));
    }
}
