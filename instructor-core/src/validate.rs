//! What is wrong with an answer: every fault at once, each with its place.

use std::fmt;

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

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The longest offending input that is kept, in bytes of JSON text.
pub const MAX_INPUT_BYTES: usize = 200;

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
            input: None,
        }
    }

    /// The same fault with the offending value.
    #[must_use]
    pub fn with_input(mut self, input: &serde_json::Value) -> Self {
        self.input = Some(bounded(input.to_string()));
        self
    }

    /// The same fault with the offending text, for input that is not JSON.
    #[must_use]
    pub fn with_raw_input(mut self, input: &str) -> Self {
        self.input = Some(bounded(input.to_owned()));
        self
    }
}

fn bounded(mut text: String) -> String {
    if text.len() > MAX_INPUT_BYTES {
        let mut end = MAX_INPUT_BYTES;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("...");
    }
    text
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

/// All faults of one answer, in the order they were found. Its text, one line a fault, is what the model is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValidationErrors {
    errors: Vec<ValidationError>,
}

impl ValidationErrors {
    /// No faults. Allocates nothing.
    pub const fn new() -> Self {
        ValidationErrors { errors: Vec::new() }
    }

    /// Adds a fault.
    pub fn push(&mut self, error: ValidationError) {
        self.errors.push(error);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// How many there are.
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
        ValidationErrors {
            errors: vec![error],
        }
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
    fn long_input_is_cut_at_a_character() {
        let error = ValidationError::new(&Path::ROOT, ErrorCode::Type, "wrong")
            .with_raw_input(&"é".repeat(150));
        let input = error.input.expect("kept");
        assert_eq!(input.len(), MAX_INPUT_BYTES + 3);
        assert!(input.ends_with("é..."));
    }
}
