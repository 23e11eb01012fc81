//! What a model charges for a token.

use super::{Cost, Dollars, tariff};
use crate::error::Result;
use crate::response::Usage;

/// What a model charges.
///
/// ```
/// use instructor_core::Price;
///
/// // In dollars for a million tokens, as providers publish them.
/// let price = Price::per_million_tokens(3.00, 15.00)?.with_cache(0.30, 3.75)?;
/// assert_eq!(Some(price), Price::of("anthropic/claude-sonnet-4-5"));
/// # Ok::<(), instructor_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    rates: Rates,
    long_prompts: Option<LongPrompts>,
}

/// Prices of one token each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rates {
    input: Dollars,
    output: Dollars,
    /// Of a prompt token that is read from the cache; `input` if there is none.
    cache_read: Option<Dollars>,
    /// Of a prompt token that is written to the cache; `input` if there is none.
    cache_write: Option<Dollars>,
}

/// Some models charge more for all tokens of a request with a long prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LongPrompts {
    /// The longest prompt that is charged as usual, in tokens.
    above: u64,
    rates: Rates,
}

impl Price {
    /// A price in dollars for a million tokens. Tokens in a cache cost what others do, unless [`Price::with_cache`] says otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidAmount`](crate::Error::InvalidAmount) if a price is negative or not a number.
    pub fn per_million_tokens(input: f64, output: f64) -> Result<Price> {
        Ok(Price {
            rates: Rates {
                input: per_million(input)?,
                output: per_million(output)?,
                cache_read: None,
                cache_write: None,
            },
            long_prompts: None,
        })
    }

    /// The same price, with that of prompt tokens read from and written to the provider's cache, for a million tokens.
    ///
    /// # Errors
    ///
    /// Those of [`Price::per_million_tokens`].
    pub fn with_cache(mut self, read: f64, write: f64) -> Result<Price> {
        self.rates.cache_read = Some(per_million(read)?);
        self.rates.cache_write = Some(per_million(write)?);
        Ok(self)
    }

    /// The price of `provider/model` in the [table](crate::cost), for example `openai/gpt-4o`; `None` if it is not there.
    ///
    /// A dated version that the table lacks has the price of its name without the date.
    pub fn of(provider_and_model: &str) -> Option<Price> {
        let (provider, model) = provider_and_model.split_once('/')?;
        tariff::table(provider)?.price(model)
    }

    /// What one request costs that used `usage`.
    pub fn cost(&self, usage: &Usage) -> Cost {
        let rates = match &self.long_prompts {
            Some(long) if usage.input_tokens > long.above => &long.rates,
            _ => &self.rates,
        };
        let read = usage.cache_read_input_tokens.unwrap_or_default();
        let written = usage.cache_creation_input_tokens.unwrap_or_default();
        let rest = usage
            .input_tokens
            .saturating_sub(read)
            .saturating_sub(written);
        Cost {
            input: rates.input.saturating_mul(rest)
                + rates.cache_read.unwrap_or(rates.input).saturating_mul(read)
                + rates
                    .cache_write
                    .unwrap_or(rates.input)
                    .saturating_mul(written),
            output: rates.output.saturating_mul(usage.output_tokens),
        }
    }
}

fn per_million(dollars: f64) -> Result<Dollars> {
    Dollars::of(dollars, 1e6)
}

/// How the table is written: in picodollars a token.
impl Price {
    pub(super) const fn new(input: u64, output: u64) -> Price {
        Price {
            rates: Rates {
                input: Dollars::from_picodollars(input),
                output: Dollars::from_picodollars(output),
                cache_read: None,
                cache_write: None,
            },
            long_prompts: None,
        }
    }

    pub(super) const fn read(mut self, picodollars: u64) -> Price {
        self.rates.cache_read = Some(Dollars::from_picodollars(picodollars));
        self
    }

    pub(super) const fn write(mut self, picodollars: u64) -> Price {
        self.rates.cache_write = Some(Dollars::from_picodollars(picodollars));
        self
    }

    pub(super) const fn above(mut self, tokens: u64, price: Price) -> Price {
        self.long_prompts = Some(LongPrompts {
            above: tokens,
            rates: price.rates,
        });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picodollars(price: &Price, usage: &Usage) -> (u64, u64) {
        let cost = price.cost(usage);
        (cost.input.as_picodollars(), cost.output.as_picodollars())
    }

    /// What litellm 1.110.2 says (`litellm.cost_per_token`), in picodollars. Renew it with the table.
    #[test]
    fn costs_are_those_that_the_source_of_the_table_comes_to() {
        for (model, [input, output, read, written], expected) in [
            (
                "openai/gpt-4o",
                [150, 24, 64, 0],
                [295_000_000, 240_000_000],
            ),
            (
                "openai/gpt-4o-mini-2024-07-18",
                [1_000, 500, 0, 0],
                [150_000_000, 300_000_000],
            ),
            (
                "openai/gpt-5",
                [5_000, 1_200, 4_096, 0],
                [1_642_000_000, 12_000_000_000],
            ),
            (
                "openai/gpt-5.4",
                [300_000, 2_000, 100_000, 0],
                [1_050_000_000_000, 45_000_000_000],
            ),
            (
                "openai/gpt-5.6",
                [272_000, 10, 1_000, 500],
                [1_084_900_000_000, 200_000_000],
            ),
            (
                "anthropic/claude-sonnet-4-5-20250929",
                [540, 58, 128, 0],
                [1_274_400_000, 870_000_000],
            ),
            (
                "anthropic/claude-opus-4-5",
                [10_000, 700, 2_000, 3_000],
                [44_750_000_000, 17_500_000_000],
            ),
            (
                "anthropic/claude-haiku-5-5",
                [100_001, 700, 2_000, 3_000],
                [49_475_500_000, 1_750_000_000],
            ),
            (
                "gemini/gemini-2.5-pro",
                [200_000, 100, 0, 0],
                [250_000_000_000, 1_000_000_000],
            ),
            (
                "gemini/gemini-2.5-pro",
                [200_001, 100, 50_000, 0],
                [387_502_500_000, 1_500_000_000],
            ),
            (
                "gemini/gemini-2.5-flash",
                [1_000, 100, 10, 0],
                [297_300_000, 250_000_000],
            ),
        ] {
            let usage = Usage {
                cache_read_input_tokens: Some(read),
                cache_creation_input_tokens: Some(written),
                ..Usage::new(input, output)
            };
            let price = Price::of(model).expect(model);
            assert_eq!(
                <[u64; 2]>::from(picodollars(&price, &usage)),
                expected,
                "{model}"
            );
        }
    }

    #[test]
    fn cached_tokens_have_their_own_price_or_that_of_others() {
        let usage = Usage {
            cache_read_input_tokens: Some(30),
            cache_creation_input_tokens: Some(20),
            ..Usage::new(100, 7)
        };
        let price = Price::new(1_000, 5_000);
        assert_eq!(picodollars(&price, &usage), (100_000, 35_000));
        assert_eq!(picodollars(&price.read(100), &usage), (73_000, 35_000));
        assert_eq!(picodollars(&price.write(1_250), &usage), (105_000, 35_000));
    }

    #[test]
    fn a_provider_that_counts_the_cache_apart_costs_no_less_than_nothing() {
        let usage = Usage {
            cache_read_input_tokens: Some(30),
            ..Usage::new(10, 0)
        };
        let price = Price::new(1_000, 5_000).read(100);
        assert_eq!(picodollars(&price, &usage), (3_000, 0));
    }

    #[test]
    fn every_token_of_a_request_with_a_long_prompt_costs_more() {
        let price = Price::new(10, 20).above(1_000, Price::new(20, 30));
        assert_eq!(picodollars(&price, &Usage::new(1_000, 1)), (10_000, 20));
        assert_eq!(picodollars(&price, &Usage::new(1_001, 1)), (20_020, 30));
    }

    #[test]
    fn a_price_that_is_no_amount_is_refused() {
        assert!(Price::per_million_tokens(-1.0, 1.0).is_err());
        assert!(Price::per_million_tokens(1.0, f64::NAN).is_err());
        let price = Price::per_million_tokens(0.15, 0.6).expect("a price");
        assert_eq!(price, Price::new(150_000, 600_000));
        assert!(price.with_cache(f64::INFINITY, 0.0).is_err());
    }
}
