//! What a provider says when it answers with an HTTP error.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::rate_limit::RateLimit;

/// An HTTP error of the provider, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// The provider's name of the error's kind, for example `rate_limit_error`.
    pub kind: Option<String>,
    /// The provider's code, for example `insufficient_quota`.
    pub code: Option<String>,
    /// What the provider says, or the start of the body if it is not of the promised form.
    pub message: String,
    /// How long the provider asks to wait.
    pub retry_after: Option<Duration>,
    /// What the provider says of sending the request again (`x-should-retry`): it goes before what the status says.
    pub should_retry: Option<bool>,
    /// What the provider said of its limits.
    pub rate_limit: Option<RateLimit>,
    /// What the provider calls the request (`x-request-id`, `request-id`): who asks its support is asked for it.
    pub request_id: Option<String>,
    /// Where a redirect points, without its query. It was not followed, since the key must not travel.
    pub location: Option<String>,
}

impl ApiError {
    /// An error with only a status and a message.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        ApiError {
            status,
            kind: None,
            code: None,
            message: message.into(),
            retry_after: None,
            should_retry: None,
            rate_limit: None,
            request_id: None,
            location: None,
        }
    }

    /// An error from a body that is not of the promised form: the first 500 characters are the message.
    pub fn from_body(status: StatusCode, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        let message = if text.is_empty() {
            "empty body".to_owned()
        } else {
            text.chars().take(500).collect()
        };
        ApiError::new(status, message)
    }

    /// Sending the same request again may help: the provider says so, or says nothing and the status is 408, 409, 429 or 5xx, and
    /// the quota is not used up.
    pub fn is_retryable(&self) -> bool {
        if let Some(should_retry) = self.should_retry {
            return should_retry;
        }
        let status = self.status.as_u16();
        let quota = self.code.as_deref() == Some("insufficient_quota");
        (matches!(status, 408 | 409 | 429) || status >= 500) && !quota
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the provider answered with status {}: {}",
            self.status.as_u16(),
            self.message
        )?;
        if matches!(
            self.status,
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
        ) {
            f.write_str(" (check the API key)")?;
        }
        if let Some(location) = &self.location {
            write!(
                f,
                "; it points to `{location}`, and redirects are not followed: if that is right, make it the base URL"
            )?;
        }
        if let Some(retry_after) = self.retry_after {
            write!(f, " (it asks to wait for {retry_after:?})")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(f, " (request {request_id})")?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}
