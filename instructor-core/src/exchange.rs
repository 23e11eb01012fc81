//! One request to the provider and its response, sent again while the retry policy allows.

mod idle;
mod stream;

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};

use crate::attempt::Attempt;
use crate::client::Client;
use crate::codec::WireRequest;
use crate::error::{ApiError, CodecError, Error, TransportError, TransportErrorKind};
use crate::hooks::{CallHooks, RetryCause};
use crate::response::Usage;
use crate::retry;
use crate::watcher::Watch;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// A service that does not stream may answer with a whole body.
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream, application/json");

/// As OpenAI and the services like it write it, and as Anthropic does.
const REQUEST_ID: [HeaderName; 2] = [
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("request-id"),
];

/// Sends `wire`, unless the answer is known, and fills `attempt` with what came back: also when it fails, so that nothing is lost.
pub(crate) async fn exchange(
    client: &Client,
    wire: &WireRequest,
    attempt: &mut Attempt,
    hooks: CallHooks<'_>,
    watch: Option<&mut Watch<'_>>,
) -> Result<(), Error> {
    let cache = client.answer_cache();
    let known = cache.and_then(|cache| cache.get(client, &wire.body));
    attempt.is_cached = known.is_some();
    let body = match known {
        Some(body) => {
            attempt.wire_response = Some(body.clone());
            attempt.is_free = true;
            body
        }
        None => {
            let body = body(client, wire, attempt, hooks, watch).await?;
            if attempt.response.is_some() {
                return Ok(());
            }
            body
        }
    };
    match client.provider().codec.decode(&body) {
        Ok(mut response) => {
            if attempt.is_cached {
                response.usage = Some(Usage::default());
            }
            attempt.response = Some(response);
            Ok(())
        }
        Err(error) => Err(unreadable(error)),
    }
}

/// The same without reading what came back; but a stream is read as it arrives, into the attempt's response.
pub(crate) async fn body(
    client: &Client,
    wire: &WireRequest,
    attempt: &mut Attempt,
    hooks: CallHooks<'_>,
    watch: Option<&mut Watch<'_>>,
) -> Result<Bytes, Error> {
    let started = Instant::now();
    let outcome = send(client, wire, attempt, hooks, watch).await;
    attempt.latency = started.elapsed();
    outcome
}

/// Why a single request failed.
enum Failure {
    Transport(TransportError),
    Api(Box<ApiError>),
}

impl<'a> From<&'a Failure> for RetryCause<'a> {
    fn from(failure: &'a Failure) -> Self {
        match failure {
            Failure::Transport(error) => RetryCause::Transport(error),
            Failure::Api(error) => RetryCause::Api(error),
        }
    }
}

impl Failure {
    fn is_retryable(&self) -> bool {
        match self {
            Failure::Transport(error) => error.is_retryable(),
            Failure::Api(error) => error.is_retryable(),
        }
    }

    /// Whether the provider cannot have charged for the request.
    fn is_free(&self) -> bool {
        match self {
            Failure::Transport(error) => error.kind == TransportErrorKind::Connect,
            Failure::Api(_) => true,
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Failure::Transport(_) => None,
            Failure::Api(error) => error.retry_after,
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let attempts = Vec::new();
        match failure {
            Failure::Transport(error) => Error::Transport { error, attempts },
            Failure::Api(error) => Error::Api { error, attempts },
        }
    }
}

/// The error of a response that is not what its dialect promises.
fn unreadable(error: CodecError) -> Error {
    Error::Decode {
        error,
        attempts: Vec::new(),
    }
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        Failure::Transport(error)
    }
}

async fn send(
    client: &Client,
    wire: &WireRequest,
    attempt: &mut Attempt,
    hooks: CallHooks<'_>,
    mut watch: Option<&mut Watch<'_>>,
) -> Result<Bytes, Error> {
    let mut is_free = true;
    loop {
        let failure = match send_once(client, wire, attempt, watch.as_deref_mut()).await? {
            Ok(body) => return Ok(body),
            Err(failure) => failure,
        };
        is_free &= failure.is_free();
        let policy = client.retry_policy();
        let pause = policy
            .pause(attempt.transport_retries, failure.retry_after())
            .filter(|_| failure.is_retryable());
        match (pause, failure) {
            (Some(pause), failure) => {
                hooks.repetition(attempt, RetryCause::from(&failure), pause);
                attempt.transport_retries += 1;
                tokio::time::sleep(pause).await;
            }
            (None, failure) => {
                attempt.is_free = is_free;
                return Err(failure.into());
            }
        }
    }
}

/// The outer error is one that sending again cannot change.
async fn send_once(
    client: &Client,
    wire: &WireRequest,
    attempt: &mut Attempt,
    watch: Option<&mut Watch<'_>>,
) -> Result<Result<Bytes, Failure>, Error> {
    let mut request = http_request(client, wire)?;
    attempt.wire_response = None;
    attempt.response = None;
    attempt.status = None;
    attempt.request_id = None;
    if watch.is_some() {
        request.headers_mut().insert(ACCEPT, EVENTS);
    }
    let started = Instant::now();
    let response = match client.transport().send(request).await {
        Ok(response) => response,
        Err(error) => return Ok(Err(error.into())),
    };
    let (head, body) = response.into_parts();
    attempt.status = Some(head.status);
    attempt.request_id = request_id(client, &head.headers);
    if let Some(watch) = watch
        && head.status.is_success()
        && stream::is_stream(&head.headers)
    {
        // In a box, so that a call that does not stream has no room for it.
        return Box::pin(stream::read(client, body, attempt, watch, started)).await;
    }
    Ok(async {
        let mut body = body.collect().await?;
        if let Some(credentials) = client.credentials() {
            body = credentials.redact(body);
        }
        attempt.wire_response = Some(body.clone());
        if head.status.is_success() {
            return Ok(body);
        }
        let mut error = client.provider().codec.decode_error(head.status, &body);
        error.retry_after = retry::retry_after(&head.headers);
        Err(Failure::Api(Box::new(error)))
    }
    .await)
}

/// What the provider calls the request. A header is shared and not copied, so this costs a call nothing.
fn request_id(client: &Client, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut id = REQUEST_ID
        .iter()
        .find_map(|name| headers.get(name))
        .cloned()?;
    if let Some(credentials) = client.credentials() {
        credentials.redact_header(&mut id);
    }
    Some(id)
}

fn http_request(client: &Client, wire: &WireRequest) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(wire.body.clone());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = client.address(&wire.path)?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(ACCEPT, JSON);
    for (name, value) in &wire.headers {
        headers.insert(name, value.clone());
    }
    if let Some(credentials) = client.credentials() {
        let (name, value) = credentials.header();
        headers.insert(name, value);
    }
    Ok(request)
}
