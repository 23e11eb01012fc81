//! A real model on a real server: `cargo xtask test` starts it and sets `INSTRUCTOR_TEST_MODEL_URL`.
//!
//! The model is tiny, so only what a tiny model gets right is asserted: shape and easy values.

use instructor::prelude::*;
use instructor::provider;

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
