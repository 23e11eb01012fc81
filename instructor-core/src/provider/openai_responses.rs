//! The OpenAI Responses dialect.
//!
//! Facts: OpenAI's API reference and `OpenAPI` document (`POST /responses`).

mod request;
mod response;
mod stream;

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;

use super::openai::{Moderations, error};
use super::{Auth, Provider};
use crate::codec::{Codec, Folded, GrowingResponse, Moderation, StreamEvent, WireRequest};
use crate::error::{ApiError, CodecError};
use crate::request::{Mode, Request};
use crate::response::Response;

/// OpenAI itself, asked over its Responses API. Key in `OPENAI_API_KEY`, address overridden by `OPENAI_BASE_URL`.
pub static OPENAI_RESPONSES: Provider = Provider {
    name: Cow::Borrowed("openai-responses"),
    base_url: Cow::Borrowed("https://api.openai.com/v1"),
    base_url_variable: Some("OPENAI_BASE_URL"),
    api_key_variable: Some("OPENAI_API_KEY"),
    auth: Auth::Bearer,
    codec: &STANDARD,
};

/// The dialect as OpenAI speaks it.
pub static STANDARD: Responses = Responses {
    strict: true,
    moderation: true,
};

/// The Responses dialect. Its fields are what differs between services that speak it.
///
/// Responses are not stored by the service (`store: false`): every request says the whole conversation.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Responses {
    /// The service takes `strict: true`.
    pub strict: bool,
    /// The service has OpenAI's moderation endpoint.
    pub moderation: bool,
}

impl Responses {
    /// The same dialect with or without `strict: true`.
    #[must_use]
    pub const fn with_strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// The same dialect with or without the moderation endpoint.
    #[must_use]
    pub const fn with_moderation(mut self, moderation: bool) -> Self {
        self.moderation = moderation;
        self
    }
}

impl Codec for Responses {
    fn dialect(&self) -> &'static str {
        "openai_responses"
    }

    fn modes(&self, _model: &str) -> &'static [Mode] {
        &[Mode::Tools, Mode::JsonSchema]
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, CodecError> {
        let body = request::write(self, request)?;
        Ok(WireRequest::new("/responses", body))
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

    fn moderation(&self) -> Option<&'static dyn Moderation> {
        self.moderation.then_some(&Moderations as &dyn Moderation)
    }
}
