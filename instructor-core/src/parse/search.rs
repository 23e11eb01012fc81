//! Looks for JSON in a text that holds more than that.

use std::borrow::Cow;

use super::bracket::Bracket;
use super::lexer::{Fault, Lexer, Progress};
use super::slips::Slips;
use super::{Json, cut_off, exact, too_deep};
use crate::leniency::{Correction, CorrectionKind};
use crate::validate::{ErrorCode, Path, ValidationError};

/// How much text may be read again and again in search of a value, as a multiple of its length.
const SEARCH_BUDGET: usize = 16;

/// The words in which models mark that they think.
pub(super) const THINKING: [(&str, &str); 2] =
    [("<think>", "</think>"), ("<thinking>", "</thinking>")];

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
        let mut slips = Slips::default();
        let read = match Lexer::new(0).push(candidate, &mut slips) {
            Progress::Done(end) => {
                let piece = candidate.get(..end).unwrap_or_default();
                let text = if slips.is_empty() {
                    Cow::Borrowed(piece)
                } else {
                    Cow::Owned(slips.mended(piece))
                };
                keep(&mut last, text, end, slips.kinds());
                end
            }
            Progress::Open => return Err(cut_off()),
            Progress::Broken(Fault::TooDeep, _) => return Err(too_deep()),
            // A broken piece is skipped whole, or a part of it would pass for the answer.
            Progress::Broken(Fault::Syntax, _) => match Bracket::default().close(candidate) {
                Some(end) => {
                    if candidate.get(..end).unwrap_or_default().contains('"') {
                        last = None;
                        found = exact(candidate).err().unwrap_or(found);
                    }
                    end
                }
                None => {
                    budget = budget.saturating_sub(candidate.len());
                    1
                }
            },
        };
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
