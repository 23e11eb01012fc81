//! Finds the JSON in the text of an answer, when it is not plainly that.
//!
//! Models put answers into code fences, add a word before or after, leave a comma behind the last item. The last complete value
//! in the text counts, since an earlier one may be an echo of the user's own input; an object is preferred, since every response
//! model is one. A cut-off value is never completed: what is missing is not known.
//!
//! What is found is a piece of text, and the typed value is read from it as it would be from an answer without anything around it. A
//! `Value` cannot stand in for the text: it has forgotten keys that were given twice, and numbers of more than 64 bits.

use std::borrow::Cow;

use serde_json::Value;

use crate::validate::{ErrorCode, Path, ValidationError};

/// How much text may be read again and again in search of a value, as a multiple of its length.
const SEARCH_BUDGET: usize = 16;

/// The JSON in a text.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    /// The piece of the text, without commas behind the last item.
    pub(crate) text: Cow<'a, str>,
    /// The same as a value. Of a key that is given twice in an object it holds the last one.
    pub(crate) value: Value,
}

impl<'a> Found<'a> {
    fn in_piece(text: impl Into<Cow<'a, str>>) -> serde_json::Result<Self> {
        let text = text.into();
        let value = serde_json::from_str(&text)?;
        Ok(Found { text, value })
    }
}

/// The value in `text`.
pub(crate) fn value(text: &str) -> Result<Value, ValidationError> {
    find(text).map(|found| found.value)
}

/// The JSON in `text`.
pub(crate) fn find(text: &str) -> Result<Found<'_>, ValidationError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if let Ok(found) = Found::in_piece(text) {
        return Ok(found);
    }
    search(text).map_err(|message| {
        ValidationError::new(&Path::ROOT, ErrorCode::Json, message).with_raw_input(text)
    })
}

fn search(text: &str) -> Result<Found<'_>, String> {
    let mut last = None;
    let mut fault = "the answer contains no JSON object".to_owned();
    let mut budget = text.len().saturating_mul(SEARCH_BUDGET);
    let mut rest = text;
    while let Some(candidate) = rest.find(['{', '[']).and_then(|start| rest.get(start..)) {
        let (outcome, mut read) = first_value(candidate);
        match outcome {
            Ok(value) => {
                let text = Cow::Borrowed(candidate.get(..read).unwrap_or(candidate));
                keep(&mut last, Found { text, value });
            }
            Err(error) if error.is_eof() => return Err(format!("the JSON is cut off: {error}")),
            // A broken piece is skipped whole, or a part of it would pass for the answer.
            Err(error) => match balanced(candidate) {
                Some(end) => {
                    read = end;
                    let piece = candidate.get(..end).unwrap_or_default();
                    if let Ok(found) = Found::in_piece(without_trailing_commas(piece)) {
                        keep(&mut last, found);
                    } else if piece.contains('"') {
                        last = None;
                        fault = format!("the JSON is not valid: {error}");
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
            return Err("the text holds too many pieces that look like JSON".to_owned());
        }
        rest = candidate.get(read..).unwrap_or_default();
    }
    last.ok_or(fault)
}

/// The last value counts, but an object is not given up for something else.
fn keep<'a>(last: &mut Option<Found<'a>>, found: Found<'a>) {
    let has_object = last.as_ref().is_some_and(|last| last.value.is_object());
    if found.value.is_object() || !has_object {
        *last = Some(found);
    }
}

/// The value at the start of `text`, and how many bytes it takes.
fn first_value(text: &str) -> (serde_json::Result<Value>, usize) {
    let mut values = serde_json::Deserializer::from_str(text).into_iter();
    let first = values.next().unwrap_or(Ok(Value::Null));
    (first, values.byte_offset())
}

/// Where the bracket that `text` starts with is closed, brackets in strings not counted.
fn balanced(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let mut in_string = false;
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(index + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// `text` without the commas that stand directly before a closing bracket.
fn without_trailing_commas(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for (index, character) in text.char_indices() {
        if in_string {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
        } else if character == '"' {
            in_string = true;
        } else if character == ',' {
            let after = text.get(index + 1..).unwrap_or_default().trim_start();
            if after.starts_with(['}', ']']) {
                continue;
            }
        }
        kept.push(character);
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(text: &str) -> String {
        value(text).expect_err(text).message
    }

    #[test]
    fn text_around_an_object_is_ignored() {
        for text in [
            "```json\n{\"a\":1}\n```",
            "Here you are: {\"a\":1} as asked in [2]",
            "prefix {not json} {\"a\":1}",
            "{\"a\":1} // comment",
            "<think>{\"a\": 0}</think>{\"a\":1}",
            "{\"a\":1,}",
            "{\"a\":1} [2,]",
        ] {
            assert_eq!(value(text), Ok(json!({"a": 1})), "{text}");
        }
    }

    #[test]
    fn the_piece_is_found_as_it_was_written() {
        for (text, piece) in [
            ("```json\n{\"a\": 1, \"a\": 2}\n```", "{\"a\": 1, \"a\": 2}"),
            ("\u{feff} {\"a\": 1} ", "{\"a\": 1}"),
            ("so: {\"a\": [1, ], }", "{\"a\": [1 ] }"),
            (
                "[1] {\"a\": 340282366920938463463374607431768211455} [2]",
                "{\"a\": 340282366920938463463374607431768211455}",
            ),
        ] {
            assert_eq!(find(text).expect(text).text, piece);
        }
    }

    #[test]
    fn the_last_object_wins() {
        assert_eq!(value("{\"a\":1}\n{\"a\":2}"), Ok(json!({"a": 2})));
    }

    #[test]
    fn a_cut_off_object_is_not_completed() {
        assert!(message("{\"a\":{\"b\":1}").contains("cut off"));
        assert!(message("{\"a\":1} {\"a\":").contains("cut off"));
    }

    #[test]
    fn a_part_of_a_broken_object_is_not_the_answer() {
        assert!(message("{\"people\": [{\"name\":\"A\"}], oops}").contains("not valid"));
        assert!(message("{'name': {\"name\":\"A\"}}").contains("not valid"));
    }

    #[test]
    fn text_without_json_says_so() {
        assert!(message("I cannot do that.").contains("no JSON object"));
        assert!(message("").contains("no JSON object"));
    }

    #[test]
    fn deep_or_repetitive_text_is_bounded() {
        assert!(value(&"[".repeat(200_000)).is_err());
        assert!(value(&"{\"a\":".repeat(100_000)).is_err());
        assert!(value(&"[\"x[".repeat(50_000)).is_err());
    }
}
