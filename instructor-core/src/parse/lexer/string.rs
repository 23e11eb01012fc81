//! A string as it arrives.

use super::{Event, Sink, Slip};

/// The string that is being read.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// What is not told yet: a key until it is whole, and a text with escapes until the piece ends.
    untold: String,
    escape: Escape,
    /// The first half of a surrogate pair.
    high: Option<u32>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Escape {
    #[default]
    None,
    /// Behind the backslash.
    Begun,
    /// Behind `\u` and this many digits.
    Unicode { digits: u8, code: u32 },
}

/// How much of a text a string took.
pub(super) enum Taken {
    /// The string goes on.
    More(usize),
    /// Its last byte is the closing quote.
    End(usize),
    /// What follows cannot stand in a string.
    Broken(usize),
}

/// The bytes that mean something else than themselves in a string.
#[expect(
    clippy::indexing_slicing,
    reason = "there is a place for every byte, and the compiler runs this"
)]
static SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        special[control] = true;
        control += 1;
    }
    special[b'"' as usize] = true;
    special[b'\\' as usize] = true;
    special
};

/// How many bytes come before the first special one.
#[inline]
fn plain_length(text: &str) -> usize {
    let is_special = |byte: u8| SPECIAL.get(usize::from(byte)).copied().unwrap_or_default();
    text.bytes().position(is_special).unwrap_or(text.len())
}

impl Text {
    /// Whether `piece` is a part of the string as it stands.
    #[inline]
    pub(super) fn is_plain(&self, piece: &str) -> bool {
        self.escape == Escape::None
            && self.high.is_none()
            && self.untold.is_empty()
            && plain_length(piece) == piece.len()
    }

    /// Reads on, up to the end of the string or of the piece. `rest` stands `at` this place in the text.
    pub(super) fn take(
        &mut self,
        rest: &str,
        is_key: bool,
        at: usize,
        sink: &mut impl Sink,
    ) -> Taken {
        let mut taken = 0;
        let mut ahead = rest;
        while let Some(&byte) = ahead.as_bytes().first() {
            if self.escape != Escape::None {
                if !self.escaped(byte) {
                    self.tell(is_key, at, sink);
                    return Taken::Broken(taken);
                }
                taken += 1;
                ahead = ahead.get(1..).unwrap_or_default();
                continue;
            }
            let length = plain_length(ahead);
            let (plain, after) = ahead.split_at_checked(length).unwrap_or_default();
            let next = after.bytes().next();
            // Nearly all of a text has no escapes, and needs no copy; nor does a key that is there at once.
            if self.untold.is_empty() && self.high.is_none() {
                let end = taken + length + 1;
                match next {
                    Some(b'"') if is_key => {
                        sink.event(Event::Key(plain), at + end);
                        return Taken::End(end);
                    }
                    None | Some(b'"') if !is_key => {
                        if !plain.is_empty() {
                            sink.event(Event::Text(plain), at + taken);
                        }
                        return match next {
                            Some(_) => Taken::End(end),
                            None => Taken::More(rest.len()),
                        };
                    }
                    _ => {}
                }
            }
            if !plain.is_empty() {
                self.add(plain);
            }
            taken += length + usize::from(next.is_some());
            ahead = after.get(1..).unwrap_or_default();
            match next {
                None => break,
                Some(b'"') => {
                    self.add("");
                    self.tell(is_key, at, sink);
                    if is_key {
                        sink.event(Event::Key(&self.untold), at + taken);
                        self.untold.clear();
                    }
                    return Taken::End(taken);
                }
                Some(b'\\') => self.escape = Escape::Begun,
                Some(control) => {
                    let control = char::from(control);
                    sink.slip(Slip::ControlInString(control), at + taken - 1);
                    self.character(control);
                }
            }
        }
        self.tell(is_key, at, sink);
        Taken::More(taken)
    }

    /// Tells what there is of a text.
    fn tell(&mut self, is_key: bool, at: usize, sink: &mut impl Sink) {
        if !is_key && !self.untold.is_empty() {
            sink.event(Event::Text(&self.untold), at);
            self.untold.clear();
        }
    }

    /// Takes a byte of an escape. Says whether it can be one.
    fn escaped(&mut self, byte: u8) -> bool {
        let simple = match (self.escape, byte) {
            (Escape::Unicode { digits, code }, _) => {
                let Some(digit) = char::from(byte).to_digit(16) else {
                    return false;
                };
                let code = code << 4 | digit;
                if digits < 3 {
                    let digits = digits + 1;
                    self.escape = Escape::Unicode { digits, code };
                } else {
                    self.escape = Escape::None;
                    self.unit(code);
                }
                return true;
            }
            (_, b'u') => {
                self.escape = Escape::Unicode { digits: 0, code: 0 };
                return true;
            }
            (_, b'"' | b'\\' | b'/') => char::from(byte),
            (_, b'b') => '\u{8}',
            (_, b'f') => '\u{c}',
            (_, b'n') => '\n',
            (_, b'r') => '\r',
            (_, b't') => '\t',
            _ => return false,
        };
        self.escape = Escape::None;
        self.character(simple);
        true
    }

    /// Takes a unit of UTF-16: a character, or half of one.
    fn unit(&mut self, code: u32) {
        match (self.high.take(), code) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00);
                self.character(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            (high, _) => {
                self.high = high;
                if (0xD800..=0xDBFF).contains(&code) {
                    self.add("");
                    self.high = Some(code);
                } else {
                    self.character(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            }
        }
    }

    fn character(&mut self, character: char) {
        self.add(character.encode_utf8(&mut [0; 4]));
    }

    /// Adds what follows: half a pair before it stays half.
    fn add(&mut self, more: &str) {
        if self.high.take().is_some() {
            self.untold.push(char::REPLACEMENT_CHARACTER);
        }
        self.untold.push_str(more);
    }
}
