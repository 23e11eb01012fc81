//! The transport of `reqwest`: HTTP/1.1 and HTTP/2, rustls, the platform's root certificates.

use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;

use super::{Body, Kind, Transport};
use crate::error::{Error, Result, TransportError, TransportErrorKind};

/// How long making a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long one request may take, its whole answer included. Long answers of large models take minutes.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(600);

/// The default transport. Connections are kept and reused; redirects are not followed, since no provider redirects and a key
/// must not travel.
#[derive(Debug, Clone)]
pub struct HttpClient(reqwest::Client);

impl HttpClient {
    /// A client with a connection timeout of 10 seconds and a request timeout of 10 minutes.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if TLS cannot be set up.
    pub fn new() -> Result<Self> {
        reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("instructor-rs/", env!("CARGO_PKG_VERSION")))
            .build()
            .map(HttpClient)
            .map_err(|error| Error::Request(error.to_string()))
    }
}

impl From<reqwest::Client> for HttpClient {
    /// A client with your own proxies, certificates and timeouts.
    fn from(client: reqwest::Client) -> Self {
        HttpClient(client)
    }
}

impl Transport for HttpClient {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(error)?;
            let mut response = self.0.execute(request).await.map_err(error)?;
            let mut answer = http::Response::new(());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            Ok(answer.map(|()| Body(Kind::Http(response))))
        })
    }
}

/// The kind of a `reqwest` failure. The URL is left out: it may hold credentials.
pub(super) fn error(error: reqwest::Error) -> TransportError {
    let kind = if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_builder() {
        TransportErrorKind::Request
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::new(kind, error.without_url())
}
