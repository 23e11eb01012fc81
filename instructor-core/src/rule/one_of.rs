//! `one_of("low", "high")`, `one_of(1, 2, 4)`: a text or a number that must be one of those named.
//!
//! Where each choice has a meaning of its own, an enum says more: its variants have doc comments.

use std::fmt::Display;

use super::{Checks, Quantity, Range, Text};
use crate::schema::Bound;
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with `text`, if anything.
pub fn text_fault<'a>(
    text: &str,
    choices: impl Iterator<Item = &'a str> + Clone,
) -> Option<String> {
    let is_one = choices.clone().any(|choice| choice == text);
    (!is_one).then(|| listed(choices.map(|choice| format!("{choice:?}"))))
}

/// What is wrong with a number, if anything.
pub fn number_fault(quantity: Quantity, choices: &[i128]) -> Option<String> {
    let is_one = choices
        .iter()
        .any(|choice| quantity == Bound::Integer(*choice));
    (!is_one).then(|| listed(choices.iter()))
}

fn listed(choices: impl Iterator<Item = impl Display>) -> String {
    let mut message = String::from("must be one of ");
    for (index, choice) in choices.enumerate() {
        let separator = if index > 0 { ", " } else { "" };
        message.push_str(&format!("{separator}{choice}"));
    }
    message
}

/// Checks a typed text. Generated code calls this.
pub fn check_text<T: Text + ?Sized>(
    value: &T,
    choices: &[&str],
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    let fault = value
        .text()
        .and_then(|text| text_fault(text, choices.iter().copied()));
    if let Some(fault) = fault {
        checks.push(ValidationError::new(path, ErrorCode::OneOf, fault));
    }
}

/// Checks a typed number. Generated code calls this.
pub fn check_number<T: Range + ?Sized>(
    value: &T,
    choices: &[i128],
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    let fault = value
        .quantity()
        .and_then(|quantity| number_fault(quantity, choices));
    if let Some(fault) = fault {
        checks.push(ValidationError::new(path, ErrorCode::OneOf, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_of_them() {
        let choices = ["low", "high"];
        assert_eq!(text_fault("low", choices.into_iter()), None);
        assert_eq!(
            text_fault("Low", choices.into_iter()).as_deref(),
            Some("must be one of \"low\", \"high\"")
        );
    }

    #[test]
    fn a_number_is_one_of_them() {
        assert_eq!(number_fault(Quantity::Integer(4), &[1, 2, 4]), None);
        assert_eq!(number_fault(Quantity::Float64(4.0), &[1, 2, 4]), None);
        assert_eq!(
            number_fault(Quantity::Integer(3), &[1, 2, 4]).as_deref(),
            Some("must be one of 1, 2, 4")
        );
        assert!(number_fault(Quantity::Float64(f64::NAN), &[1]).is_some());
    }
}
