//! A response that arrives as a stream of events.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};

use super::idle::Idle;
use super::{Failure, unreadable};
use crate::attempt::Attempt;
use crate::client::Client;
use crate::codec::{Folded, GrowingResponse};
use crate::error::{CodecError, Error, TransportError, TransportErrorKind};
use crate::response::Response;
use crate::sse::Decoder;
use crate::transport::{Body, bounded};
use crate::watcher::{Verdict, Watch};

/// How long the end of the body may take once the response has ended. A connection can be used again if it is read to its end.
const REST_TIMEOUT: Duration = Duration::from_millis(50);

/// Whether a body is a stream of events. A service that does not stream answers with a whole body.
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE);
    content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.trim_start().starts_with("text/event-stream"))
}

/// Why a stream ended before its response did.
enum Cut {
    Failure(Failure),
    Codec(CodecError),
}

impl From<TransportError> for Cut {
    fn from(error: TransportError) -> Self {
        Cut::Failure(error.into())
    }
}

/// Reads the response in `body` into `attempt`, also if it does not end, so that nothing is lost. The outer error is one that sending
/// again cannot change, or must not, since somebody has seen a part of the answer.
pub(super) async fn read(
    client: &Client,
    body: Body,
    attempt: &mut Attempt,
    watch: &mut Watch<'_>,
    started: Instant,
) -> Result<Result<Bytes, Failure>, Error> {
    let mut growing = GrowingResponse::new();
    let mut times = Times { started, attempt };
    let outcome = fold(client, body, &mut growing, watch, &mut times).await;
    let response = growing.response;
    let is_seen = has_content(&response);
    let kept = keep(client, attempt, response);
    match outcome {
        Ok(()) => kept.map(Ok).map_err(unreadable),
        Err(Cut::Failure(failure)) if is_seen => Err(failure.into()),
        Err(Cut::Failure(failure)) => Ok(Err(failure)),
        Err(Cut::Codec(error)) => Err(unreadable(error)),
    }
}

/// Writes down what has come of a response, and the body that it would have been.
fn keep(client: &Client, attempt: &mut Attempt, response: Response) -> Result<Bytes, CodecError> {
    let codec = client.provider().codec;
    let encoded = codec.encode_response(&response);
    attempt.response = Some(response);
    let whole = encoded?;
    let body = match client.credentials() {
        Some(credentials) => credentials.redact(whole.clone()),
        None => whole.clone(),
    };
    if body != whole {
        attempt.response = Some(codec.decode(&body)?);
    }
    attempt.wire_response = Some(body.clone());
    Ok(body)
}

/// When what came first.
struct Times<'a> {
    started: Instant,
    attempt: &'a mut Attempt,
}

async fn fold(
    client: &Client,
    mut body: Body,
    growing: &mut GrowingResponse,
    watch: &mut Watch<'_>,
    times: &mut Times<'_>,
) -> Result<(), Cut> {
    let mut decoder = Decoder::new();
    let mut length = 0_usize;
    let mut idle = Idle::new(watch.idle_timeout);
    loop {
        let Some(chunk) = next(&mut body, &mut idle).await? else {
            let message = "the stream ended before the response did";
            return Err(cut(TransportErrorKind::Truncated, message));
        };
        length = bounded(length, &chunk)?;
        decoder.push(&chunk);
        let ended = fold_events(client, &mut decoder, growing);
        let verdict = watch
            .watcher
            .arrive(&times.attempt.request, &growing.response);
        times.note(&growing.response, watch);
        // What came before an error is a part of the answer.
        let has_ended = ended?;
        if verdict == Verdict::Stop {
            times.attempt.is_stopped = true;
            return Ok(());
        }
        watch.seen().await;
        if has_ended {
            let _ = tokio::time::timeout(REST_TIMEOUT, body.chunk()).await;
            return Ok(());
        }
    }
}

/// Folds the events that are there. Says whether the response has ended.
fn fold_events(
    client: &Client,
    decoder: &mut Decoder,
    growing: &mut GrowingResponse,
) -> Result<bool, Cut> {
    let codec = client.provider().codec;
    while let Some(event) = decoder.next_event().map_err(too_long)? {
        match codec.fold(growing, event).map_err(Cut::Codec)? {
            Folded::Part => {}
            Folded::End => return Ok(true),
            Folded::Error(mut error) => {
                if let Some(credentials) = client.credentials() {
                    credentials.redact_text(&mut error.message);
                }
                return Err(Cut::Failure(Failure::Api(error)));
            }
        }
    }
    Ok(false)
}

/// The next bytes, if they come in time.
async fn next(body: &mut Body, idle: &mut Idle) -> Result<Option<Bytes>, Cut> {
    match idle.wait(body.chunk()).await {
        Some(chunk) => Ok(chunk?),
        None => {
            let message = format!("nothing came for {:?}", idle.timeout);
            Err(cut(TransportErrorKind::Stalled, &message))
        }
    }
}

fn cut(kind: TransportErrorKind, message: &str) -> Cut {
    TransportError::new(kind, message).into()
}

fn too_long(error: crate::sse::TooLong) -> Cut {
    TransportError::new(TransportErrorKind::TooLarge, error).into()
}

impl Times<'_> {
    fn note(&mut self, response: &Response, watch: &Watch<'_>) {
        let attempt = &mut *self.attempt;
        if attempt.time_to_first_token.is_none() && has_content(response) {
            attempt.time_to_first_token = Some(self.started.elapsed());
        }
        if attempt.time_to_first_field.is_none() && watch.watcher.has_field() {
            attempt.time_to_first_field = Some(self.started.elapsed());
        }
    }
}

/// Whether the model has said something.
fn has_content(response: &Response) -> bool {
    response.text.is_some()
        || response.refusal.is_some()
        || response.reasoning.is_some()
        || !response.tool_calls.is_empty()
}
