//! Bad input: typed errors that say what to do, and no secrets.

use instructor::prelude::*;
use instructor::{Error, provider};

use crate::models::Person;

/// The environment is the process's: only this test reads or writes these variables.
#[test]
fn a_missing_or_empty_key_names_its_variable() {
    let build =
        || Client::builder(provider::anthropic::ANTHROPIC.clone(), "claude-sonnet-4-5").build();
    if std::env::var_os("ANTHROPIC_API_KEY").is_some() {
        println!("skipped: ANTHROPIC_API_KEY is set on this machine, so it cannot be missing");
        return;
    }
    let error = build().unwrap_err();
    assert!(
        matches!(
            &error,
            Error::MissingApiKey {
                variable: Some("ANTHROPIC_API_KEY"),
                ..
            }
        ),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .contains("set the environment variable ANTHROPIC_API_KEY"),
        "{error}"
    );

    let error = Client::builder(provider::anthropic::ANTHROPIC.clone(), "claude-sonnet-4-5")
        .api_key("  ")
        .build();
    assert!(matches!(error, Err(Error::MissingApiKey { .. })));
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_a_connection_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .base_url(format!("http://{address}/v1"))
        .api_key("sk-canary")
        .retry_policy(instructor::RetryPolicy::none())
        .build()
        .unwrap();
    let error = client.create::<Person>("Jason").await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert!(
        error.to_string().contains("could not be reached"),
        "{error}"
    );
    assert!(!format!("{error:#?}").contains("canary"), "{error:?}");
}

#[tokio::test]
async fn an_impossible_temperature_is_refused() {
    let client = Client::builder(provider::openai::OPENAI.clone(), "gpt-4o")
        .api_key("sk")
        .build()
        .unwrap();
    let error = client
        .create::<Person>("Jason")
        .temperature(f64::NAN)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Request(_)), "{error:?}");
}

#[test]
fn an_empty_model_is_refused() {
    let error = Client::builder(provider::openai::OPENAI.clone(), " ")
        .api_key("sk")
        .build()
        .unwrap_err();
    assert!(matches!(error, Error::InvalidModel { .. }), "{error:?}");
}
