//! The faults of an answer for people: the answer as a tree, with what is wrong underlined, like a compiler's diagnostic.
//!
//! Only what leads to a fault is shown. The members of an object keep the order and the spelling that the model gave them, so
//! the text is read piece by piece as it is and never becomes a `Value`.

mod tree;

use std::fmt;

use crate::leniency::Leniency;
use crate::parse;
use crate::validate::{ValidationError, ValidationErrors};

use tree::Tree;

/// The faults of an answer in that answer. Made by [`ValidationErrors::report`]; it is printed with `{}`.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    errors: &'a ValidationErrors,
    answer: &'a str,
    is_colored: bool,
}

impl ValidationErrors {
    /// Shows the faults in `answer`, the text they were found in ([`Attempt::answer`](crate::attempt::Attempt#structfield.answer)).
    ///
    /// Of the answer it prints the keys that lead to a fault, and the values at fault, cut short. Use
    /// [`redacted`](Self::redacted) first to leave the values out.
    ///
    /// ```
    /// use instructor_core::{ErrorCode, Path, ValidationError, ValidationErrors};
    ///
    /// let steps = Path::ROOT.key("steps");
    /// let path = steps.index(1);
    /// let error = ValidationError::new(&path, ErrorCode::Range, "must be at least 0");
    /// let errors = ValidationErrors::from(error);
    /// assert_eq!(
    ///     errors.report(r#"{"name":"A","steps":[4,-1]}"#).to_string(),
    ///     r#"{
    ///   … 1 more
    ///   "steps": [
    ///     … 1 more
    ///     -1
    ///     ^^ range: must be at least 0
    ///   ]
    /// }"#
    /// );
    /// ```
    pub fn report<'a>(&'a self, answer: &'a str) -> Report<'a> {
        Report {
            errors: self,
            answer,
            is_colored: false,
        }
    }
}

impl Report<'_> {
    /// The same report with ANSI colours, for a terminal. Default: none.
    #[must_use]
    pub fn colored(mut self) -> Self {
        self.is_colored = true;
        self
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut tree = Tree::new(self.is_colored, self.errors.is_redacted());
        let errors: Vec<&ValidationError> = self.errors.iter().collect();
        match parse::json(self.answer, Leniency::Default) {
            Ok(json) => tree.answer(&json.text, &errors),
            Err(_) => tree.text(self.answer, &errors),
        }
        if self.errors.omitted() > 0 {
            tree.omitted(self.errors.omitted());
        }
        f.write_str(&tree.finish())
    }
}

#[cfg(test)]
mod tests;
