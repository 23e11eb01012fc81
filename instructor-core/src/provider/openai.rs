//! The OpenAI chat completions dialect.
//!
//! Facts: OpenAI's API reference and `OpenAPI` document (`POST /chat/completions`).

pub(super) mod error;
mod moderation;
pub(super) mod offered;
mod request;
mod response;
pub(super) mod said;
mod stream;

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;

pub(super) use self::moderation::Moderations;
use super::{Auth, Provider};
use crate::codec::{Codec, Folded, GrowingResponse, Moderation, StreamEvent, WireRequest};
use crate::error::{ApiError, CodecError};
use crate::request::{Mode, Request};
use crate::response::Response;

/// OpenAI itself. Key in `OPENAI_API_KEY`, address overridden by `OPENAI_BASE_URL`.
pub static OPENAI: Provider = Provider {
    name: Cow::Borrowed("openai"),
    base_url: Cow::Borrowed("https://api.openai.com/v1"),
    base_url_variable: Some("OPENAI_BASE_URL"),
    api_key_variable: Some("OPENAI_API_KEY"),
    auth: Auth::Bearer,
    codec: &STANDARD,
};

/// The dialect as OpenAI speaks it.
pub static STANDARD: ChatCompletions = ChatCompletions {
    max_tokens_field: "max_completion_tokens",
    strict: true,
    moderation: true,
    stream_usage: true,
};

/// The chat completions dialect. Its fields are what differs between services that speak it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ChatCompletions {
    /// The key of the token limit: `max_completion_tokens`, or `max_tokens` on most other services.
    pub max_tokens_field: &'static str,
    /// The service takes `strict: true`.
    pub strict: bool,
    /// The service has OpenAI's moderation endpoint.
    pub moderation: bool,
    /// The service takes `stream_options` with `include_usage: true`, without which OpenAI does not say what a stream used.
    pub stream_usage: bool,
}

impl ChatCompletions {
    /// The same dialect with another key for the token limit.
    #[must_use]
    pub const fn with_max_tokens_field(mut self, field: &'static str) -> Self {
        self.max_tokens_field = field;
        self
    }

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

    /// The same dialect, its streams asked for their usage or not.
    #[must_use]
    pub const fn with_stream_usage(mut self, stream_usage: bool) -> Self {
        self.stream_usage = stream_usage;
        self
    }
}

impl Codec for ChatCompletions {
    fn dialect(&self) -> &'static str {
        "openai"
    }

    fn modes(&self, _model: &str) -> &'static [Mode] {
        &[Mode::Tools, Mode::JsonSchema]
    }

    fn encode(&self, request: &Request) -> Result<WireRequest, CodecError> {
        let body = request::write(self, request)?;
        Ok(WireRequest::new("/chat/completions", body))
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
