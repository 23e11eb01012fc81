//! `multiple_of(5)`, `multiple_of(0.01)`: the value of a number.
//!
//! Decimals are compared as they are written, not as they are stored: `0.07` is a multiple of `0.01`, although the remainder of
//! the two floats is not 0.

use std::fmt::{self, Write};

use super::{Checks, Quantity, Range};
use crate::schema::Bound;
use crate::validate::{ErrorCode, Path, ValidationError};

/// What is wrong with a number, if anything. Nothing is a multiple of 0, nor is `NaN` or an infinity a multiple of anything.
pub fn fault(quantity: Quantity, factor: Bound) -> Option<String> {
    (!is_multiple(quantity, factor)).then(|| format!("must be a multiple of {factor}"))
}

fn is_multiple(quantity: Quantity, factor: Bound) -> bool {
    let exact = match (quantity, factor) {
        (Quantity::Integer(value), Bound::Integer(factor)) => {
            value.unsigned_abs().checked_rem(factor.unsigned_abs())
        }
        (Quantity::Huge(value), Bound::Integer(factor)) => value.checked_rem(factor.unsigned_abs()),
        (Quantity::Integer(_) | Quantity::Huge(_), Bound::Decimal(..))
        | (Quantity::Float32(_) | Quantity::Float64(_), _) => {
            return match (Decimal::of(quantity), Decimal::of(factor.into())) {
                (Some(value), Some(factor)) => value.is_multiple_of(&factor),
                _ => false,
            };
        }
    };
    exact == Some(0)
}

impl From<Bound> for Quantity {
    fn from(bound: Bound) -> Self {
        match bound {
            Bound::Integer(value) => Quantity::Integer(value),
            Bound::Decimal(value, _) => Quantity::Float64(value),
        }
    }
}

/// `digits * 10^exponent`, the sign left out, without zeros at the end of the digits.
#[derive(Default)]
struct Decimal {
    digits: u128,
    exponent: i32,
    part: Part,
}

/// What of a number in scientific notation is being read.
#[derive(Default)]
enum Part {
    #[default]
    Whole,
    Fraction,
    /// Its sign and its value so far.
    Exponent(i32, i32),
}

impl Decimal {
    /// The shortest decimal that reads back as the same number.
    fn of(quantity: Quantity) -> Option<Decimal> {
        let mut decimal = Decimal::default();
        match quantity {
            Quantity::Integer(value) => decimal.digits = value.unsigned_abs(),
            Quantity::Huge(value) => decimal.digits = value,
            Quantity::Float32(value) => write!(decimal, "{value:e}").ok()?,
            Quantity::Float64(value) => write!(decimal, "{value:e}").ok()?,
        }
        if let Part::Exponent(sign, value) = decimal.part {
            decimal.exponent += sign * value;
        }
        while decimal.digits != 0 && decimal.digits % 10 == 0 {
            decimal.digits /= 10;
            decimal.exponent += 1;
        }
        Some(decimal)
    }

    fn is_multiple_of(&self, factor: &Decimal) -> bool {
        if self.digits == 0 || factor.digits == 0 {
            return factor.digits != 0;
        }
        // Digits below those of the factor are not all 0, since zeros at the end were taken away.
        let Ok(shift) = u32::try_from(self.exponent - factor.exponent) else {
            return false;
        };
        let mut rest = self.digits % factor.digits;
        for _ in 0..shift {
            let Some(shifted) = rest.checked_mul(10) else {
                return false;
            };
            rest = shifted % factor.digits;
        }
        rest == 0
    }
}

/// Reads what the standard library writes: nothing is allocated for it.
impl Write for Decimal {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match (character, &mut self.part) {
                ('-', Part::Exponent(sign, _)) => *sign = -1,
                ('-', Part::Whole) => {}
                ('.', part) => *part = Part::Fraction,
                ('e', part) => *part = Part::Exponent(1, 0),
                (digit, part) => {
                    let digit = digit.to_digit(10).ok_or(fmt::Error)?; // `NaN` and `inf`
                    if let Part::Exponent(_, value) = part {
                        *value = *value * 10 + digit as i32;
                        continue;
                    }
                    if let Part::Fraction = part {
                        self.exponent -= 1;
                    }
                    self.digits = self.digits * 10 + u128::from(digit);
                }
            }
        }
        Ok(())
    }
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Range + ?Sized>(
    value: &T,
    factor: Bound,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    if let Some(fault) = value
        .quantity()
        .and_then(|quantity| fault(quantity, factor))
    {
        checks.push(ValidationError::new(path, ErrorCode::MultipleOf, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HUNDREDTH: Bound = Bound::Decimal(0.01, "0.01");

    #[test]
    fn integers() {
        let five = Bound::Integer(5);
        for value in [0, 5, -10, i128::from(i64::MAX) - 2] {
            assert_eq!(fault(Quantity::Integer(value), five), None, "{value}");
        }
        assert_eq!(
            fault(Quantity::Integer(7), five).as_deref(),
            Some("must be a multiple of 5")
        );
        assert_eq!(fault(Quantity::Huge(u128::MAX), five), None);
        assert_eq!(fault(Quantity::Float64(1e300), five), None);
        assert!(fault(Quantity::Float64(7.0), five).is_some());
    }

    #[test]
    fn decimals_are_as_they_are_written() {
        for value in [0.07, 0.1, 19.99, 1e20, -0.29, 0.0] {
            assert_eq!(fault(Quantity::Float64(value), HUNDREDTH), None, "{value}");
        }
        assert_eq!(fault(Quantity::Float32(0.07), HUNDREDTH), None);
        assert_eq!(fault(Quantity::Integer(3), HUNDREDTH), None);
        assert_eq!(
            fault(Quantity::Float64(0.075), HUNDREDTH).as_deref(),
            Some("must be a multiple of 0.01")
        );
        assert!(fault(Quantity::Float64(1e-300), HUNDREDTH).is_some());
        assert!(fault(Quantity::Integer(4), Bound::Decimal(1.5, "1.5")).is_some());
    }

    #[test]
    fn what_is_no_number_is_no_multiple() {
        for value in [f64::NAN, f64::INFINITY] {
            assert!(fault(Quantity::Float64(value), HUNDREDTH).is_some());
        }
        assert!(fault(Quantity::Integer(0), Bound::Integer(0)).is_some());
        assert!(fault(Quantity::Float64(0.0), Bound::Decimal(0.0, "0.0")).is_some());
    }
}
