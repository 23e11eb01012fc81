//! Pauses between two tries.

use std::time::{Duration, Instant};

use crate::queue::Due;

/// The first pause, and the longest, without what chance adds.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(40);

/// The longest pause that a server may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(300);

/// The longest pause while somebody waits in a flush.
const HURRIED: Duration = Duration::from_millis(250);

/// Doubles with every try, with up to half of it added by chance, so that many clients do not return at once.
fn backoff(tries: u32) -> Duration {
    let pause = FIRST
        .saturating_mul(2u32.saturating_pow(tries))
        .min(LONGEST);
    pause.mul_f64(1.0 + fastrand::f64() / 2.0)
}

/// When to try again after `tries` that failed, and that a pause was `asked` for, which no hurry shortens.
pub(super) fn next_try(tries: u32, asked: Option<Duration>, now: Instant) -> Due {
    let own = backoff(tries);
    let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
    Due {
        at: Some(now + own.max(asked)),
        hurried: Some(now + own.min(HURRIED).max(asked)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn pauses_grow_to_a_bound() {
        for (tries, least) in [
            (0, 500),
            (1, 1000),
            (3, 4000),
            (40, 40_000),
            (u32::MAX, 40_000),
        ] {
            let pause = backoff(tries).as_millis();
            assert!((least..=least * 3 / 2).contains(&pause), "{tries}: {pause}");
        }
    }

    #[test]
    fn clients_that_fail_together_do_not_return_together() {
        let pauses: HashSet<_> = (0..20).map(|_| backoff(1)).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn a_hurry_shortens_our_own_pauses_only() {
        let now = Instant::now();
        let pauses = |tries, asked: u64| {
            let due = next_try(tries, Some(Duration::from_secs(asked)), now);
            let pause = |due: Option<Instant>| due.expect("a time") - now;
            (pause(due.at), pause(due.hurried))
        };
        let (pause, hurried) = pauses(3, 0);
        assert!(pause >= Duration::from_secs(4), "{pause:?}");
        assert_eq!(hurried, HURRIED);
        let asked = Duration::from_secs(120);
        assert_eq!(pauses(0, 120), (asked, asked));
        assert_eq!(pauses(0, 86_400), (LONGEST_ASKED, LONGEST_ASKED));
    }
}
