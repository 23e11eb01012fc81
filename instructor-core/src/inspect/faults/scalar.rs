//! Strings, numbers and booleans.

use serde_json::{Number, Value};

use super::Faults;
use crate::rule::{
    Quantity, contains, does_not_contain, email, ends_with, multiple_of, one_of, starts_with, url,
    uuid,
};
use crate::schema::{Bound, Choices, Literal, Rule, Scalar};
use crate::validate::{ErrorCode, Path};

impl Faults<'_> {
    pub(super) fn scalar(
        &mut self,
        scalar: Scalar,
        rules: &[Rule],
        value: &Value,
        path: &Path<'_>,
    ) {
        match (scalar, value) {
            (Scalar::Boolean, Value::Bool(_)) => {}
            (Scalar::Boolean, _) => self.wrong_type("boolean", value, path),
            (Scalar::Char, Value::String(text)) => {
                if text.chars().count() != 1 {
                    let message = "must be exactly one character";
                    self.misfit(path, ErrorCode::Type, message, Some(value));
                }
            }
            (Scalar::String, Value::String(text)) => self.text(rules, text, value, path),
            // Whether the text is in the format, only serde can tell.
            (Scalar::Formatted(_), Value::String(text)) => self.text(rules, text, value, path),
            (Scalar::Char | Scalar::String | Scalar::Formatted(_), _) => {
                self.wrong_type("string", value, path);
            }
            (Scalar::Integer { minimum, maximum }, Value::Number(number)) => {
                self.integer(minimum, maximum, rules, number, path);
            }
            (Scalar::NonZero { minimum, maximum }, Value::Number(number)) => {
                if number.as_i64() == Some(0) {
                    self.misfit(path, ErrorCode::Range, "must not be 0", Some(value));
                } else {
                    self.integer(minimum, maximum, rules, number, path);
                }
            }
            (Scalar::Float32 | Scalar::Float64, Value::Number(number)) => {
                self.number(Quantity::of(scalar, number), rules, value, path);
            }
            (Scalar::Integer { .. } | Scalar::NonZero { .. }, _) => {
                self.wrong_type("integer", value, path);
            }
            (Scalar::Float32 | Scalar::Float64, _) => self.wrong_type("number", value, path),
        }
    }

    fn integer(
        &mut self,
        minimum: i128,
        maximum: u128,
        rules: &[Rule],
        number: &Number,
        path: &Path<'_>,
    ) {
        let value = Value::Number(number.clone());
        let scalar = Scalar::Integer { minimum, maximum };
        let Some(quantity) = Quantity::of(scalar, number) else {
            self.not_an_integer(maximum, number, path);
            return;
        };
        if self.number(Some(quantity), rules, &value, path) {
            return; // The rule says it already; the bounds of the type would only be wider.
        }
        let max = i128::try_from(maximum).ok().map(Bound::Integer);
        if let Some(fault) = quantity.fault(Some(Bound::Integer(minimum)), max, None, None) {
            self.misfit(path, ErrorCode::Range, fault, Some(&value));
        }
    }

    /// A number that `Value` holds as a float: a decimal, or an integer of more than 64 bits.
    fn not_an_integer(&mut self, maximum: u128, number: &Number, path: &Path<'_>) {
        let value = Value::Number(number.clone());
        let float = number.as_f64().unwrap_or(f64::NAN);
        let fits = float >= i64::MIN as f64 && float < u64::MAX as f64;
        if float.fract() != 0.0 || fits {
            let message = "expected an integer, got a decimal number: write it without a decimal point or an exponent";
            self.misfit(path, ErrorCode::Type, message, Some(&value));
        } else if maximum <= u128::from(u64::MAX) {
            let message = "does not fit a 64-bit integer";
            self.misfit(path, ErrorCode::Range, message, Some(&value));
        }
        // Else the field has 128 bits, and only the text that the value was read from can tell.
    }

    /// Checks the rules of a text.
    pub(super) fn text(&mut self, rules: &[Rule], text: &str, value: &Value, path: &Path<'_>) {
        for rule in rules {
            let (code, fault) = match rule {
                Rule::Length { .. } => {
                    self.length(std::slice::from_ref(rule), value, path);
                    continue;
                }
                Rule::Pattern { compiled, .. } => (ErrorCode::Pattern, compiled.fault(text)),
                Rule::Email => (ErrorCode::Email, email::fault(text)),
                Rule::Url => (ErrorCode::Url, url::fault(text)),
                Rule::Uuid => (ErrorCode::Uuid, uuid::fault(text)),
                Rule::Ip(version) => (version.code(), version.fault(text)),
                Rule::Contains(part) => (ErrorCode::Contains, contains::fault(text, part.as_str())),
                Rule::DoesNotContain(part) => {
                    let fault = does_not_contain::fault(text, part.as_str());
                    (ErrorCode::DoesNotContain, fault)
                }
                Rule::StartsWith(prefix) => {
                    let fault = starts_with::fault(text, prefix.as_str());
                    (ErrorCode::StartsWith, fault)
                }
                Rule::EndsWith(suffix) => {
                    (ErrorCode::EndsWith, ends_with::fault(text, suffix.as_str()))
                }
                Rule::OneOf(Choices::Texts(choices)) => {
                    let fault = one_of::text_fault(text, choices.iter().map(Literal::as_str));
                    (ErrorCode::OneOf, fault)
                }
                // Rules of numbers, lists and maps; what is custom is checked whatever the type.
                Rule::Range { .. }
                | Rule::MultipleOf(_)
                | Rule::OneOf(Choices::Integers(_))
                | Rule::UniqueItems
                | Rule::Each(_)
                | Rule::Keys(_)
                | Rule::Values(_)
                | Rule::Custom(_) => continue,
            };
            self.told(path, code, fault, value);
        }
    }

    /// Checks the rules of a number. Whether one was broken.
    pub(super) fn number(
        &mut self,
        quantity: Option<Quantity>,
        rules: &[Rule],
        value: &Value,
        path: &Path<'_>,
    ) -> bool {
        let before = self.errors.len();
        let Some(quantity) = quantity else {
            return false;
        };
        for rule in rules {
            let (code, fault) = match rule {
                Rule::Range {
                    min,
                    max,
                    above,
                    below,
                } => {
                    let fault = quantity.fault(*min, *max, *above, *below);
                    (ErrorCode::Range, fault)
                }
                Rule::MultipleOf(factor) => {
                    (ErrorCode::MultipleOf, multiple_of::fault(quantity, *factor))
                }
                Rule::OneOf(Choices::Integers(choices)) => {
                    (ErrorCode::OneOf, one_of::number_fault(quantity, choices))
                }
                _ => continue,
            };
            self.told(path, code, fault, value);
        }
        self.errors.len() > before
    }

    /// Adds a fault, if there is one.
    fn told(&mut self, path: &Path<'_>, code: ErrorCode, fault: Option<String>, value: &Value) {
        if let Some(fault) = fault {
            self.broken(path, code, fault, value);
        }
    }
}
