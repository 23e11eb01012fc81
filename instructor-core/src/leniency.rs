//! How far an answer may be from the JSON that was asked for: the policy, and the ledger of what it put right.

mod coercion;
#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value;

use crate::validate::{Path, bounded_json};

pub(crate) use coercion::{coerce, coerce_part};

/// How far an answer may be from what was asked for. It decides only about answers that cannot be read as they are.
///
/// The table of what is put right is in the guide to
/// [validation](https://docs.rs/instructor-rs/latest/instructor/guide/validation/). Under either policy a cut-off answer is
/// never completed, and an answer nested 128 levels deep is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Leniency {
    /// The answer is exactly the JSON text, of exactly the types of the response model.
    Strict,
    /// What can be meant in one way only is put right, and noted as a [`Correction`].
    #[default]
    Default,
}

/// Something that was put right in an answer. It stands in
/// [`Attempt::corrections`](crate::attempt::Attempt::corrections).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Correction {
    /// Where: `steps[2].owner`, or `$` for the whole answer.
    pub path: String,
    /// What was done.
    pub kind: CorrectionKind,
    /// The value before, as JSON text of at most [`MAX_INPUT_BYTES`](crate::validate::MAX_INPUT_BYTES); `None` if the text was
    /// corrected before it was a value.
    pub given: Option<String>,
}

impl Correction {
    /// A correction of the text.
    pub(crate) fn of_text(kind: CorrectionKind) -> Self {
        Correction {
            path: Path::ROOT.to_string(),
            kind,
            given: None,
        }
    }

    /// A correction of `given` at `path`.
    pub(crate) fn of_value(path: &Path<'_>, kind: CorrectionKind, given: &Value) -> Self {
        Correction {
            path: path.to_string(),
            kind,
            given: Some(bounded_json(given)),
        }
    }
}

impl fmt::Display for Correction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.kind)?;
        match &self.given {
            Some(given) => write!(f, " (got {given})"),
            None => Ok(()),
        }
    }
}

/// What a [`Correction`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CorrectionKind {
    /// Text around the JSON was left out: a code fence, a sentence, thinking, a byte order mark.
    TextAround,
    /// A comma behind the last item was left out.
    TrailingComma,
    /// A comma between two objects or lists in a list was put in.
    MissingComma,
    /// A control character was escaped in a string, or left out between values.
    ControlCharacter,
    /// Of a key that is given twice, the last value was taken.
    DuplicateKey,
    /// A number in quotes became the number.
    NumberInText,
    /// `"true"`, `"yes"`, `"false"` or `"no"` became the boolean.
    BooleanInText,
    /// `3.0` became the integer 3.
    IntegralFloat,
    /// A single item became a list of one.
    SingleItem,
    /// A list that stood alone was put under the key that the answer has.
    BareList,
    /// A call of a tool that there is not was left out beside calls with which nothing is wrong.
    UnknownTool,
}

impl CorrectionKind {
    /// The stable name, for example `trailing_comma`.
    pub const fn as_str(self) -> &'static str {
        match self {
            CorrectionKind::TextAround => "text_around",
            CorrectionKind::TrailingComma => "trailing_comma",
            CorrectionKind::MissingComma => "missing_comma",
            CorrectionKind::ControlCharacter => "control_character",
            CorrectionKind::DuplicateKey => "duplicate_key",
            CorrectionKind::NumberInText => "number_in_text",
            CorrectionKind::BooleanInText => "boolean_in_text",
            CorrectionKind::IntegralFloat => "integral_float",
            CorrectionKind::SingleItem => "single_item",
            CorrectionKind::BareList => "bare_list",
            CorrectionKind::UnknownTool => "unknown_tool",
        }
    }
}

impl fmt::Display for CorrectionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
