//! The transport of `reqwest`: HTTP/1.1 and HTTP/2, rustls, the platform's root certificates.

use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::Uri;
use reqwest::Url;
use tokio::runtime::Handle;

use super::{Body, Kind, Transport};
use crate::client::DEFAULT_CONNECT_TIMEOUT;
use crate::error::{Error, Result, TransportError, TransportErrorKind};

/// The default transport. Connections are kept and reused; redirects are not followed, since no provider redirects and a key
/// must not travel.
#[derive(Debug, Clone)]
pub struct HttpClient {
    client: reqwest::Client,
    /// The last address, with what `reqwest` makes of it: a client asks at one address again and again.
    last: Arc<Mutex<Option<(Uri, Url)>>>,
}

impl HttpClient {
    /// A client that may take 5 seconds to make a connection.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if TLS cannot be set up.
    pub fn new() -> Result<Self> {
        HttpClient::with_connect_timeout(DEFAULT_CONNECT_TIMEOUT)
    }

    /// A client that may take so long to make a connection, TLS included.
    ///
    /// # Errors
    ///
    /// [`Error::Request`] if TLS cannot be set up.
    pub fn with_connect_timeout(timeout: Duration) -> Result<Self> {
        HttpClient::built(builder(timeout))
    }

    /// The same for a server on this machine, which no proxy stands before.
    pub(crate) fn direct(connect_timeout: Duration) -> Result<Self> {
        HttpClient::built(builder(connect_timeout).no_proxy())
    }

    fn built(builder: reqwest::ClientBuilder) -> Result<Self> {
        builder
            .build()
            .map(HttpClient::from)
            .map_err(|error| Error::Request(error.to_string()))
    }
}

fn builder(connect_timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("instructor-rs/", env!("CARGO_PKG_VERSION")))
}

impl From<reqwest::Client> for HttpClient {
    /// A client with your own proxies, certificates and timeouts. The limits of the [client](crate::ClientBuilder) hold as well.
    fn from(client: reqwest::Client) -> Self {
        HttpClient {
            client,
            last: Arc::default(),
        }
    }
}

impl HttpClient {
    /// `uri` as `reqwest` wants it, parsed only when it is not the last one: parsing it for every call took 5 of the call's 91
    /// allocations.
    fn url(&self, uri: &Uri) -> Result<Url, TransportError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, url)) = &*last
            && known == uri
        {
            return Ok(url.clone());
        }
        let url = Url::parse(&uri.to_string())
            .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
        *last = Some((uri.clone(), url.clone()));
        Ok(url)
    }

    /// Before the future, which would have room for the request as long as it waits.
    fn start(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<impl Future<Output = reqwest::Result<reqwest::Response>> + use<>, TransportError>
    {
        // Without a runtime the connection would panic.
        Handle::try_current()
            .map_err(|error| TransportError::new(TransportErrorKind::Request, error))?;
        let (head, body) = request.into_parts();
        let mut request = reqwest::Request::new(head.method, self.url(&head.uri)?);
        *request.headers_mut() = head.headers;
        *request.body_mut() = Some(body.into());
        Ok(self.client.execute(request))
    }
}

impl Transport for HttpClient {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        let pending = match self.start(request) {
            Ok(pending) => pending,
            Err(error) => return Box::pin(ready(Err(error))),
        };
        Box::pin(async move {
            let mut response = pending.await.map_err(error)?;
            let mut answer = http::Response::new(());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = std::mem::take(response.headers_mut());
            Ok(answer.map(|()| Body::of(Kind::Http(response))))
        })
    }
}

/// The kind of a `reqwest` failure. The URL is left out: it may hold credentials.
pub(super) fn error(error: reqwest::Error) -> TransportError {
    // A connection that is not made in time is both; then nothing was sent.
    let kind = if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_builder() {
        TransportErrorKind::Request
    } else {
        TransportErrorKind::Interrupted
    };
    TransportError::new(kind, error.without_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_address_is_not_taken_for_the_last_one() {
        let client = HttpClient::new().expect("TLS");
        for address in [
            "http://127.0.0.1:1/v1/messages",
            "http://127.0.0.1:1/v1/messages",
            "http://127.0.0.1:2/v1/messages",
            "http://127.0.0.1:2/v1/Messages",
            "http://127.0.0.1:2/v1/Messages?beta=true",
        ] {
            let url = client.url(&address.parse().expect(address)).expect(address);
            assert_eq!(url.as_str(), address);
        }
    }
}
