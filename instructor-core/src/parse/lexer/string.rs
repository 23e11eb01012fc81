//! A string as it arrives.

use super::{Event, Sink, Slip};

/// The string that is being read.
#[derive(Debug, Default)]
pub(super) struct Text {
    /// A key is told when it is whole.
    key: String,
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

impl Text {
    /// Reads on: up to an escape or the end. `rest` stands `at` this place in the text.
    pub(super) fn take(
        &mut self,
        rest: &str,
        is_key: bool,
        at: usize,
        sink: &mut impl Sink,
    ) -> Taken {
        let mut rest_bytes = rest.bytes();
        if self.escape != Escape::None {
            let byte = rest_bytes.next().unwrap_or_default();
            return self.escaped(byte, is_key, at, sink);
        }
        let is_special = |byte: u8| byte == b'"' || byte == b'\\' || byte < 0x20;
        let plain = rest_bytes.position(is_special).unwrap_or(rest.len());
        if plain > 0 {
            self.give(rest.get(..plain).unwrap_or_default(), is_key, at, sink);
        }
        match rest.as_bytes().get(plain) {
            None => Taken::More(plain),
            Some(b'"') => {
                self.give("", is_key, at, sink);
                if is_key {
                    sink.event(Event::Key(&self.key), at + plain + 1);
                    self.key.clear();
                }
                Taken::End(plain + 1)
            }
            Some(b'\\') => {
                self.escape = Escape::Begun;
                Taken::More(plain + 1)
            }
            Some(control) => {
                let control = char::from(*control);
                sink.slip(Slip::ControlInString(control), at + plain);
                self.character(control, is_key, at, sink);
                Taken::More(plain + 1)
            }
        }
    }

    fn escaped(&mut self, byte: u8, is_key: bool, at: usize, sink: &mut impl Sink) -> Taken {
        let simple = match (self.escape, byte) {
            (Escape::Unicode { digits, code }, _) => {
                let Some(digit) = char::from(byte).to_digit(16) else {
                    return Taken::Broken(0);
                };
                let code = code << 4 | digit;
                if digits < 3 {
                    let digits = digits + 1;
                    self.escape = Escape::Unicode { digits, code };
                } else {
                    self.escape = Escape::None;
                    self.unit(code, is_key, at, sink);
                }
                return Taken::More(1);
            }
            (_, b'u') => {
                self.escape = Escape::Unicode { digits: 0, code: 0 };
                return Taken::More(1);
            }
            (_, b'"' | b'\\' | b'/') => char::from(byte),
            (_, b'b') => '\u{8}',
            (_, b'f') => '\u{c}',
            (_, b'n') => '\n',
            (_, b'r') => '\r',
            (_, b't') => '\t',
            _ => return Taken::Broken(0),
        };
        self.escape = Escape::None;
        self.character(simple, is_key, at, sink);
        Taken::More(1)
    }

    /// Takes a unit of UTF-16: a character, or half of one.
    fn unit(&mut self, code: u32, is_key: bool, at: usize, sink: &mut impl Sink) {
        match (self.high.take(), code) {
            (Some(high), 0xDC00..=0xDFFF) => {
                let code = 0x1_0000 + ((high - 0xD800) << 10) + (code - 0xDC00);
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                self.character(character, is_key, at, sink);
            }
            (high, _) => {
                self.high = high;
                if (0xD800..=0xDBFF).contains(&code) {
                    self.give("", is_key, at, sink);
                    self.high = Some(code);
                } else {
                    let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                    self.character(character, is_key, at, sink);
                }
            }
        }
    }

    fn character(&mut self, character: char, is_key: bool, at: usize, sink: &mut impl Sink) {
        self.give(character.encode_utf8(&mut [0; 4]), is_key, at, sink);
    }

    fn give(&mut self, text: &str, is_key: bool, at: usize, sink: &mut impl Sink) {
        if self.high.take().is_some() {
            self.give("\u{fffd}", is_key, at, sink);
        }
        if text.is_empty() {
            return;
        }
        if is_key {
            self.key.push_str(text);
        } else {
            sink.event(Event::Text(text), at);
        }
    }
}
