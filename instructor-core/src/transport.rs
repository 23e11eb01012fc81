//! The seam of the network: the only I/O of this crate.

#[cfg(feature = "reqwest")]
mod http_client;
mod time_limit;

use std::fmt;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::future::BoxFuture;
use futures_core::stream::BoxStream;
use futures_util::StreamExt;

use crate::error::{TransportError, TransportErrorKind};

#[cfg(feature = "reqwest")]
#[cfg_attr(docsrs, doc(cfg(feature = "reqwest")))]
pub use http_client::HttpClient;
pub(crate) use time_limit::TimeLimit;

/// The longest response body that is read, unless [`ClientBuilder::max_body_bytes`](crate::ClientBuilder::max_body_bytes) says
/// otherwise: 32 MiB.
pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// Sends a request and returns the response once its headers are there. With the feature `reqwest`, which is on by default,
/// `HttpClient` implements it; a test or a proxy of your own may.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends `request`. It is called within the `tokio` runtime, which has its timers enabled, and what it gives is awaited at once: a
    /// transport may begin before that, as `HttpClient` does. How long the whole exchange may take is not its business
    /// ([`ClientBuilder::request_timeout`](crate::ClientBuilder::request_timeout)).
    ///
    /// # Errors
    ///
    /// If no response came. A response of any status is not an error here.
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>>;
}

/// A response body: whole, or still arriving.
pub struct Body {
    kind: Kind,
    limit: Option<TimeLimit>,
}

enum Kind {
    Whole(Bytes),
    #[cfg(feature = "reqwest")]
    Http(reqwest::Response),
    Stream(BoxStream<'static, Result<Bytes, TransportError>>),
}

impl Body {
    /// A body that arrives in pieces.
    pub fn stream(stream: BoxStream<'static, Result<Bytes, TransportError>>) -> Self {
        Body::of(Kind::Stream(stream))
    }

    fn of(kind: Kind) -> Self {
        Body { kind, limit: None }
    }

    /// The same, with an error where `limit` is over before its end.
    pub(crate) fn within(self, limit: TimeLimit) -> Self {
        let limit = Some(limit);
        Body { limit, ..self }
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// If the connection breaks, or the time of the request is over.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await
    }

    /// Nothing is kept between two polls but the body itself: thousands of pieces are read, and as many may be read at the same time.
    fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Result<Option<Bytes>, TransportError>> {
        let chunk = match &mut self.kind {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(Ok(None)),
            Kind::Whole(bytes) => Poll::Ready(Ok(Some(std::mem::take(bytes)))),
            #[cfg(feature = "reqwest")]
            Kind::Http(response) => std::pin::pin!(response.chunk())
                .poll(context)
                .map_err(http_client::error),
            Kind::Stream(stream) => stream.poll_next_unpin(context).map(Option::transpose),
        };
        match (chunk, &mut self.limit) {
            (Poll::Pending, Some(limit)) => limit.poll(context).map(Err),
            (chunk, _) => chunk,
        }
    }

    /// The whole body. A body that arrives in one piece is not copied.
    ///
    /// # Errors
    ///
    /// Those of [`Body::chunk`], and if the body is longer than [`MAX_BODY_BYTES`].
    pub async fn collect(self) -> Result<Bytes, TransportError> {
        self.collect_within(MAX_BODY_BYTES).await
    }

    /// The whole body, if it is not longer than `most` bytes: no more is read than one piece beyond them. Bytes count as they are
    /// handed over, so after a transport that decompresses them has done so.
    ///
    /// # Errors
    ///
    /// Those of [`Body::chunk`], and if the body is longer.
    pub async fn collect_within(mut self, most: usize) -> Result<Bytes, TransportError> {
        self.rest(most).await
    }

    /// What has not been read, if it is not longer than `most` bytes. Of a body that a future owns already, which has no room for two.
    pub(crate) async fn rest(&mut self, most: usize) -> Result<Bytes, TransportError> {
        let Some(first) = self.chunk().await? else {
            return Ok(Bytes::new());
        };
        let mut length = bounded(0, &first, most)?;
        let Some(second) = self.chunk().await? else {
            return Ok(first);
        };
        length = bounded(length, &second, most)?;
        let mut whole = BytesMut::with_capacity(length.saturating_mul(2));
        whole.extend_from_slice(&first);
        whole.extend_from_slice(&second);
        while let Some(chunk) = self.chunk().await? {
            length = bounded(length, &chunk, most)?;
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// The first `most` bytes of the body, or those that came before the connection broke.
    pub(crate) async fn start(&mut self, most: usize) -> Bytes {
        let Ok(Some(mut first)) = self.chunk().await else {
            return Bytes::new();
        };
        let mut start = BytesMut::new();
        while first.len() + start.len() < most {
            let Ok(Some(next)) = self.chunk().await else {
                break;
            };
            start.extend_from_slice(&std::mem::replace(&mut first, next));
        }
        if start.is_empty() {
            first.truncate(most);
            return first;
        }
        start.extend_from_slice(&first);
        start.truncate(most);
        start.freeze()
    }
}

/// The length of a body with `chunk` at its end, if that is at most `most`.
pub(crate) fn bounded(length: usize, chunk: &Bytes, most: usize) -> Result<usize, TransportError> {
    let length = length.saturating_add(chunk.len());
    if length > most {
        return Err(too_large(most));
    }
    Ok(length)
}

/// The error of a body that is longer than `most` bytes.
pub(crate) fn too_large(most: usize) -> TransportError {
    let message = format!("more than {most} bytes");
    TransportError::new(TransportErrorKind::TooLarge, message)
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Body::of(Kind::Whole(bytes))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Whole(_) => "Body(whole)",
            _ => "Body(arriving)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_has_a_limit_however_it_arrives() {
        let half = Bytes::from(vec![b'x'; MAX_BODY_BYTES / 2]);
        let over = Bytes::from(vec![b'x'; MAX_BODY_BYTES + 1]);
        let arriving = |chunks: Vec<Bytes>| {
            Body::stream(futures_util::stream::iter(chunks.into_iter().map(Ok)).boxed())
        };
        let whole = arriving(vec![half.clone(), half.clone()]).collect().await;
        assert_eq!(whole.expect("at the limit").len(), MAX_BODY_BYTES);
        for body in [
            Body::from(over.clone()),
            arriving(vec![over.clone()]),
            arriving(vec![half.clone(), over]),
            arriving(vec![half.clone(), half, Bytes::from_static(b"x")]),
        ] {
            let error = body.collect().await.expect_err("too long");
            assert_eq!(error.kind, TransportErrorKind::TooLarge);
        }
    }

    #[tokio::test]
    async fn of_an_error_only_the_start_is_read() {
        let pieces = |count: usize| {
            let pieces = (0..count).map(|index| Ok(Bytes::from(index.to_string())));
            let broken = TransportError::new(TransportErrorKind::Interrupted, "reset");
            Body::stream(futures_util::stream::iter(pieces.chain([Err(broken)])).boxed())
        };
        for (count, most, expected) in [
            (0, 4, ""),
            (1, 4, "0"),
            (1, 0, ""),
            (3, 4, "012"),
            (9, 4, "0123"),
            (9, 9, "012345678"),
        ] {
            assert_eq!(pieces(count).start(most).await, expected);
        }
        let endless = futures_util::stream::repeat_with(|| Ok(Bytes::from_static(b"abc")));
        assert_eq!(Body::stream(endless.boxed()).start(8).await, "abcabcab");
        assert_eq!(
            Body::from(Bytes::from_static(b"whole")).start(3).await,
            "who"
        );
    }
}
