//! What stands between a trace and its server.

use std::error::Error as _;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::RETRY_AFTER;

use crate::config::Credentials;

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

    /// What happened, for people.
    pub(crate) fn reason(&self) -> String {
        match self {
            Obstacle::Unauthorized(status) => format!("HTTP {status}"),
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
pub(super) async fn accepted(
    response: reqwest::Response,
    credentials: &Credentials,
) -> Result<String, Obstacle> {
    let status = response.status();
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .map(Duration::from_secs);
    let mut body = match response.text().await {
        Ok(body) => body,
        Err(error) => {
            return Err(Obstacle::Unavailable {
                reason: reasons(&error.without_url()),
                retry_after,
            });
        }
    };
    if status.is_success() {
        return Ok(body);
    }
    credentials.redact(&mut body);
    let told = crate::preview::shorten(body.trim(), 300);
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
        | StatusCode::GATEWAY_TIMEOUT => Obstacle::Unavailable {
            reason,
            retry_after,
        },
        _ if status.is_server_error() => Obstacle::Internal(reason),
        _ => Obstacle::Rejected(reason),
    })
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
