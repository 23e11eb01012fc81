//! The email subject again, from Anthropic.
//!
//! ```sh
//! ANTHROPIC_API_KEY=... cargo run --example email_subject_anthropic --features mlflow
//! ```

use instructor::prelude::*;

/// The subject line of an email.
#[derive(Debug, Deserialize, ResponseModel)]
struct EmailSubject {
    /// Who receives the email.
    recipient: String,
    /// The subject line.
    #[validate(length(max = 60))]
    #[llm_validate("ensure subject is concise and engaging")]
    subject: String,
}

#[tokio::main]
async fn main() -> instructor::Result<()> {
    #[cfg(feature = "mlflow")]
    let _mlflow = instructor::mlflow::autolog().init()?; // flushes on drop

    let model = std::env::var("INSTRUCTOR_MODEL")
        .unwrap_or_else(|_| "anthropic/claude-sonnet-4-5".to_owned());
    let client = Client::from_provider(&model)?;
    let email: EmailSubject = client
        .create(
            "Come up with a subject for an email inviting users to follow the MLflow GitHub repo.",
        )
        .max_tokens(1000)
        .await?;
    println!("{email:#?}");
    Ok(())
}
