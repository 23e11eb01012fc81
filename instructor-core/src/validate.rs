//! What is wrong with an answer: every fault at once, each with its place.

mod code;
mod for_model;
mod input;
mod path;
mod quoted;

use std::fmt;

pub use code::ErrorCode;
pub use for_model::ForModel;
pub(crate) use for_model::{Bounded, MAX_MESSAGE, MAX_PATH};
pub use input::MAX_INPUT_BYTES;
pub(crate) use input::bounded_json;
pub use path::Path;
pub(crate) use quoted::{OneLine, quoted};

/// One fault of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ValidationError {
    /// Where: `steps[2].owner`, or `$` for the whole answer.
    pub path: String,
    /// What kind of fault.
    pub code: ErrorCode,
    /// What is wrong, in words the model can act on.
    pub message: String,
    /// The same for a person, where other words serve one better; it is not sent to the model.
    pub explanation: Option<String>,
    /// The offending value as JSON text, cut after [`MAX_INPUT_BYTES`].
    pub input: Option<String>,
}

impl ValidationError {
    /// A fault at `path`, without its input.
    pub fn new(path: &Path<'_>, code: ErrorCode, message: impl Into<String>) -> Self {
        ValidationError::at(path.to_string(), code, message)
    }

    /// The same for a path that is text already.
    pub(crate) fn at(path: String, code: ErrorCode, message: impl Into<String>) -> Self {
        ValidationError {
            path,
            code,
            message: message.into(),
            explanation: None,
            input: None,
        }
    }

    /// The same fault, told to people in these words.
    #[must_use]
    pub fn with_explanation(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = Some(explanation.into());
        self
    }

    /// The same fault with the offending value.
    #[must_use]
    pub fn with_input(mut self, input: &serde_json::Value) -> Self {
        self.input = Some(input::bounded_json(input));
        self
    }

    /// The same fault with the offending text, for input that is not JSON.
    #[must_use]
    pub fn with_raw_input(mut self, input: &str) -> Self {
        self.input = Some(input::bounded_text(input));
        self
    }
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)?;
        if let Some(input) = &self.input {
            write!(f, " (got {input})")?;
        }
        Ok(())
    }
}

/// The most faults of one answer that are kept; more are only counted. An answer may be a list of a million wrong items.
pub const MAX_ERRORS: usize = 1_000;

/// All faults of one answer, in the order they were found.
///
/// It has three renderings: one line a fault (`{}`), [`for_model`](Self::for_model) with what is worth its tokens, and
/// [`report`](Self::report), which shows people the faults in the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValidationErrors {
    errors: Vec<ValidationError>,
    omitted: usize,
    is_redacted: bool,
}

impl ValidationErrors {
    /// No faults. Allocates nothing.
    pub const fn new() -> Self {
        ValidationErrors {
            errors: Vec::new(),
            omitted: 0,
            is_redacted: false,
        }
    }

    /// Adds a fault. Past [`MAX_ERRORS`] it is only counted.
    pub fn push(&mut self, error: ValidationError) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }

    /// How many faults were only counted, since there are more than [`MAX_ERRORS`].
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// The same faults without anything of the answer but its keys: for logs that must hold no data of people. Offending inputs
    /// are left out, and messages that may quote them are replaced by the name of the fault; a [`report`](Self::report) shows
    /// the type of a value in its place.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        self.is_redacted = true;
        for error in &mut self.errors {
            error.input = None;
            error.explanation = None;
            if !error.code.is_said_by_the_model() {
                error.message = format!("fails `{}`", error.code);
            }
        }
        self
    }

    pub(crate) fn is_redacted(&self) -> bool {
        self.is_redacted
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// How many are kept: all, or [`MAX_ERRORS`].
    pub fn len(&self) -> usize {
        self.errors.len()
    }

    /// The faults.
    pub fn iter(&self) -> std::slice::Iter<'_, ValidationError> {
        self.errors.iter()
    }

    /// Adds all of these faults, and the count of those that are not kept.
    pub(crate) fn extend(&mut self, errors: ValidationErrors) {
        self.omitted += errors.omitted;
        errors.errors.into_iter().for_each(|error| self.push(error));
    }

    /// Takes faults away. Not if there are some that were only counted: nobody knows where those are.
    pub(crate) fn retain(&mut self, is_kept: impl FnMut(&ValidationError) -> bool) {
        if self.omitted == 0 {
            self.errors.retain(is_kept);
        }
    }

    /// The faults, to be changed.
    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, ValidationError> {
        self.errors.iter_mut()
    }
}

impl<'a> IntoIterator for &'a ValidationErrors {
    type Item = &'a ValidationError;
    type IntoIter = std::slice::Iter<'a, ValidationError>;

    fn into_iter(self) -> Self::IntoIter {
        self.errors.iter()
    }
}

impl From<ValidationError> for ValidationErrors {
    fn from(error: ValidationError) -> Self {
        let mut errors = ValidationErrors::new();
        errors.push(error);
        errors
    }
}

impl fmt::Display for ValidationErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        if self.omitted > 0 {
            write!(f, "\nand {} more", self.omitted)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValidationErrors {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_past_the_limit_are_counted() {
        let mut errors = ValidationErrors::new();
        for _ in 0..MAX_ERRORS + 7 {
            errors.push(ValidationError::new(&Path::ROOT, ErrorCode::Type, "wrong"));
        }
        assert_eq!((errors.len(), errors.omitted()), (MAX_ERRORS, 7));
        let mut twice = errors.clone();
        twice.extend(errors.clone());
        assert_eq!(
            (twice.len(), twice.omitted()),
            (MAX_ERRORS, MAX_ERRORS + 14)
        );
        for rendering in [
            errors.to_string(),
            errors.for_model().to_string(),
            errors.report("{}").to_string(),
        ] {
            assert!(rendering.contains("7 more"), "{rendering}");
        }
    }

    #[test]
    fn a_large_value_is_cut_too() {
        let error = ValidationError::new(&Path::ROOT, ErrorCode::Type, "wrong");
        for text in ["é".repeat(150), format!("a{}", "é".repeat(150))] {
            let input = error.clone().with_input(&text.into()).input.expect("kept");
            assert!(input.ends_with("é..."), "{input}");
            assert!(input.len() <= MAX_INPUT_BYTES + 3);
        }
        let whole = error.with_input(&"é".into()).input;
        assert_eq!(whole.as_deref(), Some("\"é\""));
    }

    #[test]
    fn long_input_is_cut_at_a_character() {
        let error = ValidationError::new(&Path::ROOT, ErrorCode::Type, "wrong")
            .with_raw_input(&"é".repeat(150));
        let input = error.input.expect("kept");
        assert_eq!(input.len(), MAX_INPUT_BYTES + 3);
        assert!(input.ends_with("é..."));
    }
}
