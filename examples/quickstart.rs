//! Extracts a person from a sentence.
//!
//! ```sh
//! OPENAI_API_KEY=... cargo run --example quickstart
//! ```
//!
//! `INSTRUCTOR_MODEL` names another model, for example `anthropic/claude-sonnet-4-5`; with `--features mlflow` the call is traced
//! to the server of `MLFLOW_TRACKING_URI`.

use instructor::prelude::*;

/// A person mentioned in the text.
#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    /// The first name, as written in the text.
    #[validate(length(min = 1))]
    name: String,
    /// The age in years.
    #[validate(range(max = 130))]
    age: u8,
}

#[tokio::main]
async fn main() -> instructor::Result<()> {
    #[cfg(feature = "mlflow")]
    let _mlflow = instructor::mlflow::autolog().init()?; // flushes on drop

    let model = std::env::var("INSTRUCTOR_MODEL").unwrap_or_else(|_| "openai/gpt-4o".to_owned());
    let client = Client::from_provider(&model)?;
    let completion = client
        .create::<Person>("Jason is 25 years old.")
        .with_completion()
        .await?;

    println!("{:#?}", completion.value);
    println!(
        "attempts: {}, tokens: {}",
        completion.attempts.len(),
        completion.usage().total_tokens()
    );
    Ok(())
}
