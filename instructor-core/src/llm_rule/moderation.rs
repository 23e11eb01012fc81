//! The moderation endpoint of a provider as a judge.

use std::sync::Arc;

use tracing::{Instrument, Span};

use super::judge::Judge;
use super::question::Verdict;
use crate::attempt::Attempt;
use crate::call::Terms;
use crate::codec::Moderation;
use crate::error::Error;
use crate::exchange;
use crate::message::Message;
use crate::model::ResponseModel;
use crate::request::Request;
use crate::response::Usage;
use crate::trace::{self, Failure, Unfinished};

/// The model of a `#[moderate]` that names none.
pub(super) const MODEL: &str = "omni-moderation-latest";

/// The endpoint of a judge's provider.
///
/// # Errors
///
/// If it has none.
pub(super) fn endpoint(judge: &Judge) -> Result<&'static dyn Moderation, Error> {
    let provider = judge.client.provider();
    provider
        .codec
        .moderation()
        .ok_or_else(|| Error::NoModeration {
            provider: provider.name.to_string(),
        })
}

/// The verdict on `text`, asked for in `span`.
pub(super) async fn ask(
    judge: &Judge,
    text: &str,
    span: Span,
    attempts: &mut Vec<Attempt>,
) -> Result<Verdict, Error> {
    let unfinished = Unfinished::new(&span);
    let mut outcome = moderate(judge, text, attempts)
        .instrument(span.clone())
        .await;
    unfinished.finish();
    if let Err(error) = &mut outcome {
        error.set_attempts(attempts.clone());
    }
    if !span.is_disabled() {
        trace::record(&span, |recording| {
            recording.provider = Some(judge.client.provider().name.clone());
            recording.attempt = Some(1);
            recording.response_model = Some(judge.model.to_string());
            match &outcome {
                Ok(verdict) => recording.output = Some(Arc::from(verdict.to_json())),
                Err(error) => recording.failure = Some(Failure::from(error)),
            }
        });
        trace::call_finished(&span, 1, Usage::default(), outcome.as_ref().err());
    }
    outcome
}

async fn moderate(
    judge: &Judge,
    text: &str,
    attempts: &mut Vec<Attempt>,
) -> Result<Verdict, Error> {
    let endpoint = endpoint(judge)?;
    let wire = endpoint.encode(&judge.model, text);
    let messages = vec![Message::user(text)];
    // The endpoint takes no schema; what is made of its answer has this one.
    let request = Request::new(
        Arc::clone(&judge.model),
        messages,
        Verdict::SCHEMA,
        judge.mode,
    );
    let tariff = judge.client.tariff().clone();
    let mut attempt = Attempt::new(1, Arc::new(request), wire.body.clone(), tariff);
    let terms = Terms::default();
    let body = exchange::body(&judge.client, &wire, &mut attempt, &terms, None).await;
    // OpenAI charges nothing for moderation.
    attempt.is_free = true;
    attempts.push(attempt);
    let flagged = endpoint.decode(&body?).map_err(|error| Error::Decode {
        error,
        attempts: Vec::new(),
    })?;
    Ok(Verdict {
        is_valid: flagged.is_none(),
        reason: flagged.map(|categories| {
            if categories.is_empty() {
                return "is flagged by moderation: write something harmless".to_owned();
            }
            let categories = categories.join(", ");
            format!("is flagged by moderation as {categories}: write something harmless")
        }),
        fixed_value: None,
    })
}

impl Verdict {
    fn to_json(&self) -> String {
        serde_json::json!({"is_valid": self.is_valid, "reason": self.reason}).to_string()
    }
}
