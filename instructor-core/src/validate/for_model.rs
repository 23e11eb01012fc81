//! The faults in the words of a reask. Every token of it is paid for.

use std::fmt::{self, Write};

use super::{ErrorCode, OneLine, ValidationError, ValidationErrors, quoted};

/// The longest input that is repeated, in bytes. The model has its answer before it; a short value is shown since it tells at once
/// what is meant.
const MAX_INPUT: usize = 40;

/// Of faults with the same words, as the items of a list have them, so many places are named. The others are counted.
const MAX_PLACES: usize = 10;

/// So many different faults are told, in so many bytes. A model that makes more of them is helped by the first ones.
const MAX_FAULTS: usize = 20;
const MAX_BYTES: usize = 8 * 1024;

/// The longest path and message, in characters. Keys of maps are the model's own words, and messages may quote it.
pub(crate) const MAX_PATH: usize = 200;
pub(crate) const MAX_MESSAGE: usize = 1_000;

/// The faults of an answer as a model is told them. Made by [`ValidationErrors::for_model`].
#[derive(Debug, Clone, Copy)]
pub struct ForModel<'a>(&'a ValidationErrors);

impl ValidationErrors {
    /// What a model must know to correct its answer, and nothing else: a line for each message, with the places it is about, and
    /// the value where it is short and says more than the message does.
    ///
    /// At most 20 lines and 8 KiB are written, and the rest is counted. Whatever is the model's own words stays on its line: line breaks,
    /// control characters and invisible marks are escaped, paths are cut after 200 characters and messages after 1,000.
    ///
    /// ```
    /// use instructor_core::{ErrorCode, Path, ValidationError, ValidationErrors};
    ///
    /// let mut errors = ValidationErrors::new();
    /// let age = Path::ROOT.key("age");
    /// let error = ValidationError::new(&age, ErrorCode::Type, "expected integer, got string");
    /// errors.push(error.with_raw_input("\"old\""));
    /// assert_eq!(errors.for_model().to_string(), "age: expected integer, got string (got \"old\")");
    /// ```
    pub fn for_model(&self) -> ForModel<'_> {
        ForModel(self)
    }
}

impl fmt::Display for ForModel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = &self.0.errors;
        let mut told = Bounded::default();
        let mut left_out = self.0.omitted;
        for (index, first) in errors.iter().enumerate() {
            let is_same = |other: &&ValidationError| {
                other.code == first.code && other.message == first.message
            };
            let earlier = errors.get(..index).unwrap_or_default();
            if earlier.iter().any(|error| is_same(&error)) {
                continue;
            }
            let rest = errors.get(index + 1..).unwrap_or_default();
            let others = rest.iter().filter(is_same);
            let count = others.clone().count();
            let mut line = OneLine::new(&first.path, MAX_PATH).to_string();
            for other in others.take(MAX_PLACES - 1) {
                let _ = write!(line, ", {}", OneLine::new(&other.path, MAX_PATH));
            }
            if let Some(more @ 1..) = count.checked_sub(MAX_PLACES - 1) {
                let _ = write!(line, " and {more} more places");
            }
            let _ = write!(line, ": {}", OneLine::new(&first.message, MAX_MESSAGE));
            if let Some(input) = telling_input(first).filter(|_| count == 0) {
                let _ = write!(line, " (got {})", quoted(input));
            }
            if !told.push(&line) {
                left_out += count + 1;
            }
        }
        f.write_str(&told.text)?;
        if left_out > 0 {
            write!(f, "\nand {left_out} more faults")?;
        }
        Ok(())
    }
}

/// Lines of bounded number and length.
#[derive(Debug, Default)]
pub(crate) struct Bounded {
    pub(crate) text: String,
    lines: usize,
}

impl Bounded {
    /// Adds a line, if there is room for it.
    pub(crate) fn push(&mut self, line: &str) -> bool {
        if self.lines >= MAX_FAULTS || self.text.len() + line.len() >= MAX_BYTES {
            return false;
        }
        if self.lines > 0 {
            self.text.push('\n');
        }
        self.text.push_str(line);
        self.lines += 1;
        true
    }
}

/// The input, if it says something that the message does not.
fn telling_input(error: &ValidationError) -> Option<&str> {
    let input = error.input.as_deref()?;
    let is_told = matches!(
        error.code,
        ErrorCode::Json
            | ErrorCode::TooDeep
            | ErrorCode::ToolCall
            | ErrorCode::Length
            | ErrorCode::UnknownField
            | ErrorCode::Llm
            | ErrorCode::Moderation
    );
    let is_telling = !is_told && input.len() <= MAX_INPUT && !input.starts_with(['{', '[']);
    is_telling.then_some(input)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::{Value, json};

    use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

    fn error(path: &str, code: ErrorCode, message: &str, input: &Value) -> ValidationError {
        ValidationError::at(path.to_owned(), code, message).with_input(input)
    }

    #[test]
    fn a_model_is_told_what_it_needs_and_no_more() {
        let mut errors = ValidationErrors::new();
        let missing = ValidationError::new(
            &Path::ROOT.key("name"),
            ErrorCode::Missing,
            "is required, but missing",
        );
        errors.push(missing);
        errors.push(error(
            "age",
            ErrorCode::Type,
            "expected integer, got string",
            &json!("forty"),
        ));
        errors.push(error(
            "text",
            ErrorCode::Pattern,
            "must match `^a`",
            &json!("b".repeat(60)),
        ));
        errors.push(error(
            "subject",
            ErrorCode::Length,
            "must be at most 2 characters, has 3",
            &json!("abc"),
        ));
        errors.push(error(
            "tags",
            ErrorCode::Type,
            "expected array, got object",
            &json!({}),
        ));
        for index in 0..14 {
            errors.push(error(
                &format!("items[{index}].price"),
                ErrorCode::Range,
                "must be at least 0",
                &json!(-index),
            ));
        }
        expect![[r#"
            name: is required, but missing
            age: expected integer, got string (got "forty")
            text: must match `^a`
            subject: must be at most 2 characters, has 3
            tags: expected array, got object
            items[0].price, items[1].price, items[2].price, items[3].price, items[4].price, items[5].price, items[6].price, items[7].price, items[8].price, items[9].price and 4 more places: must be at least 0"#]].assert_eq(&errors.for_model().to_string());
    }
}
