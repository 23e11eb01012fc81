//! The decoder of instructor-core.

use instructor_core::sse::{Decoder, MAX_EVENT_BYTES};

use super::{Event, Stream};

/// The events of a stream.
pub fn decode(stream: &Stream) -> Vec<Event> {
    let (events, failed) = decode_limited(stream, MAX_EVENT_BYTES);
    assert!(!failed, "nothing here is that long");
    events
}

/// The events of a stream, and whether one was too long.
pub fn decode_limited(stream: &Stream, limit: usize) -> (Vec<Event>, bool) {
    let mut decoder = Decoder::with_limit(limit);
    let mut events = Vec::new();
    for chunk in stream.chunks() {
        decoder.push(chunk);
        loop {
            let (name, data) = match decoder.next_event() {
                Ok(Some(event)) => (event.name.to_owned(), event.data.to_owned()),
                Ok(None) => break,
                Err(_) => return (events, true),
            };
            let id = decoder.last_event_id().to_owned();
            events.push(Event { name, data, id });
        }
    }
    (events, false)
}
