//! The same call written by hand, as fast as `reqwest` and `serde_json` allow without giving up types: the request is serialised
//! from structs around a schema that is text already, and of the response everything is parsed that the framework reads too,
//! borrowed from the body where it can be.

pub mod completion;
pub mod request;
pub mod ticket;

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};

/// `reqwest` with the settings of the framework's own transport.
///
/// # Errors
///
/// If TLS cannot be set up.
pub fn http_client() -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(600))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("instructor-rs/0.1.0")
        .build()
}

/// The headers that the framework sends.
///
/// # Errors
///
/// If the key cannot stand in a header.
pub fn headers(api_key: &str) -> Result<HeaderMap, reqwest::header::InvalidHeaderValue> {
    let json = HeaderValue::from_static("application/json");
    let mut authorization = HeaderValue::from_str(&format!("Bearer {api_key}"))?;
    authorization.set_sensitive(true);
    Ok([
        (CONTENT_TYPE, json.clone()),
        (ACCEPT, json),
        (AUTHORIZATION, authorization),
    ]
    .into_iter()
    .collect())
}
