//! What is wrong with an answer, and why a call failed.

use std::borrow::Cow;
use std::fmt;

use instructor_core::trace;
use instructor_core::{ErrorCode, ValidationErrors};
use serde::{Deserialize, Serialize};

/// What is wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Errors<'a> {
    pub(crate) list: Vec<Fault<'a>>,
    /// How many more there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) omitted: u64,
}

/// One fault of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault<'a> {
    pub(crate) path: Cow<'a, str>,
    /// As [`ErrorCode::as_str`] says it.
    pub(crate) code: Cow<'a, str>,
    pub(crate) message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<Cow<'a, str>>,
}

/// Why a span failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure<'a> {
    pub(crate) kind: Cow<'a, str>,
    pub(crate) message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stopped_by: Option<Cow<'a, str>>,
    /// The word for `error.type`, if that is not `kind`: the HTTP status that the provider answered with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_type: Option<Cow<'a, str>>,
}

impl<'a> Errors<'a> {
    pub(super) fn of(errors: &'a ValidationErrors) -> Errors<'a> {
        let list = errors.iter().map(|error| Fault {
            path: error.path.as_str().into(),
            code: error.code.as_str().into(),
            message: error.message.as_str().into(),
            input: error.input.as_deref().map(Cow::from),
        });
        Errors {
            list: list.collect(),
            omitted: errors.omitted() as u64,
        }
    }
}

/// As [`ValidationErrors`] says it.
impl fmt::Display for Errors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}: {}", fault.path, fault.message)?;
            if let Some(input) = &fault.input {
                write!(f, " (got {input})")?;
            }
        }
        if self.omitted > 0 {
            write!(f, "\nand {} more", self.omitted)?;
        }
        Ok(())
    }
}

impl Fault<'_> {
    /// Whether a judge said so, and not code.
    pub(crate) fn is_judged(&self) -> bool {
        [ErrorCode::Llm, ErrorCode::Moderation]
            .iter()
            .any(|code| code.as_str() == self.code)
    }
}

impl<'a> Failure<'a> {
    pub(crate) fn new(kind: &'a str, message: impl Into<Cow<'a, str>>) -> Failure<'a> {
        Failure {
            kind: kind.into(),
            message: message.into(),
            stopped_by: None,
            error_type: None,
        }
    }

    pub(super) fn of(failure: &'a trace::Failure) -> Failure<'a> {
        let error_type = failure.error_type();
        Failure {
            stopped_by: failure.stopped_by.map(Cow::from),
            error_type: (error_type != failure.kind).then(|| error_type.into()),
            ..Failure::new(failure.kind, failure.message.as_str())
        }
    }

    /// What happened in one word, for `error.type`.
    pub(crate) fn error_type(&self) -> &str {
        self.error_type.as_ref().unwrap_or(&self.kind)
    }
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
