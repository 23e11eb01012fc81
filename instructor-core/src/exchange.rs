//! One request to the provider and its response, sent again while the retry policy allows.

mod idle;
mod redirect;
mod stream;

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};

use crate::attempt::Attempt;
use crate::call::Terms;
use crate::client::Client;
use crate::codec::WireRequest;
use crate::error::{ApiError, CodecError, Error, TransportError, TransportErrorKind};
use crate::hooks::RetryCause;
use crate::rate_limit::RateLimit;
use crate::response::Usage;
use crate::retry::{self, RetryBudget, RetryStop};
use crate::transport::{self, TimeLimit};
use crate::watcher::Watch;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// A service that does not stream may answer with a whole body.
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream, application/json");

/// Of draft-ietf-httpapi-idempotency-key-header, by which its value is a quoted string.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

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
    terms: &Terms<'_>,
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
            let body = body(client, wire, attempt, terms, watch).await?;
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
    terms: &Terms<'_>,
    watch: Option<&mut Watch<'_>>,
) -> Result<Bytes, Error> {
    let started = Instant::now();
    let outcome = send(client, wire, attempt, terms, watch).await;
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

    /// With what the provider calls the request.
    fn with_request_id(mut self, attempt: &Attempt) -> Failure {
        if let Failure::Api(error) = &mut self {
            error.request_id = attempt.request_id().map(str::to_owned);
        }
        self
    }

    /// Whether the provider is well, and says when to come back.
    fn sets_the_pace(&self) -> bool {
        match self {
            Failure::Transport(_) => false,
            Failure::Api(error) => {
                error.status == StatusCode::TOO_MANY_REQUESTS && error.retry_after.is_some()
            }
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
    terms: &Terms<'_>,
    mut watch: Option<&mut Watch<'_>>,
) -> Result<Bytes, Error> {
    let mut is_free = true;
    let is_keyed = client.sends_idempotency_keys() && terms.is_own;
    let key = is_keyed.then(idempotency_key).flatten();
    client
        .retry_budget()
        .into_iter()
        .for_each(RetryBudget::earn);
    loop {
        keep_back(client, attempt, terms).await;
        let sent = send_once(client, wire, key.as_ref(), attempt, watch.as_deref_mut()).await;
        let failure = match sent {
            Ok(Ok(body)) => return Ok(body),
            Ok(Err(failure)) => failure.with_request_id(attempt),
            Err(error) => {
                attempt.retry_stop = Some(RetryStop::Final);
                return Err(error);
            }
        };
        is_free &= failure.is_free();
        match pause(client, attempt, &failure, terms) {
            Ok(pause) => {
                let cause = RetryCause::from(&failure);
                terms.hooks.repetition(attempt, cause, pause);
                attempt.transport_retries += 1;
                tokio::time::sleep(pause).await;
            }
            Err(stop) => {
                attempt.retry_stop = Some(stop);
                attempt.is_free = is_free;
                return Err(failure.into());
            }
        }
    }
}

/// Waits while the provider's limit is used up, if the client keeps limits and the call has time for it.
async fn keep_back(client: &Client, attempt: &mut Attempt, terms: &Terms<'_>) {
    let Some(gate) = client.gate() else {
        return;
    };
    let pause = gate.closed();
    let is_too_long = pause > client.retry_policy().max_retry_after || terms.is_over_after(pause);
    if pause.is_zero() || is_too_long {
        return;
    }
    attempt.rate_limit_wait += pause;
    tokio::time::sleep(pause).await;
}

/// The pause before the request is sent again.
///
/// # Errors
///
/// If it is not sent again.
fn pause(
    client: &Client,
    attempt: &Attempt,
    failure: &Failure,
    terms: &Terms<'_>,
) -> Result<Duration, RetryStop> {
    if !failure.is_retryable() {
        return Err(RetryStop::Final);
    }
    let policy = client.retry_policy();
    let pause = policy.pause(attempt.transport_retries, failure.retry_after())?;
    // What the provider said is worth more than that the time was over.
    if terms.is_over_after(pause) {
        return Err(RetryStop::Deadline);
    }
    let budget = client.retry_budget().filter(|_| !failure.sets_the_pace());
    if !budget.is_none_or(RetryBudget::take) {
        return Err(RetryStop::Budget);
    }
    Ok(pause)
}

/// The outer error is one that sending again cannot change.
async fn send_once(
    client: &Client,
    wire: &WireRequest,
    key: Option<&HeaderValue>,
    attempt: &mut Attempt,
    watch: Option<&mut Watch<'_>>,
) -> Result<Result<Bytes, Failure>, Error> {
    attempt.wire_response = None;
    attempt.response = None;
    attempt.status = None;
    attempt.request_id = None;
    attempt.rate_limit = None;
    // Nothing but what is awaited has room in this future.
    let (started, mut limit, sent) = {
        let request = http_request(client, wire, key, watch.is_some())?;
        let limit = match TimeLimit::new(client.bounds().request_timeout) {
            Ok(limit) => limit,
            Err(error) => return Ok(Err(error.into())),
        };
        (Instant::now(), limit, client.transport().send(request))
    };
    let response = match limit.wait(sent).await {
        Ok(Ok(response)) => response,
        Ok(Err(error)) | Err(error) => return Ok(Err(error.into())),
    };
    let (head, body) = response.into_parts();
    if !head.status.is_success() {
        // The status says that it is one, and it may be worth a retry: its words are not waited for as long as an answer's.
        limit.shorten(client.bounds().idle_timeout);
    }
    let mut body = body.within(limit);
    attempt.status = Some(head.status);
    attempt.request_id = request_id(client, &head.headers);
    let now = SystemTime::now();
    attempt.rate_limit = RateLimit::of(&head.headers, now);
    let asked = retry::retry_after(&head.headers, now);
    if let Some(gate) = client.gate() {
        let is_limited = head.status == StatusCode::TOO_MANY_REQUESTS;
        let used_up = attempt.rate_limit.and_then(|limit| limit.pause());
        let pause = used_up.max(asked.filter(|_| is_limited));
        pause.into_iter().for_each(|pause| gate.close(pause));
    }
    let is_success = head.status.is_success();
    let (most, most_of_an_error) = {
        let bounds = client.bounds();
        (bounds.body_bytes, bounds.error_bytes)
    };
    if is_success && let Err(error) = announced(&head.headers, most) {
        return Ok(Err(error.into()));
    }
    if let Some(watch) = watch
        && is_success
        && stream::is_stream(&head.headers)
    {
        // In a box, so that a call that does not stream has no room for it.
        return Box::pin(stream::read(client, body, attempt, watch, started)).await;
    }
    // Of the head nothing is kept while the body is read, but what an error tells.
    let mut told = None;
    if !is_success {
        let location = redirect::location(head.status, &head.headers);
        told = Some((head.status, location, retry::should_retry(&head.headers)));
    }
    drop(head);
    let read = match told {
        None => body.rest(most).await,
        // An error is one, whatever comes of its body.
        Some(_) => Ok(body.start(most_of_an_error).await),
    };
    let mut body = match read {
        Ok(body) => body,
        Err(error) => return Ok(Err(error.into())),
    };
    if let Some(credentials) = client.credentials() {
        body = credentials.redact(body);
    }
    attempt.wire_response = Some(body.clone());
    let Some((status, location, should_retry)) = told else {
        return Ok(Ok(body));
    };
    let mut error = client.provider().codec.decode_error(status, &body);
    error.location = location.map(|place| {
        let redacted = client
            .credentials()
            .and_then(|key| key.redacted_text(&place));
        redacted.unwrap_or(place)
    });
    error.retry_after = asked;
    error.rate_limit = attempt.rate_limit;
    error.should_retry = should_retry;
    Ok(Err(Failure::Api(Box::new(error))))
}

/// Refuses a body that says that it is longer than `most` bytes, before any of it is read.
fn announced(headers: &HeaderMap, most: usize) -> Result<(), TransportError> {
    let length = headers.get(CONTENT_LENGTH).and_then(|length| {
        let length = length.to_str().ok()?;
        length.parse::<u64>().ok()
    });
    match length {
        Some(length) if usize::try_from(length).is_ok_and(|length| length <= most) => Ok(()),
        None => Ok(()),
        Some(_) => Err(transport::too_large(most)),
    }
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

/// Digits in quotes, which every header can carry. They come from the operating system: a generator in memory goes on the same way in a
/// child of `fork` as in its parent, whose request a provider would take for the same.
fn idempotency_key() -> Option<HeaderValue> {
    let mut key = [0; 16];
    if getrandom::fill(&mut key).is_err() {
        fastrand::fill(&mut key);
    }
    HeaderValue::try_from(format!("\"{:032x}\"", u128::from_ne_bytes(key))).ok()
}

fn http_request(
    client: &Client,
    wire: &WireRequest,
    key: Option<&HeaderValue>,
    is_streamed: bool,
) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(wire.body.clone());
    *request.method_mut() = Method::POST;
    *request.uri_mut() = client.address(&wire.path)?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(ACCEPT, if is_streamed { EVENTS } else { JSON });
    for (name, value) in &wire.headers {
        headers.insert(name, value.clone());
    }
    if let Some(key) = key {
        headers.insert(IDEMPOTENCY_KEY, key.clone());
    }
    if let Some(credentials) = client.credentials() {
        let (name, value) = credentials.header();
        headers.insert(name, value);
    }
    Ok(request)
}
