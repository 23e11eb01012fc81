//! Codecs with a mistake each, which the comparison must find: they show that it can fail.

use http::StatusCode;
use instructor_core::{Codec, CodecError, Folded, Response};

use super::{Event, OWN, Reader};

/// The mistakes by name.
pub const WRONG: [(&str, Reader); 10] = [
    (
        "a whole loses what was used",
        Reader {
            decode: |codec, body| decoded(codec, body, |response| response.usage = None),
            ..OWN
        },
    ),
    (
        "a text loses the spaces at its end",
        Reader {
            decode: |codec, body| {
                decoded(codec, body, |response| {
                    let text = response.text.as_deref();
                    response.text = text.map(|text| text.trim_end().to_owned());
                })
            },
            ..OWN
        },
    ),
    (
        "there is only one call",
        Reader {
            decode: |codec, body| decoded(codec, body, |response| response.tool_calls.truncate(1)),
            ..OWN
        },
    ),
    (
        "nothing ends for a reason",
        Reader {
            decode: |codec, body| decoded(codec, body, |response| response.finish_reason = None),
            ..OWN
        },
    ),
    (
        "the status is lost",
        Reader {
            decode_error: |codec, _, body| {
                (OWN.decode_error)(codec, StatusCode::INTERNAL_SERVER_ERROR, body)
            },
            ..OWN
        },
    ),
    (
        "an error has its body twice",
        Reader {
            decode_error: |codec, status, body| {
                let mut error = (OWN.decode_error)(codec, status, body);
                error.message = String::from_utf8_lossy(&body.repeat(2)).into_owned();
                error
            },
            ..OWN
        },
    ),
    (
        "the first event is lost",
        Reader {
            fold: |codec, events| (OWN.fold)(codec, events.get(1..).unwrap_or_default()),
            ..OWN
        },
    ),
    (
        "an event is lost that is the one before",
        Reader {
            fold: |codec, events| {
                let mut events = events.to_vec();
                events.dedup();
                (OWN.fold)(codec, &events)
            },
            ..OWN
        },
    ),
    (
        "an event is lost that begins like the one before",
        Reader {
            fold: |codec, events| {
                let mut events = events.to_vec();
                let head = |event: &Event| event.data.as_bytes().first_chunk::<60>().copied();
                events
                    .dedup_by(|second, first| head(first).is_some() && head(first) == head(second));
                (OWN.fold)(codec, &events)
            },
            ..OWN
        },
    ),
    (
        "the end is a part",
        Reader {
            fold: |codec, events| {
                let (folded, response) = (OWN.fold)(codec, events);
                let is_end = folded == Ok(Folded::End);
                (if is_end { Ok(Folded::Part) } else { folded }, response)
            },
            ..OWN
        },
    ),
];

fn decoded(
    codec: &dyn Codec,
    body: &[u8],
    change: fn(&mut Response),
) -> Result<Response, CodecError> {
    let mut response = (OWN.decode)(codec, body)?;
    change(&mut response);
    Ok(response)
}
