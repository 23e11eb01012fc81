//! The decoder of server-sent events, beside two others.

mod corpus;
mod oracle;
mod own;
mod stream;
mod wrong;

use std::fmt;

pub use oracle::ORACLES;
pub use own::{decode, decode_limited};
pub use stream::{Recipe, Stream};
pub use wrong::{WRONG, WRONG_LIMITED};

/// An event, with the id that was the last one when it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// Its data.
    pub data: String,
    /// The last event id.
    pub id: String,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { name, data, id } = self;
        write!(f, "{name:?} {data:?} id {id:?}")
    }
}

/// A decoder: the events of a stream.
pub type Decode = fn(&Stream) -> Vec<Event>;

/// A decoder with a limit: the events of a stream, and whether one was too long.
pub type DecodeLimited = fn(&Stream, usize) -> (Vec<Event>, bool);

/// Two decoders take a stream for different events.
#[derive(Debug, thiserror::Error)]
#[error("{stream:?}\nwith {name} is {expected:#?}\nand not {events:#?}")]
pub struct Difference {
    /// The stream, escaped.
    pub stream: Stream,
    /// Who differs.
    pub name: &'static str,
    /// What it has found.
    pub expected: Vec<Event>,
    /// What the decoder under test has found.
    pub events: Vec<Event>,
}

/// Holds what `decode` makes of a stream against every oracle.
///
/// # Errors
///
/// If it differs from one.
pub fn compare(stream: &Stream, decode: Decode) -> Result<(), Difference> {
    let events = decode(stream);
    for (name, oracle) in ORACLES {
        let expected = oracle(stream);
        if events != expected {
            return Err(Difference {
                stream: stream.clone(),
                name,
                expected,
                events,
            });
        }
    }
    Ok(())
}

/// Holds a decoder with a limit against itself and against the one without: the limit must end a stream at the same event however the
/// stream is split, and change nothing before.
///
/// # Errors
///
/// If it does not.
pub fn compare_limited(
    stream: &Stream,
    limit: usize,
    decode_limited: DecodeLimited,
) -> Result<(), Difference> {
    let (events, failed) = decode_limited(stream, limit);
    let difference = |name, expected| Difference {
        stream: stream.clone(),
        name,
        expected,
        events: events.clone(),
    };
    let (whole, whole_failed) = decode_limited(&stream.unsplit(), limit);
    if whole != events || whole_failed != failed {
        return Err(difference("the same limit without splits", whole));
    }
    let unlimited = decode(stream);
    if !unlimited.starts_with(&events) || (!failed && unlimited.len() != events.len()) {
        return Err(difference("no limit", unlimited));
    }
    Ok(())
}
