//! Looks for JSON in a text that holds more than that.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::repair::{self, Repaired};
use super::{Json, fault};
use crate::leniency::{Correction, CorrectionKind};
use crate::validate::{ErrorCode, Path, ValidationError};

/// How much text may be read again and again in search of a value, as a multiple of its length.
const SEARCH_BUDGET: usize = 16;

/// The words in which models mark that they think.
const THINKING: [(&str, &str); 2] = [("<think>", "</think>"), ("<thinking>", "</thinking>")];

/// The last complete value in `text`.
pub(super) fn last(text: &str) -> Result<Json<'_>, ValidationError> {
    let mut text = text;
    // What is thought is no answer, also if it is all there is.
    while let Some((_, end)) = THINKING.iter().find(|(start, _)| text.starts_with(start)) {
        let Some((_, after)) = text.split_once(end) else {
            return Err(none(
                "the answer ends while thinking: there is no JSON object after it",
            ));
        };
        text = after.trim_start();
    }
    // The start of the thinking may be a part of the prompt. The word may also stand in a string of the answer.
    let after = THINKING
        .iter()
        .filter_map(|(_, end)| Some(text.rsplit_once(end)?.1))
        .min_by_key(|after| after.len());
    if let Some(Ok(json)) = after.map(search) {
        return Ok(json);
    }
    search(text)
}

fn none(message: impl Into<String>) -> ValidationError {
    ValidationError::new(&Path::ROOT, ErrorCode::Json, message)
}

fn search(text: &str) -> Result<Json<'_>, ValidationError> {
    let mut last: Option<Json<'_>> = None;
    let mut found = none("the answer contains no JSON object");
    let mut budget = text.len().saturating_mul(SEARCH_BUDGET);
    let mut rest = text;
    while let Some(candidate) = rest.find(['{', '[']).and_then(|start| rest.get(start..)) {
        let (outcome, mut read) = first_value(candidate);
        match outcome {
            Ok(()) => {
                let piece = candidate.get(..read).unwrap_or_default();
                keep(&mut last, Cow::Borrowed(piece), read, Vec::new());
            }
            Err(error) if error.is_eof() => return Err(fault(&error)),
            // A broken piece is skipped whole, or a part of it would pass for the answer.
            Err(error) => match repair::balanced(candidate) {
                Some(end) => {
                    read = end;
                    let piece = candidate.get(..end).unwrap_or_default();
                    let Repaired { text, kinds } = repair::repaired(piece);
                    if serde_json::from_str::<IgnoredAny>(&text).is_ok() {
                        keep(&mut last, Cow::Owned(text), end, kinds);
                    } else if piece.contains('"') {
                        last = None;
                        found = fault(&error);
                    }
                }
                None => {
                    budget = budget.saturating_sub(candidate.len());
                    read = 1;
                }
            },
        }
        budget = budget.saturating_sub(read);
        if budget == 0 {
            return Err(none("the text holds too many pieces that look like JSON"));
        }
        rest = candidate.get(read..).unwrap_or_default();
    }
    last.ok_or(found)
}

/// The last value counts, but an object is not given up for something else.
fn keep<'a>(
    last: &mut Option<Json<'a>>,
    text: Cow<'a, str>,
    length: usize,
    kinds: Vec<CorrectionKind>,
) {
    let is_object = |text: &str| text.starts_with('{');
    if is_object(&text) || !last.as_ref().is_some_and(|json| is_object(&json.text)) {
        let corrections = kinds.into_iter().map(Correction::of_text).collect();
        *last = Some(Json {
            text,
            length,
            corrections,
        });
    }
}

/// Whether `text` starts with a value, and how many bytes it takes.
fn first_value(text: &str) -> (serde_json::Result<()>, usize) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let first = values.next().map_or(Ok(()), |value| value.map(|_| ()));
    (first, values.byte_offset())
}
