//! What a request used and cost.

use std::borrow::Cow;
use std::ops::Add;

use instructor_core as core;
use instructor_core::Dollars;
use instructor_core::cost::{TABLE_DATE, TABLE_SOURCE};
use serde::{Deserialize, Serialize};

/// Token counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Usage {
    input_tokens: u64,
    output_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_read_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_output_tokens: Option<u64>,
}

/// What a request cost, and by whose prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cost<'a> {
    /// In picodollars, as `output`.
    input: u64,
    output: u64,
    /// Whose prices these are.
    pub(crate) price_source: Cow<'a, str>,
    /// Of which day they are, if they come from the table of the version that wrote this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) price_date: Option<Cow<'a, str>>,
}

impl Add for Usage {
    type Output = Usage;

    fn add(self, other: Usage) -> Usage {
        (core::Usage::from(self) + core::Usage::from(other)).into()
    }
}

impl From<core::Usage> for Usage {
    fn from(usage: core::Usage) -> Self {
        Usage {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cache_read_input_tokens: usage.cache_read_input_tokens,
            cache_creation_input_tokens: usage.cache_creation_input_tokens,
            reasoning_output_tokens: usage.reasoning_output_tokens,
        }
    }
}

impl From<Usage> for core::Usage {
    fn from(written: Usage) -> Self {
        let mut usage = core::Usage::new(written.input_tokens, written.output_tokens);
        usage.cache_read_input_tokens = written.cache_read_input_tokens;
        usage.cache_creation_input_tokens = written.cache_creation_input_tokens;
        usage.reasoning_output_tokens = written.reasoning_output_tokens;
        usage
    }
}

impl<'a> Cost<'a> {
    pub(super) fn of(cost: &core::Cost, has_own_price: bool) -> Cost<'a> {
        let (price_source, price_date) = match has_own_price {
            true => ("client", None),
            false => (TABLE_SOURCE, Some(TABLE_DATE)),
        };
        Cost {
            input: cost.input.as_picodollars(),
            output: cost.output.as_picodollars(),
            price_source: price_source.into(),
            price_date: price_date.map(Cow::from),
        }
    }

    pub(crate) fn amount(&self) -> core::Cost {
        let mut cost = core::Cost::default();
        cost.input = Dollars::from_picodollars(self.input);
        cost.output = Dollars::from_picodollars(self.output);
        cost
    }
}
