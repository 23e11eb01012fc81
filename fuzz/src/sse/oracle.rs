//! Decoders of others, and what is known to be different in them.
//!
//! Both refuse bytes that are no UTF-8, which the standard replaces. So they get streams in which that is done already, for the whole
//! stream at once: the decoder under test does it line by line.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};

use super::{Decode, Event, Stream};

/// The oracles by name.
pub const ORACLES: [(&str, Decode); 2] = [("sseer", sseer), ("sse-stream", sse_stream)];

fn sseer(stream: &Stream) -> Vec<Event> {
    // An `event` without a colon is ignored, though the standard takes it for an empty name, which undoes another one before.
    let stream = with_colons(&stream.valid());
    let events = sseer::event_stream::EventStream::new(source(&stream));
    let events = events.map(|event| {
        let event = event.expect("the stream is UTF-8");
        Event {
            name: event.event.to_string(),
            data: event.data.to_string(),
            id: event.id.to_string(),
        }
    });
    collect(events)
}

fn sse_stream(stream: &Stream) -> Vec<Event> {
    let blocks = sse_stream::SseByteStream::new(source(&stream.valid()));
    let mut last_id = String::new();
    // Blocks come as they are: those without data too, an empty name as an empty name, and no block has the id of the one before.
    let events = blocks.filter_map(move |block| {
        let block = block.expect("the stream is UTF-8");
        if let Some(id) = block.id {
            last_id = id;
        }
        let id = last_id.clone();
        let name = block.event.filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| "message".to_owned());
        let event = block.data.map(|data| Event { name, data, id });
        std::future::ready(event)
    });
    collect(events)
}

/// The same stream with a colon after each `event` that has none.
fn with_colons(stream: &Stream) -> Stream {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let mut bytes = Vec::new();
    for (number, line) in stream.bytes.split_inclusive(is_end).enumerate() {
        let content = line
            .strip_suffix(b"\n")
            .or_else(|| line.strip_suffix(b"\r"));
        let content = content.unwrap_or(line);
        bytes.extend_from_slice(content);
        let first = content.strip_prefix("\u{FEFF}".as_bytes());
        if content == b"event" || (number == 0 && first == Some(b"event".as_slice())) {
            bytes.push(b':');
        }
        bytes.extend_from_slice(&line[content.len()..]);
    }
    Stream {
        bytes,
        sizes: stream.sizes.clone(),
    }
}

fn source(
    stream: &Stream,
) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + Unpin + use<> {
    let chunks: Vec<_> = stream.chunks().map(Bytes::copy_from_slice).collect();
    futures_util::stream::iter(chunks.into_iter().map(Ok))
}

fn collect(events: impl futures_util::Stream<Item = Event>) -> Vec<Event> {
    let events = events.collect::<Vec<_>>();
    events.now_or_never().expect("all bytes are there")
}
