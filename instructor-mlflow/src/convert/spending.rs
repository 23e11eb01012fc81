//! What requests used and cost, as MLflow counts it.

use instructor_core::trace::CHAT;
use instructor_core::{Cost, Usage};

use crate::record::{self, Record};
use crate::wire::AnyValue;

/// What the requests of some spans used and cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spending {
    pub(crate) usage: Option<Usage>,
    /// Unknown as soon as one of those that used tokens has no known price.
    pub(crate) cost: Option<Cost>,
}

impl Spending {
    pub(super) fn of(record: &Record<'_>) -> Spending {
        let calls = record.spans.iter().filter_map(|span| span.call(CHAT));
        let requests = calls.filter_map(|call| {
            let cost = call.cost.as_ref().map(record::Cost::amount);
            Some((call.usage?.into(), cost))
        });
        let none = Spending {
            usage: None,
            cost: Some(Cost::default()),
        };
        requests.fold(none, |spending, (usage, cost)| {
            spending.and(Spending {
                usage: Some(usage),
                cost,
            })
        })
    }

    /// Both together.
    pub(crate) fn and(self, other: Spending) -> Spending {
        Spending {
            usage: match (self.usage, other.usage) {
                (Some(one), Some(two)) => Some(one + two),
                (one, two) => one.or(two),
            },
            cost: self.cost.zip(other.cost).map(|(one, two)| one + two),
        }
    }
}

/// MLflow's shape of token counts. The caches are named where the provider names them.
pub(crate) fn token_usage(usage: &Usage) -> AnyValue {
    AnyValue::object([
        ("input_tokens", Some(usage.input_tokens.into())),
        ("output_tokens", Some(usage.output_tokens.into())),
        ("total_tokens", Some(usage.total_tokens().into())),
        (
            "cache_read_input_tokens",
            usage.cache_read_input_tokens.map(AnyValue::from),
        ),
        (
            "cache_creation_input_tokens",
            usage.cache_creation_input_tokens.map(AnyValue::from),
        ),
    ])
}

/// MLflow's shape of costs, in dollars.
pub(crate) fn cost(cost: &Cost) -> AnyValue {
    AnyValue::object([
        ("input_cost", Some(cost.input.as_f64().into())),
        ("output_cost", Some(cost.output.as_f64().into())),
        ("total_cost", Some(cost.total().as_f64().into())),
    ])
}
