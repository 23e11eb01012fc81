//! The codecs: bodies of success and of failure and streams, of every dialect.
//!
//! An answer that is written here in the vendors' words must be read as what was said, as a whole and as a stream. Any other bytes must
//! be a response or an error.

mod input;
mod recorded;
mod said;
mod written;
mod wrong;

use std::fmt::{self, Debug};

use http::StatusCode;
use instructor_core::provider::{anthropic, openai, openai_responses};
use instructor_core::sse::Decoder;
use instructor_core::{
    ApiError, Codec, CodecError, FinishReason, Folded, GrowingResponse, Response, StreamEvent,
};

pub use input::{Input, Recipe};
pub use said::Said;
pub use wrong::WRONG;

use said::End;
use written::{Written, written_for};

/// Those of all dialects.
pub const CODECS: [&dyn Codec; 3] = [
    &openai::STANDARD,
    &openai_responses::STANDARD,
    &anthropic::STANDARD,
];

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    name: String,
    data: String,
}

impl Event {
    fn new(name: &str, data: String) -> Self {
        Event {
            name: name.to_owned(),
            data,
        }
    }
}

/// What a codec makes of what comes.
#[derive(Clone, Copy)]
pub struct Reader {
    /// Of a body of success.
    pub decode: fn(&dyn Codec, &[u8]) -> Result<Response, CodecError>,
    /// Of a body of failure.
    pub decode_error: fn(&dyn Codec, StatusCode, &[u8]) -> ApiError,
    /// Of a stream: how it ends, and the response until then. `Part` if it does not end.
    pub fold: fn(&dyn Codec, &[Event]) -> (Result<Folded, CodecError>, Response),
}

/// The codecs of instructor-core.
pub const OWN: Reader = Reader {
    decode: |codec, body| codec.decode(body),
    decode_error: |codec, status, body| codec.decode_error(status, body),
    fold: |codec, events| {
        let mut growing = GrowingResponse::new();
        for event in events {
            let event = StreamEvent::new(&event.name, &event.data);
            match codec.fold(&mut growing, event) {
                Ok(Folded::Part) => {}
                end => return (end, growing.response),
            }
        }
        (Ok(Folded::Part), growing.response)
    },
};

/// An input is read as something else than it is.
#[derive(thiserror::Error)]
#[error("{dialect}: {input:?}\n{name}: {expected}\nand not {found}")]
pub struct Difference {
    /// The dialect.
    pub dialect: &'static str,
    /// The input.
    pub input: Input,
    /// Which property does not hold.
    pub name: &'static str,
    /// What should be.
    pub expected: String,
    /// What is.
    pub found: String,
}

impl Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Holds what `reader` makes of an input in every dialect against what it is.
///
/// # Errors
///
/// If it differs.
pub fn compare(input: &Input, reader: Reader) -> Result<(), Difference> {
    for codec in CODECS {
        let comparison = Comparison {
            codec,
            reader,
            input,
        };
        match input {
            Input::Said(said) => comparison.said(said, &written_for(codec)(said))?,
            Input::Bytes(bytes) => comparison.bytes(bytes)?,
        }
    }
    Ok(())
}

struct Comparison<'a> {
    codec: &'a dyn Codec,
    reader: Reader,
    input: &'a Input,
}

impl Comparison<'_> {
    fn check<T: PartialEq + Debug>(
        &self,
        name: &'static str,
        expected: &T,
        found: &T,
    ) -> Result<(), Difference> {
        if expected == found {
            return Ok(());
        }
        Err(Difference {
            dialect: self.codec.dialect(),
            input: self.input.clone(),
            name,
            expected: format!("{expected:?}"),
            found: format!("{found:?}"),
        })
    }

    /// An answer is what was said, however it comes.
    fn said(&self, said: &Said, written: &Written) -> Result<(), Difference> {
        let expected = self.expected(said);
        let whole = (self.reader.decode)(self.codec, written.body.as_bytes());
        self.check("the whole", &Ok(expected.clone()), &whole)?;
        let folded = (self.reader.fold)(self.codec, &written.events);
        self.check("the stream", &(Ok(Folded::End), expected.clone()), &folded)?;
        let _ = self.spaced(&written.events)?;
        self.written_again(&expected)
    }

    fn expected(&self, said: &Said) -> Response {
        let mut response = said.response();
        // Anthropic has no other words for a refusal than those of the answer.
        if self.codec.dialect() == anthropic::STANDARD.dialect() {
            let is_refused = said.end == End::Filter;
            let reason = response.text.clone();
            let reason = || reason.unwrap_or_else(|| "no reason given".to_owned());
            response.refusal = is_refused.then(reason);
            if is_refused {
                response.finish_reason = Some(FinishReason::Refusal);
            }
        }
        response
    }

    fn bytes(&self, bytes: &[u8]) -> Result<(), Difference> {
        let is_bounded = |message: &str| message.len() <= bytes.len() + 256;
        match (self.reader.decode)(self.codec, bytes) {
            Ok(response) => self.written_again(&response)?,
            Err(error) => self.check("short", &true, &is_bounded(&error.message))?,
        }
        for status in [StatusCode::BAD_REQUEST, StatusCode::SERVICE_UNAVAILABLE] {
            let error = (self.reader.decode_error)(self.codec, status, bytes);
            self.check("the status", &status, &error.status)?;
            self.check("short", &true, &is_bounded(&error.message))?;
        }
        let mut decoder = Decoder::new();
        decoder.push(bytes);
        let mut events = Vec::new();
        while let Ok(Some(event)) = decoder.next_event() {
            events.push(Event::new(event.name, event.data.to_owned()));
        }
        if let (Ok(Folded::End), response) = self.spaced(&events)? {
            self.written_again(&response)?;
        }
        Ok(())
    }

    /// An event that only adds to a text is not read whole if the one before was like it. With a space before each second event none is.
    fn spaced(
        &self,
        events: &[Event],
    ) -> Result<(Result<Folded, CodecError>, Response), Difference> {
        let spaced: Vec<_> = events
            .iter()
            .zip([" ", "\t"].into_iter().cycle())
            .map(|(event, space)| Event::new(&event.name, format!("{space}{}", event.data)))
            .collect();
        let end = |(folded, response): (Result<Folded, CodecError>, Response)| {
            // The messages say at which byte.
            let folded = folded.map_err(drop);
            let folded = folded.map(|folded| match folded {
                Folded::Error(error) => Some((error.status, error.kind, error.code)),
                Folded::End => Some((StatusCode::OK, None, None)),
                _ => None,
            });
            (folded, response)
        };
        let folded = (self.reader.fold)(self.codec, events);
        let apart = (self.reader.fold)(self.codec, &spaced);
        self.check(
            "no event like the one before",
            &end(apart),
            &end(folded.clone()),
        )?;
        Ok(folded)
    }

    /// What was read can be written, and is then read as the same: so caches and traces keep it.
    fn written_again(&self, response: &Response) -> Result<(), Difference> {
        let written = self.codec.encode_response(response);
        let again = written.and_then(|body| (self.reader.decode)(self.codec, &body));
        self.check("written again", &Ok(response.clone()), &again)
    }
}
