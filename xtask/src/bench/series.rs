//! Interleaved rounds, and what is made of them.
//!
//! All clients take turns, so that whatever disturbs the machine disturbs all of them; two clients are compared round by round.

use anyhow::Result;

use crate::bench::client::Client;
use crate::bench::order::{Figures, Order};
use crate::bench::sample::Sample;

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
        self.clients.iter().map(move |(name, rounds)| {
            let figures = Sample::new(rounds.iter().map(figure));
            (*name, figures.median().unwrap_or_default())
        })
    }

    /// The quotients of a figure of the first client and of the second one in the same round.
    pub(crate) fn ratios(&self, figure: Figure) -> Sample {
        Sample::new(self.pairs(figure).map(|(ours, limit)| ours / limit))
    }

    /// The differences of a figure of the first client and of the second one in the same round.
    pub(crate) fn differences(&self, figure: Figure) -> Sample {
        Sample::new(self.pairs(figure).map(|(ours, limit)| ours - limit))
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
