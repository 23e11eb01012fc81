//! What an error says where its words depend on what happened.

use std::fmt;

use super::Error;
use crate::attempt::Attempt;

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return write!(f, "{self}");
        }
        f.debug_struct("Error")
            .field("kind", &self.kind())
            .field("message", &format_args!("{self:#}"))
            .field("attempts", &self.attempts())
            .finish()
    }
}

pub(super) fn set(variable: &Option<&'static str>) -> String {
    variable
        .map(|variable| format!("set the environment variable {variable}, or "))
        .unwrap_or_default()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A line for each fault of the last answer; with `{:#}`, the answer with its faults underlined.
pub(super) fn exhausted(
    repeated: &bool,
    attempts: &[Attempt],
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let count = attempts.len();
    let plural = plural(count);
    let stopped = if *repeated {
        " (the last two made the same errors, so the model was not asked again)"
    } else {
        ""
    };
    writeln!(
        f,
        "no valid answer after {count} attempt{plural}{stopped}; the last one failed with:"
    )?;
    let Some(last) = attempts.last() else {
        return Ok(());
    };
    match (&last.errors, &last.answer) {
        (Some(errors), Some(answer)) if f.alternate() => {
            write!(f, "{}", errors.report(answer))
        }
        (Some(errors), _) => write!(f, "{errors}"),
        (None, _) => Ok(()),
    }
}

pub(super) fn while_invalid(attempts: &[Attempt]) -> String {
    match attempts.last().and_then(|attempt| attempt.errors.as_ref()) {
        Some(errors) => format!("; the last answer failed with:\n{errors}"),
        None => String::new(),
    }
}
