//! When the network or the provider fails: how often and how soon the same request is sent again.
//!
//! This is not about wrong answers: those are counted by `max_retries` of a call, and the two never mix.

mod budget;

use std::time::{Duration, SystemTime};

use http::HeaderMap;

pub(crate) use budget::RetryBudget;

/// The policy for failures of the transport and of the provider's service.
///
/// ```
/// use instructor_core::RetryPolicy;
///
/// assert_eq!(RetryPolicy::default().max_retries, 2);
/// assert_eq!(RetryPolicy::none().max_retries, 0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// How often a request is sent again. Default: 2.
    pub max_retries: u32,
    /// The pause before the first repetition; doubled before each further one, and shortened by up to a quarter at random.
    /// Default: 500 ms.
    pub initial_backoff: Duration,
    /// The longest pause of our own. Default: 8 s.
    pub max_backoff: Duration,
    /// The longest pause a provider may ask for with `Retry-After`; if it asks for more, the error is returned at once, with
    /// the time in it. Default: 60 s.
    pub max_retry_after: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        RetryPolicy {
            max_retries: 2,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(8),
            max_retry_after: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Never send a request again.
    pub fn none() -> Self {
        RetryPolicy {
            max_retries: 0,
            ..RetryPolicy::default()
        }
    }

    /// The same policy with `max_retries` repetitions.
    #[must_use]
    pub fn with_max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// The same policy with pauses of its own of at most `max_backoff`.
    #[must_use]
    pub fn with_max_backoff(mut self, max_backoff: Duration) -> Self {
        self.max_backoff = max_backoff;
        self
    }

    /// The same policy, obeying providers that ask for a pause of at most `max_retry_after`.
    #[must_use]
    pub fn with_max_retry_after(mut self, max_retry_after: Duration) -> Self {
        self.max_retry_after = max_retry_after;
        self
    }

    /// The same policy, with a first pause of `initial_backoff`.
    #[must_use]
    pub fn with_initial_backoff(mut self, initial_backoff: Duration) -> Self {
        self.initial_backoff = initial_backoff;
        self
    }

    /// The pause before repetition `retry` (from 0).
    ///
    /// # Errors
    ///
    /// If there is to be none.
    pub(crate) fn pause(
        &self,
        retry: u32,
        retry_after: Option<Duration>,
    ) -> Result<Duration, RetryStop> {
        if retry >= self.max_retries {
            return Err(RetryStop::MaxRetries);
        }
        match retry_after {
            Some(asked) if asked > self.max_retry_after => return Err(RetryStop::RetryAfter),
            Some(asked) => return Ok(asked),
            None => {}
        }
        let doubled = self
            .initial_backoff
            .saturating_mul(2u32.saturating_pow(retry));
        Ok(doubled
            .min(self.max_backoff)
            .mul_f64(1.0 - fastrand::f64() * 0.25))
    }
}

/// Why a request that failed was not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryStop {
    /// It would fail again: the provider refuses it, or says so (`x-should-retry: false`), or a part of its answer has been seen.
    Final,
    /// It was sent as often as the policy allows.
    MaxRetries,
    /// The provider asks for a longer pause than the policy allows; the error says how long.
    RetryAfter,
    /// The call would have ended before the pause was over.
    Deadline,
    /// All calls of the client together have repeated as much as their [budget](crate::ClientBuilder::retry_budget) allows.
    Budget,
}

/// The pause that `retry-after-ms` (first) or `Retry-After` asks for, in numbers that may have a fraction, or by an HTTP date. Zero and
/// the past ask for none: then our own pause holds.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| Some(headers.get(name)?.to_str().ok()?.trim());
    let seconds = |text: &str| Duration::try_from_secs_f64(text.parse().ok()?).ok();
    let milliseconds = |text: &str| {
        let milliseconds = text.parse::<f64>().ok()?;
        Duration::try_from_secs_f64(milliseconds / 1000.0).ok()
    };
    let date = |text: &str| {
        httpdate::parse_http_date(text)
            .ok()?
            .duration_since(now)
            .ok()
    };
    let is_pause = |pause: &Duration| !pause.is_zero();
    text("retry-after-ms")
        .and_then(milliseconds)
        .filter(is_pause)
        .or_else(|| {
            let text = text("retry-after")?;
            seconds(text).or_else(|| date(text)).filter(is_pause)
        })
}

/// What the provider says of sending the request again, whatever its status would say.
pub(crate) fn should_retry(headers: &HeaderMap) -> Option<bool> {
    match headers.get("x-should-retry")?.as_bytes() {
        b"true" => Some(true),
        b"false" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_stay_below_their_limit() {
        let policy = RetryPolicy::default().with_max_retries(10);
        for (retry, milliseconds) in [(0, 500), (1, 1000), (3, 4000), (9, 8000)] {
            let pause = policy.pause(retry, None).expect("a pause").as_millis();
            assert!(
                (milliseconds * 3 / 4..=milliseconds).contains(&pause),
                "{retry}: {pause}"
            );
        }
        assert_eq!(policy.pause(10, None), Err(RetryStop::MaxRetries));
    }

    #[test]
    fn clients_that_fail_together_do_not_return_together() {
        let policy = RetryPolicy::default();
        let mut pauses: Vec<_> = (0..20).map(|_| policy.pause(0, None)).collect();
        pauses.sort_by_key(|pause| pause.unwrap_or_default());
        pauses.dedup();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn the_provider_decides_unless_it_asks_for_too_long() {
        let policy = RetryPolicy::default();
        assert_eq!(
            policy.pause(0, Some(Duration::from_secs(3))),
            Ok(Duration::from_secs(3))
        );
        assert_eq!(
            policy.pause(0, Some(Duration::from_secs(3600))),
            Err(RetryStop::RetryAfter)
        );
    }

    #[test]
    fn a_policy_is_what_was_said_of_it() {
        let second = Duration::from_secs(1);
        let policy = RetryPolicy::default()
            .with_max_retries(3)
            .with_initial_backoff(2 * second)
            .with_max_backoff(5 * second)
            .with_max_retry_after(7 * second);
        let said = RetryPolicy {
            max_retries: 3,
            initial_backoff: 2 * second,
            max_backoff: 5 * second,
            max_retry_after: 7 * second,
        };
        assert_eq!(policy, said);
        let longest = policy.pause(2, None).expect("a pause");
        assert!(longest <= 5 * second && longest > 3 * second, "{longest:?}");
        // As long as it may ask for, and longer.
        assert_eq!(policy.pause(0, Some(7 * second)), Ok(7 * second));
        let longer = 7 * second + Duration::from_nanos(1);
        assert_eq!(policy.pause(0, Some(longer)), Err(RetryStop::RetryAfter));
        assert_eq!(
            RetryPolicy::none().pause(0, None),
            Err(RetryStop::MaxRetries)
        );
        assert_eq!(
            RetryPolicy::none().with_max_retries(2),
            RetryPolicy::default()
        );
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_milliseconds_and_as_a_date() {
        let now = httpdate::parse_http_date("Fri, 27 Nov 2026 22:00:00 GMT").expect("date");
        let read = |headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.insert(*name, value.parse().expect("header"));
            }
            retry_after(&map, now).map(|pause| pause.as_millis())
        };
        for (headers, expected) in [
            (&[][..], None),
            (&[("retry-after", "1.5")], Some(1500)),
            (&[("retry-after", " 2 ")], Some(2000)),
            (
                &[("retry-after", "1.5"), ("retry-after-ms", "20")],
                Some(20),
            ),
            (
                &[("retry-after", "1.5"), ("retry-after-ms", "0.5")],
                Some(0),
            ),
            (
                &[("retry-after", "1.5"), ("retry-after-ms", "-1")],
                Some(1500),
            ),
            (
                &[("retry-after", "1.5"), ("retry-after-ms", "soon")],
                Some(1500),
            ),
            (&[("retry-after", "0")], None),
            (&[("retry-after", "-3")], None),
            (&[("retry-after", "NaN")], None),
            (&[("retry-after", "inf")], None),
            (&[("retry-after", "1e400")], None),
            (&[("retry-after", "tomorrow")], None),
            (
                &[("retry-after", "Fri, 27 Nov 2026 22:00:30 GMT")],
                Some(30_000),
            ),
            // The obsolete forms, which every recipient must read.
            (
                &[("retry-after", "Friday, 27-Nov-26 22:00:30 GMT")],
                Some(30_000),
            ),
            (&[("retry-after", "Fri Nov 27 22:00:30 2026")], Some(30_000)),
            (&[("retry-after", "Fri, 27 Nov 2026 21:59:00 GMT")], None),
        ] {
            assert_eq!(read(headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn only_true_and_false_decide() {
        let mut headers = HeaderMap::new();
        assert_eq!(should_retry(&headers), None);
        for (value, expected) in [("true", Some(true)), ("false", Some(false)), ("1", None)] {
            headers.insert("x-should-retry", value.parse().expect("header"));
            assert_eq!(should_retry(&headers), expected, "{value}");
        }
    }
}
