//! A response that arrives as a stream of events.

use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};

use super::idle::Idle;
use super::{Failure, unreadable};
use crate::attempt::Attempt;
use crate::client::Client;
use crate::codec::{Folded, GrowingResponse, StreamEvent};
use crate::error::{CodecError, Error, TransportError, TransportErrorKind};
use crate::response::Response;
use crate::sse::Decoder;
use crate::transport::{Body, bounded};
use crate::watcher::{Verdict, Watch};

/// How long the end of the body may take once the response has ended. A connection can be used again if it is read to its end.
const REST_TIMEOUT: Duration = Duration::from_millis(50);

/// The most pieces of a body that are taken at once: a fast provider must not keep its reader from seeing anything.
const MAX_PIECES: usize = 64;

const EVENT_STREAM: &str = "text/event-stream";

/// Whether a body is a stream of events. A service that does not stream answers with a whole body.
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE);
    content_type
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim_start().get(..EVENT_STREAM.len()))
        .is_some_and(|value| value.eq_ignore_ascii_case(EVENT_STREAM))
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
        Err(Cut::Failure(failure)) if is_seen => Err(failure.with_request_id(attempt).into()),
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
    body: Body,
    growing: &mut GrowingResponse,
    watch: &mut Watch<'_>,
    times: &mut Times<'_>,
) -> Result<(), Cut> {
    let mut incoming = Incoming {
        client,
        body,
        decoder: Decoder::new(),
        length: 0,
        idle: Idle::new(watch.idle_timeout),
    };
    loop {
        let ended = incoming.fold(growing, times).await;
        let verdict = watch
            .watcher
            .arrive(&times.attempt.request, &growing.response);
        times.note_field(watch);
        // What came before an error is a part of the answer, and is told first, however much comes at once.
        // Nothing is saved where all of it is there.
        if verdict == Verdict::Stop && !matches!(ended, Ok(true)) {
            times.attempt.is_stopped = true;
            return Ok(());
        }
        watch.seen().await;
        if ended? {
            let _ = tokio::time::timeout(REST_TIMEOUT, incoming.body.chunk()).await;
            return Ok(());
        }
    }
}

/// A body that is read.
struct Incoming<'a> {
    client: &'a Client,
    body: Body,
    decoder: Decoder,
    /// Bytes that have come.
    length: usize,
    idle: Idle,
}

impl Incoming<'_> {
    /// Waits for a piece of the body, and folds it and those that are there, too. Says whether the response has ended.
    async fn fold(
        &mut self,
        growing: &mut GrowingResponse,
        times: &mut Times<'_>,
    ) -> Result<bool, Cut> {
        let mut piece = self.next().await?;
        for _ in 1..MAX_PIECES {
            if self.fold_piece(piece, growing, times)? {
                return Ok(true);
            }
            piece = match ready(self.body.chunk()).await {
                Some(piece) => piece?,
                None => return Ok(false),
            };
        }
        self.fold_piece(piece, growing, times)
    }

    /// The next piece, if it comes in time.
    async fn next(&mut self) -> Result<Option<Bytes>, Cut> {
        match self.idle.wait(self.body.chunk()).await {
            Some(piece) => Ok(piece?),
            None => {
                let message = format!("nothing came for {:?}", self.idle.timeout);
                Err(cut(TransportErrorKind::Stalled, &message))
            }
        }
    }

    fn fold_piece(
        &mut self,
        piece: Option<Bytes>,
        growing: &mut GrowingResponse,
        times: &mut Times<'_>,
    ) -> Result<bool, Cut> {
        let Some(piece) = piece else {
            let message = "the stream ended before the response did";
            return Err(cut(TransportErrorKind::Truncated, message));
        };
        self.length = bounded(self.length, &piece, self.client.bounds().body_bytes)?;
        let ended = self.fold_events(&piece, growing);
        times.note_token(&growing.response);
        ended
    }

    /// Folds the events that are there with the bytes of `piece`. Says whether the response has ended.
    fn fold_events(
        &mut self,
        mut piece: &[u8],
        growing: &mut GrowingResponse,
    ) -> Result<bool, Cut> {
        let codec = self.client.provider().codec;
        let credentials = self.client.credentials();
        let has_no_key =
            |text: &str| !credentials.is_some_and(|credentials| credentials.is_in(text));
        while !piece.is_empty() || !self.decoder.is_read() {
            // The codec would find those that repeat the one before as well, after all of their bytes were copied and looked at two times.
            if growing.repeat_next(&mut self.decoder, &mut piece, has_no_key) {
                continue;
            }
            self.decoder.push(std::mem::take(&mut piece));
            let Some(event) = self.decoder.next_event().map_err(too_long)? else {
                return Ok(false);
            };
            let redacted =
                credentials.and_then(|credentials| credentials.redacted_text(event.data));
            let data = redacted.as_deref().unwrap_or(event.data);
            let event = StreamEvent::new(event.name, data);
            match codec.fold(growing, event).map_err(Cut::Codec)? {
                Folded::Part => {}
                Folded::End => return Ok(true),
                Folded::Error(error) => return Err(Cut::Failure(Failure::Api(error))),
            }
        }
        Ok(false)
    }
}

/// What `piece` comes to, if it is there. The connection is another task, which hands over one piece at a time: it gets a turn to do so
/// first, so that the body need not be asked twice for each.
async fn ready<T>(piece: impl Future<Output = T>) -> Option<T> {
    let mut piece = std::pin::pin!(piece);
    let mut has_waited = false;
    std::future::poll_fn(|context| {
        if !has_waited {
            has_waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(match piece.as_mut().poll(context) {
            Poll::Ready(piece) => Some(piece),
            Poll::Pending => None,
        })
    })
    .await
}

fn cut(kind: TransportErrorKind, message: &str) -> Cut {
    TransportError::new(kind, message).into()
}

fn too_long(error: crate::sse::TooLong) -> Cut {
    TransportError::new(TransportErrorKind::TooLarge, error).into()
}

impl Times<'_> {
    fn note_token(&mut self, response: &Response) {
        if self.attempt.time_to_first_token.is_none() && has_content(response) {
            self.attempt.time_to_first_token = Some(self.started.elapsed());
        }
    }

    fn note_field(&mut self, watch: &Watch<'_>) {
        if self.attempt.time_to_first_field.is_none() && watch.watcher.has_field() {
            self.attempt.time_to_first_field = Some(self.started.elapsed());
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

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    /// A body whose pieces another task hands over, one at a time, and whose end does not come.
    fn handed_over(pieces: &'static [&'static str]) -> Body {
        let (sender, receiver) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            for piece in pieces {
                let piece = Ok(Bytes::from_static(piece.as_bytes()));
                sender.send(piece).await.expect("it is read");
            }
            std::future::pending::<()>().await;
        });
        let pieces = futures_util::stream::unfold(receiver, |mut receiver| async {
            Some((receiver.recv().await?, receiver))
        });
        Body::stream(pieces.boxed())
    }

    #[tokio::test]
    async fn what_is_there_is_taken_and_nothing_is_waited_for() {
        let mut body = handed_over(&["a", "b", "c"]);
        let mut seen = String::new();
        while let Some(piece) = ready(body.chunk()).await {
            let piece = piece.expect("no error").expect("no end");
            seen.push_str(str::from_utf8(&piece).expect("text"));
        }
        assert_eq!(seen, "abc");
        assert_eq!(ready(std::future::pending::<()>()).await, None);
    }
}
