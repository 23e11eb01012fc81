//! What is wrong with an answer: every fault at once, each with its place.

mod for_model;
mod input;

use std::fmt;

pub use for_model::ForModel;
pub use input::MAX_INPUT_BYTES;
pub(crate) use input::bounded_json;

/// Where a value stands in an answer: `steps[2].owner`.
///
/// A path is a linked list on the stack, so that checking a valid answer allocates nothing.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    segment: Segment<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Segment<'a> {
    Root,
    Key(&'a str),
    Index(usize),
}

impl Path<'static> {
    /// The whole answer.
    pub const ROOT: Path<'static> = Path {
        parent: None,
        segment: Segment::Root,
    };
}

impl<'a> Path<'a> {
    /// The member `key` of the object at this path.
    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path {
            parent: Some(self),
            segment: Segment::Key(key),
        }
    }

    /// The item at `index` (from 0) of the array at this path.
    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path {
            parent: Some(self),
            segment: Segment::Index(index),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(parent) = self.parent else {
            return f.write_str("$");
        };
        let parent_is_root = parent.parent.is_none();
        if !parent_is_root {
            write!(f, "{parent}")?;
        }
        match self.segment {
            Segment::Root => Ok(()),
            Segment::Key(key) if parent_is_root => f.write_str(key),
            Segment::Key(key) => write!(f, ".{key}"),
            Segment::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// What kind of fault a [`ValidationError`] is. The names are stable; use them to tell faults apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The answer is not JSON, or is cut off.
    Json,
    /// The answer is nested 128 levels deep or more.
    TooDeep,
    /// The value has another JSON type than the field.
    Type,
    /// A required field is absent.
    Missing,
    /// The text is none of the enum's variants.
    UnknownVariant,
    /// `length(...)` does not hold.
    Length,
    /// `range(...)` does not hold, or an integer does not fit its Rust type.
    Range,
    /// `pattern("...")` does not match.
    Pattern,
    /// `email` does not hold.
    Email,
    /// `url` does not hold.
    Url,
    /// `contains("...")` does not hold.
    Contains,
    /// `does_not_contain("...")` does not hold.
    DoesNotContain,
    /// `starts_with("...")` does not hold.
    StartsWith,
    /// `ends_with("...")` does not hold.
    EndsWith,
    /// `one_of(...)` does not hold.
    OneOf,
    /// `uuid` does not hold.
    Uuid,
    /// `ip` does not hold.
    Ip,
    /// `ipv4` does not hold.
    Ipv4,
    /// `ipv6` does not hold.
    Ipv6,
    /// `multiple_of(...)` does not hold.
    MultipleOf,
    /// `unique_items` does not hold.
    UniqueItems,
    /// A `custom` function found something wrong.
    Custom,
    /// A key that the type does not have, or has already under another name.
    UnknownField,
    /// A language model found that `#[llm_validate("...")]` does not hold.
    Llm,
    /// The provider's moderation flags the text of a `#[moderate]`.
    Moderation,
    /// The model did not call the tool, or not once, or one that there is not.
    ToolCall,
    /// The type's own `Deserialize` refused the value.
    Deserialize,
}

impl ErrorCode {
    /// The stable name, for example `unknown_variant`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorCode::Json => "json",
            ErrorCode::TooDeep => "too_deep",
            ErrorCode::Type => "type",
            ErrorCode::Missing => "missing",
            ErrorCode::UnknownVariant => "unknown_variant",
            ErrorCode::Length => "length",
            ErrorCode::Range => "range",
            ErrorCode::Pattern => "pattern",
            ErrorCode::Email => "email",
            ErrorCode::Url => "url",
            ErrorCode::Contains => "contains",
            ErrorCode::DoesNotContain => "does_not_contain",
            ErrorCode::StartsWith => "starts_with",
            ErrorCode::EndsWith => "ends_with",
            ErrorCode::OneOf => "one_of",
            ErrorCode::Uuid => "uuid",
            ErrorCode::Ip => "ip",
            ErrorCode::Ipv4 => "ipv4",
            ErrorCode::Ipv6 => "ipv6",
            ErrorCode::MultipleOf => "multiple_of",
            ErrorCode::UniqueItems => "unique_items",
            ErrorCode::Custom => "custom",
            ErrorCode::UnknownField => "unknown_field",
            ErrorCode::Llm => "llm_validate",
            ErrorCode::Moderation => "moderation",
            ErrorCode::ToolCall => "tool_call",
            ErrorCode::Deserialize => "deserialize",
        }
    }
}

impl ErrorCode {
    /// Whether the words of such a fault come from the response model alone, and so quote nothing of the answer.
    const fn is_said_by_the_model(self) -> bool {
        matches!(
            self,
            ErrorCode::TooDeep
                | ErrorCode::Type
                | ErrorCode::Missing
                | ErrorCode::UnknownVariant
                | ErrorCode::Length
                | ErrorCode::Range
                | ErrorCode::Pattern
                | ErrorCode::Email
                | ErrorCode::Url
                | ErrorCode::Contains
                | ErrorCode::DoesNotContain
                | ErrorCode::UnknownField
        )
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

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

    /// Adds all of these faults.
    pub(crate) fn extend(&mut self, errors: ValidationErrors) {
        self.errors.extend(errors.errors);
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
    fn a_path_reads_like_rust() {
        let root = Path::ROOT;
        let steps = root.key("steps");
        let third = steps.index(2);
        assert_eq!(root.to_string(), "$");
        assert_eq!(third.key("owner").to_string(), "steps[2].owner");
        assert_eq!(root.index(0).key("a").to_string(), "[0].a");
    }

    #[test]
    fn faults_past_the_limit_are_counted() {
        let mut errors = ValidationErrors::new();
        for _ in 0..MAX_ERRORS + 7 {
            errors.push(ValidationError::new(&Path::ROOT, ErrorCode::Type, "wrong"));
        }
        assert_eq!((errors.len(), errors.omitted()), (MAX_ERRORS, 7));
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
