//! Reads errors, which both of OpenAI's dialects say alike.

use http::StatusCode;
use serde::Deserialize;

use crate::error::ApiError;

/// The error in a body of an unsuccessful status.
pub(in crate::provider) fn read(status: StatusCode, body: &[u8]) -> ApiError {
    let Ok(ErrorBody { error }) = serde_json::from_slice(body) else {
        return ApiError::from_body(status, body);
    };
    error.into_api_error(status)
}

/// The error inside a stream, whose own status says that all is well: the status is the one the error would have had alone.
pub(in crate::provider) fn streamed(json: &str) -> ApiError {
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
    message: String,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// A text for OpenAI, a number for some other servers.
    #[serde(default, deserialize_with = "text_or_number")]
    code: Option<String>,
}

impl ErrorDetail {
    fn into_api_error(self, status: StatusCode) -> ApiError {
        ApiError {
            kind: self.kind,
            code: self.code,
            ..ApiError::new(status, self.message)
        }
    }

    /// The code says more than the kind. What neither knows is the server's own fault.
    fn status(&self) -> StatusCode {
        let names = [self.code.as_deref(), self.kind.as_deref()];
        let known = names.into_iter().flatten().find_map(status);
        known.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The status that goes with a code or a kind.
///
/// Facts: the error codes of OpenAI's guide and of `ResponseErrorCode` in its `OpenAPI` document. Other servers put the status itself in
/// the place of the code.
fn status(name: &str) -> Option<StatusCode> {
    let number = name.parse().ok().filter(|code| (400..600).contains(code));
    let status = match name {
        "rate_limit_exceeded"
        | "rate_limit_error"
        | "rate_limit"
        | "insufficient_quota"
        | "tokens"
        | "requests" => 429,
        "server_error"
        | "internal_error"
        | "internal_server_error"
        | "api_error"
        | "vector_store_timeout" => 500,
        "overloaded" | "overloaded_error" | "engine_overloaded" => 529,
        "service_unavailable"
        | "service_unavailable_error"
        | "server_is_overloaded"
        | "slow_down" => 503,
        "timeout" | "timeout_error" => 504,
        "authentication_error" | "invalid_api_key" => 401,
        "permission_error" | "permission_denied" => 403,
        "not_found_error" | "model_not_found" => 404,
        "context_length_exceeded"
        | "content_filter"
        | "content_policy_violation"
        | "bio_policy"
        | "misalignment_policy_violation"
        | "data_residency_mismatch" => 400,
        // `invalid_request_error`, `invalid_prompt`, `invalid_image` and their like.
        _ if name.starts_with("invalid_") || name.contains("image") => 400,
        _ => number?,
    };
    StatusCode::from_u16(status).ok()
}

fn text_or_number<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_in_a_stream_is_retried_as_one_outside_of_it() {
        for (kind, code, status, is_retryable) in [
            ("server_error", "null", 500, true),
            ("requests", r#""rate_limit_exceeded""#, 429, true),
            ("insufficient_quota", r#""insufficient_quota""#, 429, false),
            ("invalid_request_error", "null", 400, false),
            ("invalid_request_error", r#""invalid_api_key""#, 401, false),
            ("overloaded_error", "null", 529, true),
            ("BadRequestError", "400", 400, false),
            ("provider", "503", 503, true),
            ("something_new", r#""newer""#, 500, true),
        ] {
            let error = streamed(&format!(
                r#"{{"message": "no", "type": "{kind}", "code": {code}, "param": null}}"#
            ));
            assert_eq!(error.status.as_u16(), status, "{error:?}");
            assert_eq!(error.is_retryable(), is_retryable, "{error:?}");
        }
    }

    #[test]
    fn an_error_that_is_only_a_text_is_one() {
        let error = streamed(r#""no more""#);
        assert_eq!(error.message, r#""no more""#);
        assert!(error.is_retryable());
    }
}
