//! Writes the subject of an email. A language model judges whether it is concise and engaging; if not, it is asked for again.
//!
//! ```sh
//! OPENAI_API_KEY=... cargo run --example email_subject --features mlflow
//! ```
//!
//! `INSTRUCTOR_MODEL` names another model, for example `anthropic/claude-sonnet-4-5`.

use std::process::ExitCode;

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

const PROMPT: &str =
    "Come up with a subject for an email inviting users to follow the MLflow GitHub repo.";

#[tokio::main]
async fn main() -> instructor::Result<ExitCode> {
    #[cfg(feature = "mlflow")]
    let _mlflow = instructor::mlflow::autolog().init()?; // flushes on drop

    let model = std::env::var("INSTRUCTOR_MODEL").unwrap_or_else(|_| "openai/gpt-4o".to_owned());
    let client = Client::from_provider(&model)?;
    let outcome = client
        .create::<EmailSubject>(PROMPT)
        .with_completion()
        .await;

    let attempts = match &outcome {
        Ok(completion) => &completion.attempts,
        Err(error) => error.attempts(),
    };
    for attempt in attempts {
        match &attempt.errors {
            Some(errors) => println!("attempt {}: rejected\n{errors}", attempt.number),
            None if outcome.is_ok() => println!("attempt {}: accepted", attempt.number),
            None => println!(
                "attempt {}: no answer that could be checked",
                attempt.number
            ),
        }
        for judged in &attempt.validators {
            let verdict = match judged.is_valid {
                Some(true) => "holds",
                Some(false) => "does not hold",
                None => "no verdict",
            };
            println!("  `{}` {}: {verdict}", judged.path, judged.statement);
        }
    }
    match outcome {
        Ok(completion) => {
            println!("{:#?}", completion.value);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprintln!("{error}");
            Ok(ExitCode::FAILURE)
        }
    }
}
