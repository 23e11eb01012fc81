//! What providers say of their limits beside each answer, and a gate that keeps them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::DATE;
use tokio::time::Instant;

/// How much the provider lets through, as the headers of its answer say it: `x-ratelimit-...` of OpenAI and the services like it,
/// `anthropic-ratelimit-...` of Anthropic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimit {
    /// Requests.
    pub requests: Window,
    /// Tokens of prompts and answers.
    pub tokens: Window,
}

/// One limit. What the provider did not say, or not in the promised form, is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Window {
    /// How many fit into it.
    pub limit: Option<u64>,
    /// How many are left of them.
    pub remaining: Option<u64>,
    /// How long it is from the answer until all of them are there again.
    pub reset: Option<Duration>,
}

/// The names of the headers of requests, then of tokens: limit, remaining, reset.
type Names = [[&'static str; 3]; 2];

const OPENAI: Names = [
    [
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ],
    [
        "x-ratelimit-limit-tokens",
        "x-ratelimit-remaining-tokens",
        "x-ratelimit-reset-tokens",
    ],
];

const ANTHROPIC: Names = [
    [
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ],
    [
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ],
];

impl RateLimit {
    /// What `headers` say, if they say anything. `now` is when they came.
    pub(crate) fn of(headers: &HeaderMap, now: SystemTime) -> Option<RateLimit> {
        [OPENAI, ANTHROPIC].into_iter().find_map(|names| {
            let [requests, tokens] = names.map(|names| Window::of(headers, names, now));
            let limit = RateLimit { requests, tokens };
            (limit != RateLimit::default()).then_some(limit)
        })
    }

    /// How long the provider lets nothing through: until what is used up is there again. `None` if something is left, or nobody said
    /// when it is there again.
    pub fn pause(&self) -> Option<Duration> {
        let windows = [self.requests, self.tokens].into_iter();
        let is_used_up = |window: &Window| window.remaining == Some(0);
        let pauses = windows.filter(is_used_up).filter_map(|window| window.reset);
        pauses.max().filter(|pause| !pause.is_zero())
    }
}

impl Window {
    fn of(headers: &HeaderMap, names: [&'static str; 3], now: SystemTime) -> Window {
        let [limit, remaining, reset] =
            names.map(|name| headers.get(name).and_then(|value| value.to_str().ok()));
        let count = |text: Option<&str>| text?.trim().parse().ok();
        Window {
            limit: count(limit),
            remaining: count(remaining),
            reset: reset.and_then(|text| duration(text).or_else(|| until(text, headers, now))),
        }
    }
}

/// A duration as OpenAI writes it: `12ms`, `8.64s`, `6m0s`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut whole = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let (number, after) = rest.split_at_checked(digits)?;
        let letters = after.find(|letter: char| letter.is_ascii_digit());
        let (unit, after) = after.split_at_checked(letters.unwrap_or(after.len()))?;
        let seconds = match unit {
            "d" => 86_400.0,
            "h" => 3_600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        let part = Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()?;
        whole = whole.checked_add(part)?;
        rest = after;
    }
    (!text.trim().is_empty()).then_some(whole)
}

/// From the answer until the instant in `text`, which is one of RFC 3339; zero if it is past. By the provider's clock, if it says what
/// that shows, since the two may differ.
fn until(text: &str, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let end = humantime::parse_rfc3339(text.trim()).ok()?;
    let date = headers.get(DATE).and_then(|date| date.to_str().ok());
    let sent = date.and_then(|date| httpdate::parse_http_date(date).ok());
    Some(end.duration_since(sent.unwrap_or(now)).unwrap_or_default())
}

/// Keeps the requests of a client back while the provider lets nothing through.
#[derive(Debug, Default)]
pub(crate) struct Gate(Mutex<Option<Instant>>);

impl Gate {
    /// Closes it for `pause`, if it is not closed for longer.
    pub(crate) fn close(&self, pause: Duration) {
        let end = Instant::now().checked_add(pause);
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *closed = end.max(*closed);
    }

    /// How long it will be closed.
    pub(crate) fn closed(&self) -> Duration {
        let closed = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        closed.map_or(Duration::ZERO, |end| {
            end.saturating_duration_since(Instant::now())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[(&'static str, &str)]) -> Option<RateLimit> {
        let now = httpdate::parse_http_date("Fri, 27 Nov 2026 22:00:00 GMT").expect("date");
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.insert(*name, value.parse().expect("header"));
        }
        RateLimit::of(&headers, now)
    }

    fn window(limit: u64, remaining: u64, milliseconds: u64) -> Window {
        Window {
            limit: Some(limit),
            remaining: Some(remaining),
            reset: Some(Duration::from_millis(milliseconds)),
        }
    }

    #[test]
    fn both_vendors_are_understood() {
        let openai = read(&[
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "150000"),
            ("x-ratelimit-remaining-tokens", "0"),
            ("x-ratelimit-reset-tokens", "6m0.5s"),
        ]);
        let openai = openai.expect("headers");
        assert_eq!(openai.requests, window(60, 59, 1000));
        assert_eq!(openai.tokens, window(150_000, 0, 360_500));
        assert_eq!(openai.pause(), Some(Duration::from_millis(360_500)));
        let mut lines = vec![
            ("anthropic-ratelimit-requests-limit", "50"),
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-11-27T22:00:30Z"),
            ("anthropic-ratelimit-tokens-limit", "40000"),
            ("anthropic-ratelimit-tokens-remaining", "40000"),
            ("anthropic-ratelimit-tokens-reset", "2026-11-27T21:59:59Z"),
        ];
        let anthropic = read(&lines).expect("headers");
        assert_eq!(anthropic.requests, window(50, 0, 30_000));
        assert_eq!(anthropic.tokens, window(40_000, 40_000, 0));
        assert_eq!(anthropic.pause(), Some(Duration::from_secs(30)));
        // The provider's clock is an hour ahead of ours.
        lines.push(("date", "Fri, 27 Nov 2026 23:00:00 GMT"));
        lines[2].1 = "2026-11-27T23:00:30Z";
        assert_eq!(
            read(&lines).expect("headers").requests,
            window(50, 0, 30_000)
        );
    }

    #[test]
    fn what_is_not_said_is_not_known() {
        assert_eq!(read(&[("content-type", "application/json")]), None);
        for garbage in ["", "-1", "many", "1e3", "18446744073709551616"] {
            assert_eq!(read(&[("x-ratelimit-remaining-requests", garbage)]), None);
        }
        for garbage in [
            "",
            "s",
            "5",
            "1x",
            "1.2.3s",
            "9e9s",
            "99999999999999999999999s",
            "soon",
        ] {
            assert_eq!(
                read(&[("x-ratelimit-reset-requests", garbage)]),
                None,
                "{garbage}"
            );
        }
        let unknown = read(&[("x-ratelimit-remaining-requests", "0")]).expect("a header");
        assert_eq!(unknown.pause(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_is_closed_for_the_longest_pause() {
        let gate = Gate::default();
        assert_eq!(gate.closed(), Duration::ZERO);
        let second = Duration::from_secs(1);
        gate.close(5 * second);
        gate.close(second);
        tokio::time::sleep(2 * second).await;
        assert_eq!(gate.closed(), 3 * second);
        tokio::time::sleep(4 * second).await;
        assert_eq!(gate.closed(), Duration::ZERO);
    }
}
