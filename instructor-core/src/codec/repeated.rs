//! Events of a stream that say again what the one before said, but for one text.

use super::GrowingResponse;
use crate::json;
use crate::sse::Decoder;

impl GrowingResponse {
    /// Does what an event does that is the one before but for its text. Says whether it was such a one.
    pub(crate) fn repeat(&mut self, data: &str) -> bool {
        match self.repeated.piece(data.as_bytes()) {
            Some((piece, length)) if length == data.len() => {
                self.add(piece);
                true
            }
            _ => false,
        }
    }

    /// Does the same with the next event of `decoder`, if `is_taken` says that its text may be read. What is as before is as right as it
    /// was: only the text is checked for UTF-8 and JSON. The bytes of `chunk` come next; those that were read are taken off.
    pub(crate) fn repeat_next(
        &mut self,
        decoder: &mut Decoder,
        chunk: &mut &[u8],
        is_taken: impl FnOnce(&str) -> bool,
    ) -> bool {
        let passed = decoder.pass(chunk, |data| {
            let known = self.repeated.piece(data);
            known.filter(|(piece, _)| is_taken(piece.inside))
        });
        let Some((piece, length)) = passed else {
            return false;
        };
        self.add(piece);
        *chunk = chunk.get(length..).unwrap_or_default();
        true
    }

    fn add(&mut self, piece: Piece<'_>) {
        let text = match piece.place {
            Place::Text => self.response.text.as_mut(),
            #[cfg(feature = "anthropic")]
            Place::Thought => self.response.reasoning.as_mut(),
            Place::Arguments(number) => self.arguments(number),
        };
        match text {
            Some(text) if piece.has_escapes => json::append_inside(piece.inside, text),
            Some(text) => text.push_str(piece.inside),
            None => {}
        }
    }

    /// Notes an event that was read. `added` is a text in it, with its quotes, and where that was added, if nothing else was done that an
    /// event like it would do again.
    pub(crate) fn note(&mut self, data: &str, added: Option<(Place, &str)>) {
        // An empty text may be the one that does not begin.
        match added.filter(|(_, json)| json.starts_with('"') && json.len() > 2) {
            Some((place, json)) => self.repeated.learn(data, json, place),
            None => self.repeated.forget(),
        }
    }
}

/// The event before, if all it did was to add to a text.
///
/// A model says a few letters at a time, and a vendor puts each into an envelope of hundreds of bytes that are the same every time. An event
/// that has the same bytes around a JSON string means the same, so it need not be read again.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Repeated {
    /// The bytes before the text, with its quote.
    before: String,
    /// The bytes behind it, with its quote.
    after: String,
    /// Which text it was; `None` if the event did something else, too.
    place: Option<Place>,
}

/// A text of a response that grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Text,
    #[cfg(feature = "anthropic")]
    Thought,
    /// The arguments of the call with the vendor's number.
    Arguments(u64),
}

/// What an event adds to a text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece<'a> {
    place: Place,
    /// What stands between the quotes of a JSON string.
    inside: &'a str,
    has_escapes: bool,
}

impl Repeated {
    /// Notes an event in which `json`, a string of it with its quotes, was added to the text at `place`.
    fn learn(&mut self, data: &str, json: &str, place: Place) {
        self.place = None;
        // Of several lines each may be something else next time.
        if data.contains('\n') {
            return;
        }
        // Where the string stands in the event, of which it is a piece.
        let start = (json.as_ptr() as usize).wrapping_sub(data.as_ptr() as usize);
        let inside = start.saturating_add(1)..start.saturating_add(json.len()).saturating_sub(1);
        if let (Some(before), Some(after)) = (data.get(..inside.start), data.get(inside.end..))
            && before.ends_with('"')
            && after.starts_with('"')
        {
            before.clone_into(&mut self.before);
            after.clone_into(&mut self.after);
            self.place = Some(place);
        }
    }

    /// Notes that the event was another one.
    fn forget(&mut self) {
        self.place = None;
    }

    /// What an event like the one before adds, whose data `bytes` begin with, and how many of them are data.
    fn piece<'a>(&self, bytes: &'a [u8]) -> Option<(Piece<'a>, usize)> {
        let place = self.place?;
        let rest = bytes.strip_prefix(self.before.as_bytes())?;
        let (length, has_escapes) = text(rest)?;
        let (inside, rest) = rest.split_at_checked(length)?;
        let rest = rest.strip_prefix(self.after.as_bytes())?;
        let piece = Piece {
            place,
            inside: str::from_utf8(inside).ok()?,
            has_escapes,
        };
        Some((piece, bytes.len() - rest.len()))
    }
}

/// How long a JSON string is that `bytes` begin within, up to its quote, and whether it has escapes; `None` if it is none, or goes on.
fn text(bytes: &[u8]) -> Option<(usize, bool)> {
    let mut length = 0;
    let mut has_escapes = false;
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | ..0x20);
    loop {
        let rest = bytes.get(length..)?;
        let plain = rest.iter().position(is_special)?;
        length += plain;
        length += match rest.get(plain..)? {
            [b'"', ..] => return Some((length, has_escapes)),
            [
                b'\\',
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                ..,
            ] => 2,
            [b'\\', b'u', digits @ ..]
                if digits
                    .get(..4)
                    .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) =>
            {
                6
            }
            _ => return None,
        };
        has_escapes = true;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::codec::Folded;
    use crate::error::CodecError;
    use crate::response::Response;

    /// What comes of events that arrive in two pieces, wherever the first one ends. Each has one line of data, and a name if `name` is one.
    pub(crate) fn split_everywhere(
        name: Option<&str>,
        events: &[&str],
        fold: impl Fn(&mut GrowingResponse, &str) -> Result<Folded, CodecError>,
    ) -> Vec<Response> {
        let name = name.map(|name| format!("event: {name}\n"));
        let name = name.unwrap_or_default();
        let stream: String = events
            .iter()
            .map(|event| format!("{name}data: {}\n\n", event.replace('\n', " ")))
            .collect();
        let read = |at: usize| {
            let (mut decoder, mut growing) = (Decoder::new(), GrowingResponse::new());
            let (before, after) = stream.as_bytes().split_at(at);
            for mut piece in [before, after] {
                loop {
                    while growing.repeat_next(&mut decoder, &mut piece, |_| true) {}
                    decoder.push(std::mem::take(&mut piece));
                    let Some(event) = decoder.next_event().expect("short") else {
                        break;
                    };
                    fold(&mut growing, event.data).expect("an event");
                }
            }
            growing.response
        };
        (0..=stream.len()).map(read).collect()
    }

    #[test]
    fn an_event_that_differs_in_the_text_alone_is_known() {
        let event = |text: &str| format!(r#"{{"a": "", "text": "{text}", "b": 1}}"#);
        let data = event("one");
        let start = data.find("\"one").expect("it is there");
        let mut repeated = Repeated::default();
        let inside = |repeated: &Repeated, data: &str| {
            let followed = format!("{data}\n\n");
            let (piece, length) = repeated.piece(followed.as_bytes())?;
            assert_eq!(length, data.len());
            assert_eq!(piece.place, Place::Text);
            assert_eq!(piece.has_escapes, piece.inside.contains('\\'));
            Some(piece.inside.to_owned())
        };
        assert_eq!(inside(&repeated, &data), None);
        repeated.learn(&data, &data[start..start + 5], Place::Text);
        for text in ["two", "", "a\\\"b\\\\", "\\u00e9\\n", "ü"] {
            assert_eq!(inside(&repeated, &event(text)).as_deref(), Some(text));
        }
        for text in [
            "two\", \"c\": \"",
            "\\",
            "\\\\\"",
            "\\x",
            "\\u00g0",
            "\\u00",
            "\n",
        ] {
            assert_eq!(inside(&repeated, &event(text)), None, "{text}");
        }
        assert_eq!(inside(&repeated, r#"{"a": "", "text": "#), None);
        assert_eq!(inside(&repeated, &event("two").replace('1', "2")), None);
        repeated.forget();
        assert_eq!(inside(&repeated, &event("two")), None);
        let lines = data.replace(": 1", ":\n1");
        repeated.learn(&lines, &lines[start..start + 5], Place::Text);
        assert_eq!(
            inside(&repeated, &lines),
            None,
            "a line may mean something else"
        );
    }
}
