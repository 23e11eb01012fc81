//! One request to the tracking server, and what its answer means.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::TrackingError;
use super::tracking::Tracking;
use crate::preview::shorten;
use crate::server::Obstacle;

/// MLflow's name for what is not there.
pub(super) const NOT_FOUND: &str = "RESOURCE_DOES_NOT_EXIST";

/// How much of an answer an error quotes, in characters.
const QUOTED_CHARACTERS: usize = 600;

/// What stands in a path as it is; anything else, slashes above all, is encoded.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'@');

/// `text` as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    match text {
        // Even encoded, these would be taken for steps in the tree.
        "." | ".." => format!("%20{text}"),
        _ => utf8_percent_encode(text, SEGMENT).to_string(),
    }
}

/// A request to an endpoint.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Without a leading slash, for example `api/3.0/mlflow/traces/get`.
    pub(crate) path: &'a str,
    /// The first version of MLflow that has the endpoint.
    pub(crate) since: &'static str,
}

impl Call<'_> {
    /// How errors name it.
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

#[derive(Debug, Default, serde::Deserialize)]
struct Refusal {
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

impl Tracking {
    /// Sends the call with these parameters in its address.
    pub(crate) async fn query<A: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        parameters: &[(&str, &str)],
    ) -> Result<A, TrackingError> {
        let request = self
            .connection()
            .request(call.method.clone(), call.path)
            .query(parameters);
        self.answer(call, request).await
    }

    /// Sends the call with a body of JSON.
    pub(crate) async fn send<A: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        body: &impl Serialize,
    ) -> Result<A, TrackingError> {
        let request = self
            .connection()
            .request_with_json(call.method.clone(), call.path, body);
        self.answer(call, request).await
    }

    async fn answer<A: DeserializeOwned>(
        &self,
        call: &Call<'_>,
        request: reqwest::RequestBuilder,
    ) -> Result<A, TrackingError> {
        let response = match self.connection().transmit(request).await {
            Ok(response) => response,
            Err(Obstacle::Unavailable { reason, .. } | Obstacle::Rejected(reason)) => {
                return Err(self.unreachable(call, reason));
            }
            Err(obstacle) => return Err(self.unreachable(call, format!("{obstacle:?}"))),
        };
        let status = response.status();
        let mut body = match response.text().await {
            Ok(body) => body,
            Err(error) => return Err(self.unreachable(call, error.without_url().to_string())),
        };
        if !status.is_success() {
            // Before anything of it is cut off or quoted.
            self.connection().redact(&mut body);
            return Err(self.refused(call, status, &body));
        }
        // Some endpoints answer with nothing at all.
        let text = if body.trim().is_empty() { "{}" } else { &body };
        serde_json::from_str(text).map_err(|error| self.unreadable(call, error.to_string()))
    }

    fn unreachable(&self, call: &Call<'_>, reason: String) -> TrackingError {
        TrackingError::Unreachable {
            address: self.address(),
            request: call.name(),
            reason,
        }
    }

    pub(crate) fn unreadable(&self, call: &Call<'_>, reason: String) -> TrackingError {
        TrackingError::Unreadable {
            address: self.address(),
            request: call.name(),
            reason,
        }
    }

    fn refused(&self, call: &Call<'_>, status: StatusCode, body: &str) -> TrackingError {
        let refusal: Option<Refusal> = serde_json::from_str(body).ok();
        let Refusal {
            error_code,
            message,
        } = refusal.unwrap_or_default();
        let is_unknown = match error_code.as_deref() {
            Some(code) => code == "ENDPOINT_NOT_FOUND",
            // What the web framework answers of itself.
            None => status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED,
        };
        // Up to 3.6 this address is that of the trace called `get`.
        let is_taken_for_id = call.path.ends_with("/get")
            && message
                .as_ref()
                .is_some_and(|message| message.contains("ID 'get'"));
        if is_unknown || is_taken_for_id || status == StatusCode::NOT_IMPLEMENTED {
            return TrackingError::Unsupported {
                address: self.address(),
                request: call.name(),
                since: call.since,
            };
        }
        let message = message.unwrap_or_else(|| body.trim().to_owned());
        TrackingError::Refused {
            address: self.address(),
            request: call.name(),
            status: status.as_u16(),
            code: error_code,
            message: shorten(&message, QUOTED_CHARACTERS).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_leave_its_place_in_the_path() {
        assert_eq!(segment("tr-0af7651916cd43dd"), "tr-0af7651916cd43dd");
        assert_eq!(segment("../a?b#c"), "..%2Fa%3Fb%23c");
        assert_eq!(segment(".."), "%20..");
    }
}
