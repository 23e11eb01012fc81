//! One line of the result.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::bench::series::{Figure, Other, Series};

/// What `ratio_to` says of a ratio to the limit.
pub(crate) const LIMIT: &str = "limit";

/// One figure of ours beside those of others.
#[derive(Serialize)]
pub(crate) struct Row {
    /// Stable name, for example `P1-latency`.
    pub(crate) id: &'static str,
    /// What was done.
    pub(crate) work: &'static str,
    /// What the figures count.
    pub(crate) unit: &'static str,
    /// The framework's figure.
    pub(crate) ours: f64,
    /// What is possible: the hand-written client, or the framework without what is measured.
    pub(crate) limit: f64,
    /// The figures of others, by name.
    pub(crate) peers: Map<String, Value>,
    /// Ours as a multiple of the figure of `ratio_to`: the median of the quotients of rounds that stand side by side, which need
    /// not be the quotient of the two medians in this row. `None` where that figure is 0.
    pub(crate) ratio: Option<f64>,
    /// `limit`, or the name of a peer.
    pub(crate) ratio_to: &'static str,
    /// Between these lies the middle half of the rounds' quotients, or of their differences in a row without a ratio. Only
    /// for people.
    #[serde(skip)]
    pub(crate) middle_half: Option<(f64, f64)>,
    /// What is aimed at; empty if nothing is.
    pub(crate) goal: String,
    /// Whether it is reached; `None` if nothing is aimed at.
    pub(crate) pass: Option<bool>,
}

/// What is aimed at.
#[derive(Clone, Copy)]
pub(crate) enum Goal {
    /// Our own figure is at most this.
    AtMost(f64),
    /// The ratio is at most this.
    RatioAtMost(f64),
    /// The ratio is at least this.
    RatioAtLeast(f64),
    /// The ratio is above this.
    RatioAbove(f64),
}

impl Row {
    /// The row of one figure of a series, with the ratio to the limit.
    pub(crate) fn new<F>(
        id: &'static str,
        work: &'static str,
        unit: &'static str,
        series: &Series<F>,
        figure: Figure<F>,
    ) -> Self {
        Self::compared(id, work, unit, series, figure, Other::Limit)
    }

    /// The row of one figure of a series, with the ratio to another client.
    pub(crate) fn compared<F>(
        id: &'static str,
        work: &'static str,
        unit: &'static str,
        series: &Series<F>,
        figure: Figure<F>,
        other: Other,
    ) -> Self {
        let mut medians = series.medians(figure);
        let mut next = || medians.next().map_or(0.0, |(_, median)| median);
        let ratios = series.ratios(figure, other);
        Self {
            id,
            work,
            unit,
            ours: next(),
            limit: next(),
            peers: medians
                .map(|(name, median)| (name.to_owned(), Value::from(median)))
                .collect(),
            ratio: ratios.median(),
            ratio_to: match other {
                Other::Limit => LIMIT,
                Other::Peer(name) => name,
            },
            middle_half: ratios.middle_half(),
            goal: String::new(),
            pass: None,
        }
    }

    /// The row of what the first client of a series takes more than the second.
    pub(crate) fn of_difference<F>(
        id: &'static str,
        work: &'static str,
        unit: &'static str,
        series: &Series<F>,
        figure: Figure<F>,
    ) -> Self {
        let differences = series.differences(figure);
        Self {
            id,
            work,
            unit,
            ours: differences.median().unwrap_or_default(),
            limit: 0.0,
            peers: Map::new(),
            ratio: None,
            ratio_to: LIMIT,
            middle_half: differences.middle_half(),
            goal: String::new(),
            pass: None,
        }
    }

    /// The row of two figures that do not vary.
    pub(crate) fn beside(
        id: &'static str,
        work: &'static str,
        unit: &'static str,
        ours: f64,
        peer: &'static str,
        theirs: f64,
    ) -> Self {
        Self {
            id,
            work,
            unit,
            ours,
            limit: 0.0,
            peers: Map::from_iter([(peer.to_owned(), Value::from(theirs))]),
            ratio: Some(ours / theirs),
            ratio_to: peer,
            middle_half: None,
            goal: String::new(),
            pass: None,
        }
    }

    /// The row with a goal and whether it is reached.
    pub(crate) fn with_goal(mut self, goal: Goal) -> Self {
        let (text, pass) = match goal {
            Goal::AtMost(most) => (format!("at most {most}"), Some(self.ours <= most)),
            Goal::RatioAtMost(most) => (
                format!("ratio at most {most}"),
                self.ratio.map(|ratio| ratio <= most),
            ),
            Goal::RatioAbove(limit) => (
                format!("ratio above {limit}"),
                self.ratio.map(|ratio| ratio > limit),
            ),
            Goal::RatioAtLeast(least) => (
                format!("ratio at least {least}"),
                self.ratio.map(|ratio| ratio >= least),
            ),
        };
        self.goal = text;
        self.pass = pass;
        self
    }
}
