//! Amounts of money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use crate::error::{Error, Result};

const PICODOLLARS: u64 = 1_000_000_000_000;

/// An amount of US dollars, counted in whole picodollars (10⁻¹² dollars).
///
/// A token costs a few millionths of a dollar, and discounts go down to billionths: in picodollars every price of the table is a whole
/// number, so that costs are exact, and equal whatever the order in which they are summed. The largest amount is about 18 million
/// dollars; sums stay there instead of overflowing.
///
/// ```
/// use instructor_core::Dollars;
///
/// let tenth = Dollars::try_from(0.1)?;
/// assert_eq!(tenth + tenth + tenth, Dollars::try_from(0.3)?);
/// assert_eq!(tenth.to_string(), "$0.10");
/// # Ok::<(), instructor_core::Error>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dollars {
    picodollars: u64,
}

impl Dollars {
    /// Nothing.
    pub const ZERO: Dollars = Dollars::from_picodollars(0);

    /// An amount given in picodollars.
    pub const fn from_picodollars(picodollars: u64) -> Self {
        Dollars { picodollars }
    }

    /// The amount in picodollars.
    pub const fn as_picodollars(self) -> u64 {
        self.picodollars
    }

    /// The amount in dollars, as near as a floating point number comes.
    pub fn as_f64(self) -> f64 {
        self.picodollars as f64 / PICODOLLARS as f64
    }

    pub(super) const fn saturating_add(self, other: Dollars) -> Dollars {
        Dollars::from_picodollars(self.picodollars.saturating_add(other.picodollars))
    }

    /// The amount for `tokens` tokens, if one costs this much.
    pub(super) const fn saturating_mul(self, tokens: u64) -> Dollars {
        Dollars::from_picodollars(self.picodollars.saturating_mul(tokens))
    }

    /// `dollars` divided by `parts`, to the nearest picodollar.
    pub(super) fn of(dollars: f64, parts: f64) -> Result<Dollars> {
        let picodollars = (dollars / parts * PICODOLLARS as f64).round();
        // Neither is true of `NaN`.
        if picodollars >= 0.0 && picodollars < u64::MAX as f64 {
            Ok(Dollars::from_picodollars(picodollars as u64))
        } else {
            Err(Error::InvalidAmount { given: dollars })
        }
    }
}

/// To the nearest picodollar.
///
/// # Errors
///
/// [`Error::InvalidAmount`] if it is negative, not a number, or more than 18 million.
impl TryFrom<f64> for Dollars {
    type Error = Error;

    fn try_from(dollars: f64) -> Result<Dollars> {
        Dollars::of(dollars, 1.0)
    }
}

impl fmt::Display for Dollars {
    /// `$0.000295`: exact, with at least the cents.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, mut fraction) = (
            self.picodollars / PICODOLLARS,
            self.picodollars % PICODOLLARS,
        );
        let mut digits = 12;
        while digits > 2 && fraction % 10 == 0 {
            fraction /= 10;
            digits -= 1;
        }
        write!(f, "${whole}.{fraction:0digits$}")
    }
}

impl fmt::Debug for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Add for Dollars {
    type Output = Dollars;

    fn add(self, other: Dollars) -> Dollars {
        self.saturating_add(other)
    }
}

impl AddAssign for Dollars {
    fn add_assign(&mut self, other: Dollars) {
        *self = *self + other;
    }
}

impl Sum for Dollars {
    fn sum<I: Iterator<Item = Dollars>>(amounts: I) -> Dollars {
        amounts.fold(Dollars::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_exactly_and_with_their_cents() {
        for (picodollars, expected) in [
            (0, "$0.00"),
            (1, "$0.000000000001"),
            (295_000_000, "$0.000295"),
            (50_000_000_000, "$0.05"),
            (500_000_000_000, "$0.50"),
            (12_000_000_000_000, "$12.00"),
            (u64::MAX, "$18446744.073709551615"),
        ] {
            assert_eq!(Dollars::from_picodollars(picodollars).to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for given in [-0.01, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e8] {
            let error = Dollars::try_from(given).expect_err("no amount");
            assert!(matches!(error, Error::InvalidAmount { .. }), "{error:?}");
        }
        assert_eq!(Dollars::try_from(-0.0).expect("zero"), Dollars::ZERO);
        let cents = Dollars::try_from(0.05).expect("an amount");
        assert_eq!(cents.as_picodollars(), 50_000_000_000);
    }

    #[test]
    fn sums_do_not_overflow() {
        let most = Dollars::from_picodollars(u64::MAX);
        assert_eq!(most + Dollars::from_picodollars(1), most);
        assert_eq!(most.saturating_mul(2), most);
    }
}
