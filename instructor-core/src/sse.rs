//! Server-sent events, as the HTML standard reads them (9.2.6 "Interpreting an event stream"): bytes in, events out.

mod lines;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::str;

use crate::codec::StreamEvent;
use lines::Lines;

/// The most bytes that an event may have, unless it is said otherwise: 16 MiB.
pub const MAX_EVENT_BYTES: usize = 16 * 1024 * 1024;

/// Turns the bytes of a stream, however they are split, into its events. No I/O: the bytes are pushed.
///
/// What the stream is decoded to depends on its bytes alone, never on how they were split. Reading it takes time in proportion to its
/// length. `retry` fields are ignored, since nothing here reconnects: a request to a model is not resumed, and would be paid twice.
///
/// ```
/// use instructor_core::sse::Decoder;
///
/// let mut decoder = Decoder::new();
/// decoder.push(b"event: delta\ndata: Hel");
/// assert_eq!(decoder.next_event()?, None);
///
/// decoder.push(b"lo\n\n");
/// let event = decoder.next_event()?.expect("it is complete");
/// assert_eq!((event.name, event.data), ("delta", "Hello"));
/// # Ok::<(), instructor_core::sse::TooLong>(())
/// ```
pub struct Decoder {
    limit: usize,
    state: State,
    lines: Lines,
    /// The event that is arriving, or the one that is lent.
    event: Fields,
    last_event_id: String,
}

/// Where the decoder stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// An event is arriving.
    Arriving,
    /// An event is complete and lent.
    Lent,
    /// An event was too long.
    Failed,
}

/// What the decoder has read to the end.
enum Reached {
    /// All that is there.
    End,
    /// An event.
    Event,
    /// An event whose data is here, among the lines.
    Line(Range<usize>),
}

impl Decoder {
    /// A decoder of a stream whose events have at most [`MAX_EVENT_BYTES`].
    pub fn new() -> Self {
        Decoder::with_limit(MAX_EVENT_BYTES)
    }

    /// A decoder of a stream whose events have at most `limit` bytes: its name, its data, and the line that is arriving, whatever that
    /// turns out to be.
    pub fn with_limit(limit: usize) -> Self {
        Decoder {
            limit,
            state: State::Arriving,
            lines: Lines::default(),
            event: Fields::default(),
            last_event_id: String::new(),
        }
    }

    /// Takes the bytes that come next. What is kept of them is bounded by the limit as long as [`Decoder::next_event`] is called until
    /// it gives `None`.
    pub fn push(&mut self, chunk: &[u8]) {
        if self.state != State::Failed {
            self.lines.push(chunk);
        }
    }

    /// The next complete event; `None` if more bytes are needed. At the end of the stream, what is left is no event: the standard
    /// discards it.
    ///
    /// # Errors
    ///
    /// If the event has more bytes than the limit. There is no way on from there: the error comes again, whatever is pushed.
    pub fn next_event(&mut self) -> Result<Option<StreamEvent<'_>>, TooLong> {
        let reached = self.advance()?;
        self.lend(reached)
    }

    /// Whether all that was pushed has been read, and nothing is left of it but what events have had.
    pub(crate) fn is_read(&self) -> bool {
        self.lines.is_read()
    }

    /// Passes over the next event, if `known` knows its data, and gives what it makes of that, and how many bytes of `chunk` the event has.
    /// Those come next and were not pushed yet: an event that is known is not copied.
    ///
    /// `known` is asked when the event may be there and nothing of it was read. It is given the bytes that begin with the data, and says how
    /// many of them are data, which is one line: whoever knows them need not have them searched for the ends of lines, and checked for UTF-8.
    #[cfg(any(test, feature = "openai", feature = "anthropic"))]
    pub(crate) fn pass<'a, T>(
        &'a mut self,
        chunk: &'a [u8],
        known: impl FnOnce(&'a [u8]) -> Option<(T, usize)>,
    ) -> Option<(T, usize)> {
        if self.state == State::Lent {
            self.event.clear();
            self.state = State::Arriving;
        }
        if self.state != State::Arriving || self.event.len() > 0 {
            return None;
        }
        let passed = self.lines.pass(chunk, |bytes| {
            let start = start_of_data(bytes)?;
            let (found, length) = known(bytes.get(start..)?)?;
            let end = start.saturating_add(length);
            let is_whole = end <= self.limit && bytes.get(end..)?.starts_with(b"\n\n");
            is_whole.then_some((found, end + 2))
        })?;
        note_id(&mut self.last_event_id, &self.event);
        Some(passed)
    }

    fn lend(&mut self, reached: Reached) -> Result<Option<StreamEvent<'_>>, TooLong> {
        Ok(match reached {
            Reached::End => None,
            Reached::Event => Some(self.event.as_event()),
            Reached::Line(value) => {
                let value = self.lines.get(value);
                let data = str::from_utf8(value);
                if data.is_err() {
                    push_decoded(&mut self.event.data, value);
                    self.event.data.push('\n');
                    // What takes the place of wrong bytes is longer than they were.
                    if self.event.len() > self.limit {
                        self.state = State::Failed;
                        return Err(TooLong { limit: self.limit });
                    }
                }
                note_id(&mut self.last_event_id, &self.event);
                Some(match data {
                    Ok(data) => StreamEvent::new(self.event.name(), data),
                    Err(_) => self.event.as_event(),
                })
            }
        })
    }

    /// The id that the stream has given last, up to the last event and with it; empty if there was none.
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// Reads up to the end of the next event.
    fn advance(&mut self) -> Result<Reached, TooLong> {
        match self.state {
            State::Arriving => {}
            State::Lent => {
                self.event.clear();
                self.state = State::Arriving;
            }
            State::Failed => return Err(TooLong { limit: self.limit }),
        }
        while let Some(range) = self.lines.next() {
            let line = self.lines.get(range.clone());
            if self.event.len().saturating_add(line.len()) > self.limit {
                return Err(self.fail());
            }
            if !line.is_empty() {
                // Nearly all events have one line of data, and it is the last: it need not be copied.
                if let Some(length) = value_of_data(line).map(<[u8]>::len)
                    && !self.event.is_any()
                    && self.lines.skip_empty()
                {
                    self.state = State::Lent;
                    return Ok(Reached::Line(range.end - length..range.end));
                }
                self.event.read(self.lines.get(range));
                continue;
            }
            // The id counts also where there is no event.
            note_id(&mut self.last_event_id, &self.event);
            if self.event.is_any() {
                self.state = State::Lent;
                return Ok(Reached::Event);
            }
            self.event.clear();
        }
        if self.event.len().saturating_add(self.lines.unfinished()) > self.limit {
            return Err(self.fail());
        }
        Ok(Reached::End)
    }

    /// Ends the stream, and gives back the memory.
    fn fail(&mut self) -> TooLong {
        self.state = State::Failed;
        self.lines = Lines::default();
        self.event = Fields::default();
        TooLong { limit: self.limit }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Decoder::new()
    }
}

/// Only how much there is of an event: it may be private.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("limit", &self.limit)
            .field("last_event_id", &self.last_event_id)
            .field("buffered", &self.lines.unfinished())
            .finish_non_exhaustive()
    }
}

/// An event of a stream has more bytes than it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event of the stream has more than {limit} bytes")]
#[non_exhaustive]
pub struct TooLong {
    /// The most bytes it may have.
    pub limit: usize,
}

/// The buffers of the standard, by their names there.
#[derive(Default)]
struct Fields {
    /// Its "event type buffer".
    name: String,
    /// Its "data buffer": each line with a line feed after it, so that one empty line differs from none.
    data: String,
    /// Its "last event ID buffer", which outlives the event.
    id: String,
}

impl Fields {
    /// Reads a line that is not empty. A line that begins with a colon is a comment: the field without a name.
    fn read(&mut self, line: &[u8]) {
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => line.split_at(colon),
            None => (line, b"".as_slice()),
        };
        let value = without_space(value.strip_prefix(b":").unwrap_or(value));
        match field {
            b"data" => {
                push_decoded(&mut self.data, value);
                self.data.push('\n');
            }
            b"event" => {
                self.name.clear();
                push_decoded(&mut self.name, value);
            }
            b"id" if !value.contains(&0) => {
                self.id.clear();
                push_decoded(&mut self.id, value);
            }
            _ => {}
        }
    }

    /// How many bytes of an event are there.
    fn len(&self) -> usize {
        self.name.len().saturating_add(self.data.len())
    }

    /// Whether this is an event: without data it is none.
    fn is_any(&self) -> bool {
        !self.data.is_empty()
    }

    fn name(&self) -> &str {
        match self.name.as_str() {
            "" => "message",
            name => name,
        }
    }

    fn as_event(&self) -> StreamEvent<'_> {
        let data = self.data.strip_suffix('\n').unwrap_or(&self.data);
        StreamEvent::new(self.name(), data)
    }

    fn clear(&mut self) {
        self.name.clear();
        self.data.clear();
    }
}

/// The last id of the stream is that of the event.
fn note_id(last: &mut String, event: &Fields) {
    if *last != event.id {
        last.clone_from(&event.id);
    }
}

/// What a line says as a field of data, if it is one that has a value.
fn value_of_data(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"data:").map(without_space)
}

/// Where the data of an event begins, if nothing stands before it but a name.
#[cfg(any(test, feature = "openai", feature = "anthropic"))]
fn start_of_data(event: &[u8]) -> Option<usize> {
    let mut start = 0;
    if let Some(name) = event.strip_prefix(b"event: ") {
        let end = memchr::memchr2(b'\n', b'\r', name)?;
        // What takes the place of wrong bytes would count.
        if name.get(end) != Some(&b'\n') || str::from_utf8(name.get(..end)?).is_err() {
            return None;
        }
        start = event.len() - name.len() + end + 1;
    }
    let data = event.get(start..)?.strip_prefix(b"data: ")?;
    Some(event.len() - data.len())
}

/// The value of a field, of which one space belongs to the colon.
fn without_space(value: &[u8]) -> &[u8] {
    value.strip_prefix(b" ").unwrap_or(value)
}

/// Appends `bytes` as the algorithm "UTF-8 decode" of the Encoding standard reads them. Bytes of ASCII, such as the ends of lines, are
/// never part of a longer sequence, so that a line by itself reads the same as within the stream.
fn push_decoded(text: &mut String, bytes: &[u8]) {
    if let Ok(valid) = str::from_utf8(bytes) {
        text.push_str(valid);
        return;
    }
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}
