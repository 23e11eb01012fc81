//! The Anthropic messages dialect.
//!
//! Facts: Anthropic's API reference and `OpenAPI` document (`POST /v1/messages`), version 2023-06-01.

mod error;
mod request;
mod response;
mod stream;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderValue, StatusCode};

use super::{Auth, Provider};
use crate::codec::{Codec, Folded, GrowingResponse, StreamEvent, WireRequest};
use crate::error::{ApiError, CodecError};
use crate::request::{Mode, Request};
use crate::response::Response;

/// Anthropic itself. Key in `ANTHROPIC_API_KEY`, address overridden by `ANTHROPIC_BASE_URL`.
pub static ANTHROPIC: Provider = Provider {
    name: Cow::Borrowed("anthropic"),
    base_url: Cow::Borrowed("https://api.anthropic.com"),
    base_url_variable: Some("ANTHROPIC_BASE_URL"),
    api_key_variable: Some("ANTHROPIC_API_KEY"),
    auth: Auth::Header("x-api-key"),
    codec: &STANDARD,
};

/// The dialect as Anthropic speaks it.
pub static STANDARD: Messages = Messages {
    default_max_tokens: 4096,
};

/// The value of the header `anthropic-version`.
const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// The messages dialect. Its fields are what differs between services that speak it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Messages {
    /// The API demands a token limit; this one is sent when the request has none.
    pub default_max_tokens: u32,
}

impl Messages {
    /// The same dialect with another token limit for requests that have none.
    #[must_use]
    pub const fn with_default_max_tokens(mut self, max_tokens: u32) -> Self {
        self.default_max_tokens = max_tokens;
        self
    }
}

impl Codec for Messages {
    fn dialect(&self) -> &'static str {
        "anthropic"
    }

    fn modes(&self, _model: &str) -> &'static [Mode] {
        &[Mode::Tools, Mode::JsonSchema]
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, CodecError> {
        let body = request::write(self, request)?;
        let mut wire = WireRequest::new("/v1/messages", body);
        wire.headers.insert("anthropic-version", VERSION);
        Ok(wire)
    }

    fn decode(&self, body: &[u8]) -> Result<Response, CodecError> {
        response::read(body)
    }

    fn fold(
        &self,
        growing: &mut GrowingResponse,
        event: StreamEvent<'_>,
    ) -> Result<Folded, CodecError> {
        stream::fold(growing, event.data)
    }

    fn encode_response(&self, response: &Response) -> Result<Bytes, CodecError> {
        Ok(response::write(response)?.into())
    }

    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ApiError {
        error::read(status, body)
    }
}
