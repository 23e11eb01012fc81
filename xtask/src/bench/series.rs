//! Interleaved rounds, and what is made of them.
//!
//! All clients take turns, so that whatever disturbs the machine disturbs all of them; two clients are compared round by round.

use anyhow::Result;

use crate::bench::client::Client;
use crate::bench::order::{Figures, Order};

/// The rounds of several clients, each with its name.
///
/// The first client is the one in question, the second the one it is compared with, and the others stand beside them.
pub(crate) struct Series {
    clients: Vec<(&'static str, Vec<Figures>)>,
}

/// Reads one figure of a round.
pub(crate) type Figure = fn(&Figures) -> f64;

impl Series {
    /// Has each client carry out `warm_up`, which is not counted, and then `rounds` times `order`.
    pub(crate) fn measure(
        clients: &mut [&mut Client],
        warm_up: Order,
        order: Order,
        rounds: usize,
    ) -> Result<Self> {
        for client in clients.iter_mut() {
            client.round(warm_up)?;
        }
        let mut measured: Vec<_> = clients
            .iter()
            .map(|client| (client.name, Vec::new()))
            .collect();
        for round in 0..rounds {
            // Another one begins each time, so that none is always the one after the slowest.
            let mut turn: Vec<_> = clients.iter_mut().zip(&mut measured).collect();
            let first = round % turn.len().max(1);
            turn.rotate_left(first);
            for (client, (_, figures)) in turn {
                figures.push(client.round(order)?);
            }
        }
        Ok(Self { clients: measured })
    }

    /// For each client, the median of a figure over its rounds.
    pub(crate) fn medians(&self, figure: Figure) -> impl Iterator<Item = (&'static str, f64)> {
        self.clients
            .iter()
            .map(move |(name, rounds)| (*name, median(rounds.iter().map(figure).collect())))
    }

    /// The median quotient of a figure of the first client and of the second one in the same round; `None` if that is no number.
    pub(crate) fn ratio(&self, figure: Figure) -> Option<f64> {
        let ratio = median(
            self.pairs(figure)
                .map(|(ours, limit)| ours / limit)
                .collect(),
        );
        ratio.is_finite().then_some(ratio)
    }

    /// The median difference of a figure of the first client and of the second one in the same round.
    pub(crate) fn difference(&self, figure: Figure) -> f64 {
        median(
            self.pairs(figure)
                .map(|(ours, limit)| ours - limit)
                .collect(),
        )
    }

    fn pairs(&self, figure: Figure) -> impl Iterator<Item = (f64, f64)> {
        let rounds = |client: usize| {
            let client = self.clients.get(client);
            client
                .into_iter()
                .flat_map(|(_, rounds)| rounds)
                .map(figure)
        };
        rounds(0).zip(rounds(1))
    }
}

/// The middle value, or the mean of the two in the middle; 0 if there are none.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (
        values.get(middle),
        values.get(middle.wrapping_sub(1)),
        values.len() % 2,
    ) {
        (Some(upper), Some(lower), 0) => f64::midpoint(*lower, *upper),
        (Some(middle), _, _) => *middle,
        (None, _, _) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_and_not_the_mean() {
        assert_eq!(median(vec![9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![9.0, 1.0, 2.0, 4.0]), 3.0);
        assert_eq!(median(vec![7.0]), 7.0);
        assert_eq!(median(Vec::new()), 0.0);
    }
}
