//! The moderation endpoint.
//!
//! Facts: OpenAI's `OpenAPI` document (`POST /moderations`).

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::codec::{Moderation, WireRequest};
use crate::error::CodecError;

/// The endpoint of OpenAI itself. Most services that speak the chat completions dialect do not have it.
#[derive(Debug)]
pub(in crate::provider) struct Moderations;

#[derive(Deserialize)]
struct Body {
    results: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    flagged: bool,
    /// Older models leave some categories null.
    categories: BTreeMap<String, Option<bool>>,
}

impl Moderation for Moderations {
    fn encode(&self, model: &str, text: &str) -> WireRequest {
        let body = serde_json::json!({"model": model, "input": text});
        WireRequest::new("/moderations", body.to_string())
    }

    fn decode(&self, body: &[u8]) -> Result<Option<Vec<String>>, CodecError> {
        let body: Body = serde_json::from_slice(body)?;
        let Some(outcome) = body.results.into_iter().next() else {
            return Err(CodecError::new("`results` is empty"));
        };
        let flagged = outcome.categories.into_iter();
        let flagged = flagged.filter(|(_, is_flagged)| *is_flagged == Some(true));
        Ok(outcome
            .flagged
            .then(|| flagged.map(|(category, _)| category).collect()))
    }
}
