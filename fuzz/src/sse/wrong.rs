//! Decoders with a mistake each, which the comparison must find: they show that it can fail.

use super::{Decode, DecodeLimited, Event, Stream, own};

/// The mistakes by name.
pub const WRONG: [(&str, Decode); 10] = [
    ("a carriage return ends no line", |stream| {
        own::decode(&replaced(stream, b'\r', b'x'))
    }),
    (
        "a line feed after a carriage return ends a line too",
        |stream| own::decode(&replaced(stream, b'\r', b'\n')),
    ),
    (
        "a line feed after a carriage return ends a line at the start of a chunk",
        |stream| {
            mapped_chunks(stream, |before, chunk| match chunk {
                [b'\n', rest @ ..] if before == Some(b'\r') => [b"\n\n", rest].concat(),
                chunk => chunk.to_vec(),
            })
        },
    ),
    ("a byte order mark is taken for a letter", |stream| {
        let bytes = [b":\n", stream.bytes.as_slice()].concat();
        own::decode(&Stream {
            bytes,
            sizes: stream.sizes.clone(),
        })
    }),
    ("a letter in two chunks is replaced", |stream| {
        mapped_chunks(stream, |_, chunk| {
            String::from_utf8_lossy(chunk).into_owned().into_bytes()
        })
    }),
    ("the last event need not end", |stream| {
        let bytes = [stream.bytes.as_slice(), b"\n\n"].concat();
        own::decode(&Stream {
            bytes,
            sizes: stream.sizes.clone(),
        })
    }),
    ("an empty line at the end of data is lost", |stream| {
        changed(stream, |event| {
            event.data = event.data.trim_end_matches('\n').to_owned()
        })
    }),
    ("all spaces after the colon are stripped", |stream| {
        changed(stream, |event| {
            event.data = event.data.trim_start_matches(' ').to_owned()
        })
    }),
    ("there are no names", |stream| {
        changed(stream, |event| "message".clone_into(&mut event.name))
    }),
    ("there are no ids", |stream| {
        changed(stream, |event| event.id.clear())
    }),
];

/// Mistakes about the limit, by name.
pub const WRONG_LIMITED: [(&str, DecodeLimited); 3] = [
    ("the limit is that of a chunk", |stream, limit| {
        let failed = stream.chunks().any(|chunk| chunk.len() > limit);
        (own::decode(stream), failed)
    }),
    ("the end by the limit is no error", |stream, limit| {
        (own::decode_limited(stream, limit).0, false)
    }),
    ("events after the long one come", |stream, limit| {
        let (mut events, failed) = own::decode_limited(stream, limit);
        if failed {
            events.extend(own::decode(stream).pop());
        }
        (events, failed)
    }),
];

fn replaced(stream: &Stream, byte: u8, other: u8) -> Stream {
    let replace = |old: &u8| if *old == byte { other } else { *old };
    Stream {
        bytes: stream.bytes.iter().map(replace).collect(),
        sizes: stream.sizes.clone(),
    }
}

/// Decodes what `map` makes of each chunk, which also gets the byte before.
fn mapped_chunks(stream: &Stream, map: fn(Option<u8>, &[u8]) -> Vec<u8>) -> Vec<Event> {
    let mut bytes = Vec::new();
    let mut before = None;
    for chunk in stream.chunks() {
        bytes.extend(map(before, chunk));
        before = chunk.last().copied().or(before);
    }
    own::decode(&Stream {
        bytes,
        sizes: Vec::new(),
    })
}

fn changed(stream: &Stream, change: fn(&mut Event)) -> Vec<Event> {
    let mut events = own::decode(stream);
    events.iter_mut().for_each(change);
    events
}
