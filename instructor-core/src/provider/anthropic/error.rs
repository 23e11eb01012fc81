//! Reads errors.

use http::StatusCode;
use serde::Deserialize;

use crate::error::ApiError;

/// The error in a body of an unsuccessful status.
pub(super) fn read(status: StatusCode, body: &[u8]) -> ApiError {
    let Ok(ErrorBody { error }) = serde_json::from_slice(body) else {
        return ApiError::from_body(status, body);
    };
    error.into_api_error(status)
}

/// The error inside a stream, whose own status says that all is well: the status is the one the error would have had alone.
pub(super) fn streamed(json: &str) -> ApiError {
    let Ok(error) = serde_json::from_str::<ErrorDetail>(json) else {
        return ApiError::from_body(StatusCode::INTERNAL_SERVER_ERROR, json.as_bytes());
    };
    let status = error.status();
    error.into_api_error(status)
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Deserialize)]
struct ErrorDetail {
    #[serde(rename = "type")]
    kind: Option<String>,
    message: String,
}

impl ErrorDetail {
    fn into_api_error(self, status: StatusCode) -> ApiError {
        ApiError {
            kind: self.kind,
            ..ApiError::new(status, self.message)
        }
    }

    /// Facts: "Errors" of Anthropic's API reference. What is not known is the server's own fault.
    fn status(&self) -> StatusCode {
        let status = match self.kind.as_deref().unwrap_or_default() {
            "invalid_request_error" => 400,
            "authentication_error" => 401,
            "billing_error" => 402,
            "permission_error" => 403,
            "not_found_error" => 404,
            "conflict_error" => 409,
            "request_too_large" => 413,
            "rate_limit_error" => 429,
            "timeout_error" => 504,
            "overloaded_error" => 529,
            _ => 500,
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_a_stream_is_retried_as_one_outside_of_it() {
        for (kind, status, is_retryable) in [
            ("overloaded_error", 529, true),
            ("rate_limit_error", 429, true),
            ("api_error", 500, true),
            ("invalid_request_error", 400, false),
            ("billing_error", 402, false),
            ("something_new", 500, true),
        ] {
            let error = format!(r#"{{"type": "{kind}", "message": "no"}}"#);
            let error = streamed(&error);
            assert_eq!(error.status.as_u16(), status, "{error:?}");
            assert_eq!(error.is_retryable(), is_retryable, "{error:?}");
        }
    }
}
