//! What calls cost, in dollars.
//!
//! Prices come from a dated table inside this crate ([`TABLE_DATE`]), and from you: [`ClientBuilder::price`] and
//! [`ClientBuilder::prices`] come before the table. A model that neither knows has no cost, which is not the same as a cost of zero.
//!
//! ```
//! use instructor_core::{Price, Usage};
//!
//! let price = Price::of("openai/gpt-4o").expect("in the table");
//! assert_eq!(price.cost(&Usage::new(1_000, 200)).to_string(), "$0.0045");
//! assert_eq!(Price::of("openai/gpt-1984"), None);
//! ```
//!
//! [`ClientBuilder::price`]: crate::ClientBuilder::price
//! [`ClientBuilder::prices`]: crate::ClientBuilder::prices

mod dollars;
mod price;
mod table;
mod tariff;

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

pub use dollars::Dollars;
pub use price::Price;
pub use table::{TABLE_DATE, TABLE_SOURCE};
pub(crate) use tariff::Tariff;

/// What one or more requests cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cost {
    /// The prompts, with what their caching cost and saved.
    pub input: Dollars,
    /// What the model wrote.
    pub output: Dollars,
}

impl Cost {
    /// Input and output together.
    pub const fn total(&self) -> Dollars {
        self.input.saturating_add(self.output)
    }
}

impl fmt::Display for Cost {
    /// The total.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.total().fmt(f)
    }
}

impl Add for Cost {
    type Output = Cost;

    fn add(self, other: Cost) -> Cost {
        Cost {
            input: self.input + other.input,
            output: self.output + other.output,
        }
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Cost) {
        *self = *self + other;
    }
}

impl Sum for Cost {
    fn sum<I: Iterator<Item = Cost>>(costs: I) -> Cost {
        costs.fold(Cost::default(), Add::add)
    }
}
