//! `range(min = .., max = ..)`: the value of a number, bounds included; `exclusive_min` and `exclusive_max` are not.

use std::cmp::Ordering;
use std::fmt;

use serde_json::Number;

use super::Checks;
use crate::schema::{Bound, Scalar};
use crate::validate::{ErrorCode, Path, ValidationError};

/// A type that `#[validate(range(...))]` and the other rules about numbers can stand on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no number",
    label = "a rule about numbers cannot stand on this type",
    note = "`range`, `multiple_of` and `one_of(1, 2)` are about integers and floating point numbers, also inside `Option` and `Box`"
)]
pub trait Range {
    /// The number; `None` if there is no value.
    fn quantity(&self) -> Option<Quantity>;
}

/// A number of any type.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Quantity {
    /// An integer that fits `i128`.
    Integer(i128),
    /// An integer above `i128::MAX`.
    Huge(u128),
    /// An `f32`; it is compared with bounds rounded to `f32`, so that `0.1` is `0.1`.
    Float32(f32),
    /// An `f64`.
    Float64(f64),
}

impl Quantity {
    /// The number that serde reads for a field of type `scalar`. `None` if it refuses, or the type is no number.
    pub fn of(scalar: Scalar, number: &Number) -> Option<Quantity> {
        match scalar {
            Scalar::Integer { .. } | Scalar::NonZero { .. } => {
                number.as_i128().map(Quantity::Integer)
            }
            Scalar::Float32 => {
                // One rounding, as in serde: an integer is not made an `f64` first.
                let value = match (number.as_u64(), number.as_i64()) {
                    (Some(integer), _) => integer as f32,
                    (None, Some(integer)) => integer as f32,
                    (None, None) => number.as_f64()? as f32,
                };
                Some(Quantity::Float32(value))
            }
            Scalar::Float64 => number.as_f64().map(Quantity::Float64),
            Scalar::String | Scalar::Char | Scalar::Boolean | Scalar::Formatted(_) => None,
        }
    }

    /// What is wrong with this number, if anything. NaN is in no range.
    pub fn fault(
        self,
        min: Option<Bound>,
        max: Option<Bound>,
        above: Option<Bound>,
        below: Option<Bound>,
    ) -> Option<String> {
        if let Some(above) = above
            && self.compare(above) != Some(Ordering::Greater)
        {
            return Some(format!("must be above {above}"));
        }
        if let Some(below) = below
            && self.compare(below) != Some(Ordering::Less)
        {
            return Some(format!("must be below {below}"));
        }
        if let Some(min) = min
            && !matches!(self.compare(min), Some(Ordering::Greater | Ordering::Equal))
        {
            return Some(format!("must be at least {min}"));
        }
        if let Some(max) = max
            && !matches!(self.compare(max), Some(Ordering::Less | Ordering::Equal))
        {
            return Some(format!("must be at most {max}"));
        }
        None
    }

    fn compare(self, bound: Bound) -> Option<Ordering> {
        match (self, bound) {
            (Quantity::Integer(value), Bound::Integer(bound)) => Some(value.cmp(&bound)),
            (Quantity::Huge(_), Bound::Integer(_)) => Some(Ordering::Greater),
            (Quantity::Integer(value), bound) => (value as f64).partial_cmp(&bound.as_f64()),
            (Quantity::Huge(value), bound) => (value as f64).partial_cmp(&bound.as_f64()),
            (Quantity::Float32(value), bound) => value.partial_cmp(&(bound.as_f64() as f32)),
            (Quantity::Float64(value), bound) => value.partial_cmp(&bound.as_f64()),
        }
    }
}

impl PartialEq<Bound> for Quantity {
    fn eq(&self, bound: &Bound) -> bool {
        self.compare(*bound) == Some(Ordering::Equal)
    }
}

impl Bound {
    /// Whether this bound is lower than `other`.
    pub(crate) const fn is_below(self, other: Bound) -> bool {
        match (self, other) {
            (Bound::Integer(this), Bound::Integer(other)) => this < other,
            _ => self.as_f64() < other.as_f64(),
        }
    }

    const fn as_f64(self) -> f64 {
        match self {
            Bound::Integer(value) => value as f64,
            Bound::Decimal(value, _) => value,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Integer(value) => value.fmt(f),
            Bound::Decimal(_, text) => f.write_str(text),
        }
    }
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Range + ?Sized>(
    value: &T,
    min: Option<Bound>,
    max: Option<Bound>,
    above: Option<Bound>,
    below: Option<Bound>,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    if let Some(fault) = value
        .quantity()
        .and_then(|quantity| quantity.fault(min, max, above, below))
    {
        checks.push(ValidationError::new(path, ErrorCode::Range, fault));
    }
}

macro_rules! integers {
    ($($type:ty),*) => {
        $(impl Range for $type {
            fn quantity(&self) -> Option<Quantity> {
                Some(match i128::try_from(*self) {
                    Ok(value) => Quantity::Integer(value),
                    Err(_) => Quantity::Huge(*self as u128),
                })
            }
        })*
    };
}

integers!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);

impl Range for f32 {
    fn quantity(&self) -> Option<Quantity> {
        Some(Quantity::Float32(*self))
    }
}

impl Range for f64 {
    fn quantity(&self) -> Option<Quantity> {
        Some(Quantity::Float64(*self))
    }
}

impl<T: Range> Range for Option<T> {
    fn quantity(&self) -> Option<Quantity> {
        self.as_ref().and_then(T::quantity)
    }
}

macro_rules! pointers {
    ($($type:ty),*) => {
        $(impl<T: Range + ?Sized> Range for $type {
            fn quantity(&self) -> Option<Quantity> {
                T::quantity(self)
            }
        })*
    };
}

pointers!(Box<T>, std::rc::Rc<T>, std::sync::Arc<T>);

macro_rules! nonzero {
    ($($type:ident),*) => {
        $(impl Range for std::num::$type {
            fn quantity(&self) -> Option<Quantity> {
                self.get().quantity()
            }
        })*
    };
}

nonzero!(
    NonZeroI8,
    NonZeroI16,
    NonZeroI32,
    NonZeroI64,
    NonZeroI128,
    NonZeroIsize,
    NonZeroU8,
    NonZeroU16,
    NonZeroU32,
    NonZeroU64,
    NonZeroU128,
    NonZeroUsize
);

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: Bound = Bound::Decimal(0.1, "0.1");

    fn fault(value: &impl Range, min: Option<Bound>, max: Option<Bound>) -> Option<String> {
        value
            .quantity()
            .and_then(|quantity| quantity.fault(min, max, None, None))
    }

    #[test]
    fn bounds_are_included() {
        let (min, max) = (Some(Bound::Integer(0)), Some(Bound::Integer(130)));
        assert_eq!(fault(&0u8, min, max), None);
        assert_eq!(fault(&130u8, min, max), None);
        assert_eq!(
            fault(&-1i64, min, max).as_deref(),
            Some("must be at least 0")
        );
        assert_eq!(
            fault(&131u64, min, max).as_deref(),
            Some("must be at most 130")
        );
        assert_eq!(fault(&0.1f64, Some(TENTH), None), None);
        assert_eq!(
            fault(&0.09f64, Some(TENTH), None).as_deref(),
            Some("must be at least 0.1")
        );
    }

    #[test]
    fn a_tenth_is_a_tenth_in_either_precision() {
        assert_eq!(fault(&0.1f32, Some(TENTH), Some(TENTH)), None);
        let number = Number::from_f64(0.1).expect("finite");
        let value = Quantity::of(Scalar::Float32, &number).expect("a number");
        assert_eq!(value.fault(Some(TENTH), Some(TENTH), None, None), None);
    }

    #[test]
    fn nan_is_in_no_range() {
        assert!(fault(&f64::NAN, Some(Bound::Integer(0)), None).is_some());
        assert!(fault(&f32::NAN, None, Some(TENTH)).is_some());
        assert!(fault(&f64::INFINITY, None, Some(TENTH)).is_some());
    }

    #[test]
    fn the_widest_integers_are_exact() {
        let max = Some(Bound::Integer(i128::MAX));
        assert_eq!(fault(&i128::MAX, None, max), None);
        assert!(fault(&u128::MAX, None, max).is_some());
        assert_eq!(fault(&u128::MAX, Some(Bound::Integer(0)), None), None);
        assert!(fault(&i128::MIN, Some(Bound::Integer(i128::MIN + 1)), None).is_some());
        assert!(
            fault(
                &9_007_199_254_740_993i64,
                None,
                Some(Bound::Integer(9_007_199_254_740_992))
            )
            .is_some()
        );
    }

    #[test]
    fn nothing_has_no_range() {
        assert_eq!(fault(&None::<u8>, Some(Bound::Integer(1)), None), None);
        assert!(fault(&Some(Box::new(0u8)), Some(Bound::Integer(1)), None).is_some());
    }
}
