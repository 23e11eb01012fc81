//! Numbers and booleans in quotes, and integers with a decimal point.

use serde_json::{Number, Value};

use super::Coercion;
use crate::leniency::CorrectionKind;
use crate::schema::Scalar;
use crate::validate::Path;

/// Up to here every integer is a float of its own, so none can have been rounded to it.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_991.0;

impl Coercion {
    pub(super) fn scalar(&mut self, scalar: Scalar, value: &mut Value, path: &Path<'_>) {
        if let Some((coerced, kind)) = coerced(scalar, value) {
            self.note(path, kind, value);
            *value = coerced;
        }
    }
}

fn coerced(scalar: Scalar, value: &Value) -> Option<(Value, CorrectionKind)> {
    match (scalar, value) {
        (Scalar::Boolean, Value::String(text)) => {
            Some((Value::Bool(boolean(text)?), CorrectionKind::BooleanInText))
        }
        (Scalar::Float32 | Scalar::Float64, Value::String(text)) => {
            Some((Value::Number(number(text)?), CorrectionKind::NumberInText))
        }
        (Scalar::Integer { .. } | Scalar::NonZero { .. }, Value::String(text)) => {
            let integer = integer(&number(text)?)?;
            Some((of_type(scalar, integer)?, CorrectionKind::NumberInText))
        }
        (Scalar::Integer { .. } | Scalar::NonZero { .. }, Value::Number(number))
            if number.is_f64() =>
        {
            let integer = integer(number)?;
            Some((of_type(scalar, integer)?, CorrectionKind::IntegralFloat))
        }
        // What number a text was meant to hold can be told; how a number was meant to be written cannot (`007`, `1.10`).
        _ => None,
    }
}

fn boolean(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("yes") {
        Some(true)
    } else if is("false") || is("no") {
        Some(false)
    } else {
        None
    }
}

/// A number as JSON writes it: no thousands separators, no unit.
fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text.trim()).ok()
}

fn integer(number: &Number) -> Option<i128> {
    if let Some(integer) = number.as_i128() {
        return Some(integer);
    }
    let float = number.as_f64()?;
    (float.fract() == 0.0 && float.abs() <= MAX_EXACT_FLOAT).then_some(float as i128)
}

/// The integer as JSON, if the type holds it.
fn of_type(scalar: Scalar, integer: i128) -> Option<Value> {
    let (minimum, maximum) = match scalar {
        Scalar::Integer { minimum, maximum } => (minimum, maximum),
        Scalar::NonZero { minimum, maximum } if integer != 0 => (minimum, maximum),
        _ => return None,
    };
    // A negative number is not above the maximum.
    let fits = integer >= minimum && u128::try_from(integer).unwrap_or_default() <= maximum;
    Number::from_i128(integer)
        .filter(|_| fits)
        .map(Value::Number)
}
