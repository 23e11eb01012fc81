//! Interleaved rounds, and what is made of them.
//!
//! All clients take turns, so that whatever disturbs the machine disturbs all of them; two clients are compared round by round.

use anyhow::Result;

use crate::bench::sample::Sample;

/// The rounds of several clients, each with its name; `F` is what one round cost.
///
/// The first client is the one in question, the second the limit, and the others are its peers.
pub(crate) struct Series<F> {
    clients: Vec<(&'static str, Vec<F>)>,
}

/// Reads one figure of a round.
pub(crate) type Figure<F> = fn(&F) -> f64;

/// Whom the first client is compared with.
#[derive(Clone, Copy)]
pub(crate) enum Other {
    Limit,
    /// The peer of this name.
    Peer(&'static str),
}

impl<F> Series<F> {
    /// Has each client carry out `round` as many times as `rounds` says.
    pub(crate) fn measure<C>(
        clients: &mut [C],
        rounds: usize,
        name: impl Fn(&C) -> &'static str,
        mut round: impl FnMut(&mut C) -> Result<F>,
    ) -> Result<Self> {
        let mut measured: Vec<_> = clients
            .iter()
            .map(|client| (name(client), Vec::new()))
            .collect();
        for number in 0..rounds {
            // Another one begins each time, so that none is always the one after the slowest.
            let mut turn: Vec<_> = clients.iter_mut().zip(&mut measured).collect();
            let first = number % turn.len().max(1);
            turn.rotate_left(first);
            for (client, (_, figures)) in turn {
                figures.push(round(client)?);
            }
        }
        Ok(Self { clients: measured })
    }

    /// For each client, the median of a figure over its rounds.
    pub(crate) fn medians(&self, figure: Figure<F>) -> impl Iterator<Item = (&'static str, f64)> {
        self.clients.iter().map(move |(name, rounds)| {
            let figures = Sample::new(rounds.iter().map(figure));
            (*name, figures.median().unwrap_or_default())
        })
    }

    /// The quotients of a figure of the first client and of the other one in the same round.
    pub(crate) fn ratios(&self, figure: Figure<F>, other: Other) -> Sample {
        Sample::new(self.pairs(figure, other).map(|(ours, other)| ours / other))
    }

    /// The differences of a figure of the first client and of the limit in the same round.
    pub(crate) fn differences(&self, figure: Figure<F>) -> Sample {
        let pairs = self.pairs(figure, Other::Limit);
        Sample::new(pairs.map(|(ours, limit)| ours - limit))
    }

    fn pairs(&self, figure: Figure<F>, other: Other) -> impl Iterator<Item = (f64, f64)> {
        let mut clients = self.clients.iter();
        let ours = clients.next();
        let other = match other {
            Other::Limit => clients.next(),
            Other::Peer(peer) => clients.find(|(name, _)| *name == peer),
        };
        let ours = ours.into_iter().flat_map(|(_, rounds)| rounds);
        let other = other.into_iter().flat_map(|(_, rounds)| rounds);
        ours.map(figure).zip(other.map(figure))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_client_is_compared_round_by_round_with_the_limit_or_a_peer() {
        let mut clients = [("ours", 6.0), ("limit", 2.0), ("peer", 3.0)];
        let mut turns = Vec::new();
        let series = Series::measure(
            &mut clients,
            2,
            |client| client.0,
            |client| {
                turns.push(client.0);
                client.1 *= 2.0;
                Ok(client.1)
            },
        )
        .unwrap();

        assert_eq!(turns, ["ours", "limit", "peer", "limit", "peer", "ours"]);
        let ratio = |other| series.ratios(|figure| *figure, other).median();
        assert_eq!(ratio(Other::Limit), Some(3.0));
        assert_eq!(ratio(Other::Peer("peer")), Some(2.0));
        assert_eq!(ratio(Other::Peer("nobody")), None);
        let differences = series.differences(|figure| *figure);
        assert_eq!(differences.median(), Some(12.0));
    }
}
