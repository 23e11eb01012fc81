//! One line of the result.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::bench::series::{Figure, Series};

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
    /// Ours as a multiple of the limit: the median of the quotients of rounds that stand side by side, which need not be the
    /// quotient of the two medians in this row. `None` where the limit is 0.
    pub(crate) ratio: Option<f64>,
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
}

impl Row {
    /// The row of one figure of a series.
    pub(crate) fn new(
        id: &'static str,
        work: &'static str,
        unit: &'static str,
        series: &Series,
        figure: Figure,
    ) -> Self {
        let mut medians = series.medians(figure);
        let mut next = || medians.next().map_or(0.0, |(_, median)| median);
        Self {
            id,
            work,
            unit,
            ours: next(),
            limit: next(),
            peers: medians
                .map(|(name, median)| (name.to_owned(), Value::from(median)))
                .collect(),
            ratio: series.ratios(figure).median(),
            middle_half: series.ratios(figure).middle_half(),
            goal: String::new(),
            pass: None,
        }
    }

    /// The row of what the first client of a series takes more than the second.
    pub(crate) fn of_difference(
        id: &'static str,
        work: &'static str,
        unit: &'static str,
        series: &Series,
        figure: Figure,
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
            middle_half: differences.middle_half(),
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
