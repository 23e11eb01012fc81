//! When the network or the provider fails: how often and how soon the same request is sent again.
//!
//! This is not about wrong answers: those are counted by `max_retries` of a call, and the two never mix.

use std::time::Duration;

use http::HeaderMap;

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

    /// The pause before repetition `retry` (from 0), or `None` if there is to be none.
    pub(crate) fn pause(&self, retry: u32, retry_after: Option<Duration>) -> Option<Duration> {
        if retry >= self.max_retries {
            return None;
        }
        if let Some(asked) = retry_after {
            return (asked <= self.max_retry_after).then_some(asked);
        }
        let doubled = self
            .initial_backoff
            .saturating_mul(2u32.saturating_pow(retry));
        Some(
            doubled
                .min(self.max_backoff)
                .mul_f64(1.0 - fastrand::f64() * 0.25),
        )
    }
}

/// The pause that `retry-after-ms` or `Retry-After` asks for. Only numbers are read, in milliseconds and seconds; a date, the other form
/// of `Retry-After`, is not, and neither is zero: then our own pause holds.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let pause = |seconds: f64| {
        let pause = Duration::try_from_secs_f64(seconds).ok();
        pause.filter(|pause| !pause.is_zero())
    };
    number("retry-after-ms")
        .and_then(|milliseconds| pause(milliseconds / 1000.0))
        .or_else(|| number("retry-after").and_then(pause))
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
        assert_eq!(policy.pause(10, None), None);
    }

    #[test]
    fn the_provider_decides_unless_it_asks_for_too_long() {
        let policy = RetryPolicy::default();
        assert_eq!(
            policy.pause(0, Some(Duration::from_secs(3))),
            Some(Duration::from_secs(3))
        );
        assert_eq!(policy.pause(0, Some(Duration::from_secs(3600))), None);
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_milliseconds() {
        let mut headers = http::HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", "1.5".parse().expect("header"));
        assert_eq!(retry_after(&headers), Some(Duration::from_millis(1500)));
        headers.insert("retry-after-ms", "20".parse().expect("header"));
        assert_eq!(retry_after(&headers), Some(Duration::from_millis(20)));
        headers.insert("retry-after-ms", "-1".parse().expect("header"));
        assert_eq!(retry_after(&headers), Some(Duration::from_millis(1500)));
        headers.insert("retry-after", "0".parse().expect("header"));
        assert_eq!(retry_after(&headers), None);
    }
}
