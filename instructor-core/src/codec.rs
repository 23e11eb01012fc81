//! The seam of a dialect: pure translation between the values of this crate and a vendor's HTTP bodies.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::error::{ApiError, CodecError};
use crate::request::{Mode, Request};
use crate::response::Response;

pub use growing::GrowingResponse;
#[cfg(any(feature = "openai", feature = "anthropic"))]
pub(crate) use repeated::Place;
#[cfg(all(test, any(feature = "openai", feature = "anthropic")))]
pub(crate) use repeated::tests::split_everywhere;

mod growing;
#[cfg(any(feature = "openai", feature = "anthropic"))]
mod repeated;

/// One dialect. No I/O, no clock, no environment: what differs between services of the same dialect is a field of the codec.
pub trait Codec: fmt::Debug + Send + Sync + 'static {
    /// The name of the wire format, for example `openai`. Tracing backends use it to show messages.
    fn dialect(&self) -> &'static str;

    /// The modes this dialect offers for `model`, best first. Never empty.
    fn modes(&self, model: &str) -> &'static [Mode];

    /// The request as bytes.
    ///
    /// # Errors
    ///
    /// If the dialect cannot say what the request asks for.
    fn encode(&self, request: &Request) -> Result<WireRequest, CodecError>;

    /// The response in a whole body of a successful status.
    ///
    /// # Errors
    ///
    /// If the body is not a response of this dialect.
    fn decode(&self, body: &[u8]) -> Result<Response, CodecError>;

    /// Adds an event of a stream to the response that it is a part of. Events and kinds of content that the dialect does not know
    /// are no errors, since vendors add to them.
    ///
    /// Not every event comes here: one that says what the one before said but for a piece of its text is added without this, if that
    /// one was read by a codec of this crate.
    ///
    /// # Errors
    ///
    /// If the event is none of this dialect, or the dialect has no streams (the default).
    fn fold(
        &self,
        growing: &mut GrowingResponse,
        event: StreamEvent<'_>,
    ) -> Result<Folded, CodecError> {
        let _ = (growing, event);
        let dialect = self.dialect();
        let message = format!("the dialect `{dialect}` has no streams");
        Err(CodecError::new(message))
    }

    /// The body that would have been [decoded](Codec::decode) to `response`, had it not come as a stream: for traces and caches,
    /// which keep bodies.
    ///
    /// # Errors
    ///
    /// If the response cannot be said in the dialect, or the dialect has no streams (the default).
    fn encode_response(&self, response: &Response) -> Result<Bytes, CodecError> {
        let _ = response;
        let dialect = self.dialect();
        let message = format!("the dialect `{dialect}` has no streams");
        Err(CodecError::new(message))
    }

    /// The error in a body of any other status. The caller adds what stands in the headers.
    fn decode_error(&self, status: StatusCode, body: &[u8]) -> ApiError {
        ApiError::from_body(status, body)
    }

    /// The moderation endpoint, which `#[moderate]` asks; `None` if the service has none.
    fn moderation(&self) -> Option<&'static dyn Moderation> {
        None
    }
}

/// An event of a stream, as it was framed on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StreamEvent<'a> {
    /// Its name; `message` if it has none.
    pub name: &'a str,
    /// What is in it.
    pub data: &'a str,
}

impl<'a> StreamEvent<'a> {
    /// The event `name` with `data` in it.
    pub const fn new(name: &'a str, data: &'a str) -> Self {
        StreamEvent { name, data }
    }
}

/// What an event of a stream is to its response.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Folded {
    /// A part of it. More events follow.
    Part,
    /// Its end: nothing that matters follows.
    End,
    /// The provider's error: the response ends here, unfinished.
    Error(Box<ApiError>),
}

/// An endpoint that tells harmful text from harmless: pure translation, like a [`Codec`].
pub trait Moderation: fmt::Debug + Send + Sync {
    /// The question whether `text` is harmful, to be answered by `model`.
    fn encode(&self, model: &str, text: &str) -> WireRequest;

    /// The answer in a body of a successful status: `None` if the text is harmless, else the categories of harm, which may be
    /// none in particular.
    ///
    /// # Errors
    ///
    /// If the body is not an answer of this endpoint.
    fn decode(&self, body: &[u8]) -> Result<Option<Vec<String>>, CodecError>;
}

/// A request in a dialect: everything but the service's address and key. It is sent with `POST`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WireRequest {
    /// The path below the base URL, with its leading slash.
    pub path: Cow<'static, str>,
    /// Headers the dialect needs besides content type and authorization.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl WireRequest {
    /// A request to `path` without headers of its own.
    pub fn new(path: impl Into<Cow<'static, str>>, body: impl Into<Bytes>) -> Self {
        WireRequest {
            path: path.into(),
            headers: HeaderMap::new(),
            body: body.into(),
        }
    }
}
