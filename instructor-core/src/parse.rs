//! The text of an answer to its JSON, when it is not plainly that.
//!
//! Models put answers into code fences, think aloud before them, leave a comma behind the last item. The last complete value in
//! the text counts, since an earlier one may be an echo of the user's own input; an object is preferred, since every response
//! model is one. A cut-off value is never completed: what is missing is not known.
//!
//! What is found is a piece of text, and the typed value is read from it as it would be from an answer without anything around it. A
//! `Value` cannot stand in for the text: it has forgotten keys that were given twice, and numbers of more than 64 bits.

mod bracket;
mod duplicates;
mod known;
pub(crate) mod lexer;
mod parts;
pub(crate) mod scanner;
mod search;
mod slips;
pub(crate) mod trial;
mod written;

use std::borrow::Cow;

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::leniency::{Correction, CorrectionKind, Leniency};
use crate::validate::{ErrorCode, Path, ValidationError};

pub(crate) use known::known;
pub(crate) use parts::Parts;
pub(crate) use slips::mended;
pub(crate) use written::written;

/// The JSON in an answer.
#[derive(Debug)]
pub(crate) struct Json<'a> {
    pub(crate) text: Cow<'a, str>,
    /// How many bytes of the answer it was.
    length: usize,
    /// What had to be put right in the text.
    pub(crate) corrections: Vec<Correction>,
}

/// The JSON in `text`.
pub(crate) fn json(text: &str, leniency: Leniency) -> Result<Json<'_>, ValidationError> {
    let outcome = match leniency {
        Leniency::Strict => exact(text),
        Leniency::Default => lenient(text),
    };
    outcome.map_err(|fault| fault.with_raw_input(text))
}

/// The value of a text that is JSON.
pub(crate) fn value(text: &str) -> Result<Value, ValidationError> {
    serde_json::from_str(text).map_err(|error| fault(&error).with_raw_input(text))
}

/// The value of a text that is JSON, and what it says twice. The last one counts.
pub(crate) fn value_noting_duplicates(
    text: &str,
    corrections: &mut Vec<Correction>,
) -> Result<Value, ValidationError> {
    duplicates::read(text, corrections).map_err(|error| fault(&error).with_raw_input(text))
}

fn exact(text: &str) -> Result<Json<'_>, ValidationError> {
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(Json {
            text: Cow::Borrowed(text),
            length: text.len(),
            corrections: Vec::new(),
        }),
        Err(error) => Err(fault(&error)),
    }
}

fn lenient(text: &str) -> Result<Json<'_>, ValidationError> {
    let trimmed = text.trim_matches(|character: char| {
        character.is_whitespace() || character.is_control() || character == '\u{feff}'
    });
    let mut json = match exact(trimmed) {
        Ok(json) => json,
        Err(_) => search::last(trimmed)?,
    };
    let is_json_whitespace = |character| matches!(character, ' ' | '\t' | '\n' | '\r');
    if json.length < text.trim_matches(is_json_whitespace).len() {
        json.corrections
            .push(Correction::of_text(CorrectionKind::TextAround));
    }
    Ok(json)
}

/// What `serde_json` says of a text, in words for a model and for a person.
fn fault(error: &serde_json::Error) -> ValidationError {
    let fault = if error.is_eof() {
        cut_off()
    } else if error.to_string().starts_with("recursion limit") {
        too_deep()
    } else {
        let message = format!("the JSON is not valid: {error}");
        ValidationError::new(&Path::ROOT, ErrorCode::Json, message)
    };
    fault.with_explanation(error.to_string())
}

fn cut_off() -> ValidationError {
    ValidationError::new(&Path::ROOT, ErrorCode::Json, "the JSON is cut off")
}

fn too_deep() -> ValidationError {
    let message = "the JSON is nested 128 levels deep or more: answer with a flatter one";
    ValidationError::new(&Path::ROOT, ErrorCode::TooDeep, message)
}

#[cfg(test)]
mod tests;
