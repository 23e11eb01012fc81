//! A real model on a real server: `cargo xtask test` starts it and sets `INSTRUCTOR_TEST_MODEL_URL`.
//!
//! The model is tiny, so only what a tiny model gets right is asserted: shape and easy values.

use std::time::Instant;

use instructor::prelude::*;
use instructor::{Provider, provider};

/// A person mentioned in the text.
#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    /// The first name, as written in the text.
    name: String,
    /// The age in years.
    age: u8,
}

const PROMPT: &str = "Jason is 25 years old.";
const MODEL: &str = "smollm2-135m";

/// The server's address; `None`, with the reason printed, where there is no server.
fn url() -> Option<String> {
    let url = std::env::var("INSTRUCTOR_TEST_MODEL_URL").ok();
    if url.is_none() {
        println!("skipped: INSTRUCTOR_TEST_MODEL_URL is not set; `cargo xtask test` sets it");
    }
    url
}

#[tokio::test]
async fn the_openai_wire_in_both_modes() {
    let Some(url) = url() else { return };
    let builder =
        Client::builder(provider::openai::OPENAI.clone(), MODEL).base_url(format!("{url}/v1"));
    let client = builder.api_key("unused").build().unwrap();
    for mode in [Mode::Tools, Mode::JsonSchema] {
        let completion = client
            .create::<Person>(PROMPT)
            .mode(mode)
            .temperature(0.0)
            .max_tokens(200)
            .with_completion()
            .await
            .unwrap();
        assert_eq!(
            (completion.value.name.as_str(), completion.value.age),
            ("Jason", 25),
            "{mode}"
        );
        assert!(completion.usage().output_tokens > 0);
    }
}

#[tokio::test]
async fn the_anthropic_wire() {
    let Some(url) = url() else { return };
    let builder = Client::builder(provider::anthropic::ANTHROPIC.clone(), MODEL).base_url(url);
    let client = builder.api_key("unused").build().unwrap();
    let completion = client
        .create::<Person>(PROMPT)
        .temperature(0.0)
        .max_tokens(200)
        .with_completion()
        .await
        .unwrap();
    assert_eq!(
        (completion.value.name.as_str(), completion.value.age),
        ("Jason", 25)
    );
    assert!(completion.usage().input_tokens > 0);
}

/// What the wires have in common: a part of the value is there before the rest of it, and its end is checked.
async fn is_there_in_parts(client: &Client, mode: Mode) {
    let name = format!("{} {mode}", client.provider().name);
    let call = client.create::<Person>(PROMPT).mode(mode);
    let mut stream = call.temperature(0.0).max_tokens(200).stream();
    let started = Instant::now();
    let mut updates = 0;
    let mut had_no_age = None;
    while let Some(person) = stream.next().await.unwrap() {
        updates += 1;
        assert_eq!(person.attempt(), 1, "{name}");
        if person.name.is_some() && person.age.is_none() {
            had_no_age.get_or_insert_with(|| started.elapsed());
        }
    }
    let all = started.elapsed();
    let completion = stream.finish_with_completion().await.unwrap();
    let person = &completion.value;
    assert_eq!((person.name.as_str(), person.age), ("Jason", 25), "{name}");
    assert!(updates > 1, "{name}: {updates} updates");
    assert!(
        had_no_age.is_some_and(|then| then < all),
        "{name}: no update without the age"
    );
    let [attempt] = &completion.attempts[..] else {
        panic!("{name}: one attempt")
    };
    let (token, field) = (attempt.time_to_first_token, attempt.time_to_first_field);
    assert!(token.unwrap() <= field.unwrap(), "{name}");
    assert!(field.unwrap() < attempt.latency, "{name}");
    assert!(completion.usage().output_tokens > 0, "{name}");
    println!(
        "{name}: {updates} updates, first token {token:?}, first field {field:?}, all {all:?}"
    );
}

fn streaming_client(provider: &Provider, url: String) -> Client {
    let builder = Client::builder(provider.clone(), MODEL).base_url(url);
    builder.api_key("any-key-will-do").build().unwrap()
}

#[tokio::test]
async fn the_openai_wire_streams_in_both_modes() {
    let Some(url) = url() else { return };
    let client = streaming_client(&provider::openai::OPENAI, format!("{url}/v1"));
    for mode in [Mode::Tools, Mode::JsonSchema] {
        is_there_in_parts(&client, mode).await;
    }
}

#[tokio::test]
async fn the_anthropic_wire_streams() {
    let Some(url) = url() else { return };
    let client = streaming_client(&provider::anthropic::ANTHROPIC, url);
    is_there_in_parts(&client, Mode::Tools).await;
    println!(
        "left out: {}, since this server takes `output_config.format` and ignores it",
        Mode::JsonSchema
    );
}

#[tokio::test]
async fn the_responses_wire_streams() {
    let Some(url) = url() else { return };
    let provider = &provider::openai_responses::OPENAI_RESPONSES;
    let client = streaming_client(provider, format!("{url}/v1"));
    is_there_in_parts(&client, Mode::Tools).await;
    println!(
        "left out: {}, since this server takes `text.format` and ignores it",
        Mode::JsonSchema
    );
}
