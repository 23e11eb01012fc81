//! What stands between a trace and its server.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode};

use crate::config::Credentials;

/// The longest answer that is read. The longest of MLflow's on the way of a trace has a few kilobytes.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;

/// Why a request did not succeed, by what to do next.
#[derive(Debug, Clone)]
pub(crate) enum Obstacle {
    /// No server, or none that can work now: try again, for as long as it takes.
    Unavailable {
        reason: String,
        retry_after: Option<Duration>,
    },
    /// An internal error: try again a few times.
    Internal(String),
    /// The credentials do not suffice.
    Unauthorized(StatusCode),
    /// The server has no such endpoint, or its store cannot do that: try another route.
    Missing(String),
    /// The server cannot do that, by any route.
    Unsupported(String),
    /// The experiment can neither be used nor created: it concerns every trace, until somebody changes that.
    Experiment(String),
    /// The server is somewhere else: there.
    Redirected(String),
    /// The server took spans, and has lost them so often: send them again.
    Lost(u32),
    /// The request is wrong and will stay so.
    Rejected(String),
}

impl Obstacle {
    /// Of an endpoint that not every server has: whether it is the endpoint that is missing. What the server knows and does not
    /// have, such as an experiment, has a code.
    pub(super) fn or_missing(self) -> Obstacle {
        match self {
            Obstacle::Unsupported(reason) => Obstacle::Missing(reason),
            Obstacle::Rejected(reason)
                if ["HTTP 404", "HTTP 405"]
                    .iter()
                    .any(|status| reason.starts_with(status))
                    && (!reason.contains("\"error_code\"")
                        || reason.contains("ENDPOINT_NOT_FOUND")) =>
            {
                Obstacle::Missing(reason)
            }
            other => other,
        }
    }

    /// Of what is not about traces: a refusal means that something is wrong with the way to the server.
    pub(super) fn or_away(self) -> Obstacle {
        match self {
            Obstacle::Rejected(reason) => Obstacle::Unavailable {
                reason,
                retry_after: None,
            },
            other => other,
        }
    }

    /// Of what is about the experiment: a refusal means that it cannot be used.
    pub(super) fn or_experiment(self) -> Obstacle {
        match self {
            Obstacle::Rejected(reason) => Obstacle::Experiment(reason),
            other => other,
        }
    }

    /// Whether the request was too long.
    pub(super) fn is_about_size(&self) -> bool {
        matches!(self, Obstacle::Rejected(reason) if reason.starts_with("HTTP 413"))
    }

    /// What happened, for people.
    pub(crate) fn reason(&self) -> String {
        match self {
            Obstacle::Unauthorized(status) => format!("HTTP {status}"),
            Obstacle::Lost(_) => {
                "the server took the spans of a trace, and does not have it".into()
            }
            Obstacle::Redirected(place) => format!("it sends to {place}"),
            Obstacle::Unavailable { reason, .. }
            | Obstacle::Internal(reason)
            | Obstacle::Missing(reason)
            | Obstacle::Unsupported(reason)
            | Obstacle::Experiment(reason)
            | Obstacle::Rejected(reason) => reason.clone(),
        }
    }
}

/// The body of a successful answer, or what the status means, without the credentials that a server may repeat.
pub(crate) async fn accepted(
    mut response: Response,
    credentials: &Credentials,
) -> Result<String, Obstacle> {
    let status = response.status();
    let retry_after = retry_after(response.headers(), SystemTime::now());
    let elsewhere = response.headers().get(LOCATION).cloned();
    let unavailable = |reason| Obstacle::Unavailable {
        reason,
        retry_after,
    };
    let body = read(&mut response).await;
    if status.is_success() {
        return body.map_err(unavailable);
    }
    // The status says enough if the rest cannot be read.
    let mut told = body.unwrap_or_default();
    credentials.redact(&mut told);
    let told = crate::preview::shorten(told.trim(), 300);
    let reason = format!("HTTP {status}: {told}");
    Err(match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Obstacle::Unauthorized(status),
        StatusCode::NOT_IMPLEMENTED => {
            Obstacle::Unsupported("its store is a directory of files".into())
        }
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => unavailable(reason),
        _ if status.as_u16() == OVERLOADED => unavailable(reason),
        // Of what happens at the same time, something may win next time.
        StatusCode::CONFLICT => Obstacle::Internal(reason),
        _ if status.is_server_error() => Obstacle::Internal(reason),
        _ if status.is_redirection() => {
            let elsewhere = elsewhere.as_ref().and_then(|place| place.to_str().ok());
            let mut place = without_secrets(elsewhere.unwrap_or_default());
            credentials.redact(&mut place);
            Obstacle::Redirected(place)
        }
        _ => Obstacle::Rejected(reason),
    })
}

/// What a gateway says that has too much to do.
const OVERLOADED: u16 = 529;

/// The body, which must not be endless.
async fn read(response: &mut Response) -> Result<String, String> {
    read_up_to(response, LONGEST_ANSWER)
        .await?
        .ok_or_else(|| "its answer has no end".into())
}

/// The body, unless it has more bytes than `longest`.
pub(super) async fn read_up_to(
    response: &mut Response,
    longest: usize,
) -> Result<Option<String>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => return Ok(Some(String::from_utf8_lossy(&body).into_owned())),
            Err(error) => return Err(reasons(&error.without_url())),
        }
        if body.len() > longest {
            return Ok(None);
        }
    }
}

/// The time that the server asks to be left alone for: in seconds, or until a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    httpdate::parse_http_date(text)
        .ok()?
        .duration_since(now)
        .ok()
}

/// An address without what may be a password or a signature in it.
fn without_secrets(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}/{path}")
        }
        None => address.to_owned(),
    }
}

/// The error with what caused it: `error sending request: ... : Connection refused (os error 111)`.
pub(super) fn reasons(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_server_asks_for_a_pause_in_seconds_or_until_a_date() {
        let now = UNIX_EPOCH + Duration::from_secs(784_111_777);
        let asked = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().expect("a header"));
            retry_after(&headers, now)
        };
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        assert_eq!(asked(" 0.5 "), Some(Duration::from_millis(500)));
        let date = "Sun, 06 Nov 1994 08:50:37 GMT";
        assert_eq!(asked(date), Some(Duration::from_secs(60)));
        for text in ["Sun, 06 Nov 1994 08:48:37 GMT", "-1", "soon", "NaN", "inf"] {
            assert_eq!(asked(text), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }

    #[test]
    fn where_a_server_sends_to_is_said_without_secrets() {
        for (address, said) in [
            (
                "https://ann:secret@host:5000/mlflow?key=secret",
                "https://host:5000/mlflow",
            ),
            ("https://host", "https://host/"),
            ("/login?next=secret#secret", "/login"),
        ] {
            assert_eq!(without_secrets(address), said);
        }
    }
}
