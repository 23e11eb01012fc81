//! Which price holds for a request.

use std::fmt;
use std::sync::Arc;

use super::Price;
use super::table::TABLES;

/// The prices of one provider's models, sorted by name.
pub(super) struct Table {
    pub(super) provider: &'static str,
    pub(super) models: &'static [(&'static str, Price)],
}

pub(super) fn table(provider: &str) -> Option<&'static Table> {
    // A vendor's other wire costs the same.
    let provider = match provider {
        "openai-responses" => "openai",
        other => other,
    };
    TABLES.iter().find(|table| table.provider == provider)
}

impl Table {
    /// The price of `model`, which may have the provider's name before it and a date behind it.
    pub(super) fn price(&self, model: &str) -> Option<Price> {
        let model = model
            .strip_prefix(self.provider)
            .and_then(|rest| rest.strip_prefix('/'))
            .unwrap_or(model);
        self.row(model).or_else(|| self.row(undated(model)?))
    }

    fn row(&self, model: &str) -> Option<Price> {
        let row = self.models.binary_search_by(|(name, _)| (*name).cmp(model));
        Some(self.models.get(row.ok()?)?.1)
    }
}

/// `model` without the date at its end: `-2024-08-06` as OpenAI writes it, `-20250929` as Anthropic does.
fn undated(model: &str) -> Option<&str> {
    ["-dddd-dd-dd", "-dddddddd"].into_iter().find_map(|form| {
        let (name, date) = model.split_at_checked(model.len().checked_sub(form.len())?)?;
        let mut bytes = date.bytes().zip(form.bytes());
        let is_date = bytes.all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            separator => byte == separator,
        });
        is_date.then_some(name)
    })
}

/// What a client pays: its own prices, then those of the table. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Tariff {
    own: Option<Arc<[(String, Price)]>>,
    table: Option<&'static Table>,
}

impl Tariff {
    /// The tariff of `provider`, in which `own` prices come first. Of two for one model the last holds.
    pub(crate) fn new(provider: &str, own: Vec<(String, Price)>) -> Self {
        Tariff {
            own: (!own.is_empty()).then(|| own.into()),
            table: table(provider),
        }
    }

    /// The price of a request for the model `asked`, which `answered` has replied to. That may be a dated version, whose price comes
    /// before that of the name it was asked by.
    pub(crate) fn price(&self, asked: &str, answered: Option<&str>) -> Option<Price> {
        let names = || answered.into_iter().chain([asked]);
        names()
            .find_map(|model| self.own(model))
            .or_else(|| names().find_map(|model| self.table?.price(model)))
    }

    /// Whether [`Tariff::price`] is the client's own.
    pub(crate) fn is_own(&self, asked: &str, answered: Option<&str>) -> bool {
        let mut names = answered.into_iter().chain([asked]);
        names.any(|model| self.own(model).is_some())
    }

    fn own(&self, model: &str) -> Option<Price> {
        let own = self.own.as_deref()?.iter().rev();
        let mut found = own.filter(|(name, _)| name == model);
        Some(found.next()?.1)
    }
}

impl fmt::Debug for Tariff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tariff")
            .field("own", &self.own)
            .field("table", &self.table.map(|table| table.provider))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Price = Price::new(1, 2);

    #[test]
    fn tables_are_sorted_and_no_price_is_zero() {
        for Table { provider, models } in TABLES {
            assert!(models.len() > 10, "{provider}");
            assert!(models.is_sorted_by(|(a, _), (b, _)| a < b), "{provider}");
            let once = crate::Usage::new(1, 1);
            for (model, price) in *models {
                let cost = price.cost(&once);
                let paid = [cost.input, cost.output].map(|part| part.as_picodollars() > 0);
                assert_eq!(paid, [true, true], "{provider}/{model}");
            }
        }
    }

    #[test]
    fn dated_versions_have_their_own_price_or_that_of_their_name() {
        let price = |model| Price::of(model).unwrap_or_else(|| panic!("{model}"));
        assert_ne!(price("openai/gpt-4o-2024-05-13"), price("openai/gpt-4o"));
        assert_eq!(price("openai/gpt-4o-2031-01-01"), price("openai/gpt-4o"));
        assert_eq!(
            price("anthropic/claude-sonnet-4-5-20310101"),
            price("anthropic/claude-sonnet-4-5")
        );
        assert_eq!(price("openai/openai/gpt-4o"), price("openai/gpt-4o"));
        assert_eq!(price("openai-responses/gpt-4o"), price("openai/gpt-4o"));
        for unknown in [
            "openai/gpt-4o-mega",
            "openai/gpt-4o-2024-05",
            "openai/-2024-08-06",
            "openai/é-2024-08-06",
            "openai/anthropic/claude-sonnet-4-5",
            "anthropic/gpt-4o",
            "elsewhere/gpt-4o",
            "gpt-4o",
            "",
        ] {
            assert_eq!(Price::of(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn own_prices_come_first_and_the_last_of_them() {
        let own = |model: &str| vec![(model.to_owned(), OWN)];
        let tariff = Tariff::new("openai", own("gpt-4o"));
        assert_eq!(tariff.price("gpt-4o", None), Some(OWN));
        assert_eq!(tariff.price("gpt-4o", Some("gpt-4o-2024-08-06")), Some(OWN));
        assert_ne!(tariff.price("gpt-4o-mini", None), Some(OWN));
        assert!(tariff.is_own("gpt-4o", Some("gpt-4o-2024-08-06")));
        assert!(!tariff.is_own("gpt-4o-mini", None));
        let dated = Tariff::new("openai", own("gpt-4o-2024-08-06"));
        assert_eq!(dated.price("gpt-4o", Some("gpt-4o-2024-08-06")), Some(OWN));
        let local = Tariff::new("local", own("llama3.2"));
        assert_eq!(local.price("llama3.2", Some("llama3.2")), Some(OWN));
        assert_eq!(local.price("gpt-4o", None), None);
        let mut twice = own("gpt-4o");
        twice.push(("gpt-4o".to_owned(), Price::new(3, 4)));
        let twice = Tariff::new("openai", twice);
        assert_eq!(twice.price("gpt-4o", None), Some(Price::new(3, 4)));
    }
}
