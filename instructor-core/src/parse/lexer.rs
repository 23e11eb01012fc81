//! JSON as it arrives: text in, events out.
//!
//! Each byte is looked at once, in whatever pieces the text comes. Nothing is kept but the nesting, a key or a number that is not
//! whole yet, and half an escape. Besides JSON it takes the slips of writing that have one correction only, and tells of each.
//!
//! A number counts as JSON's grammar has it, of any size; a surrogate without its other half becomes U+FFFD. Whether a type reads
//! either is for serde to say.

mod number;
mod string;

use number::Number;
use string::Text;

/// Containers within containers, as many as `serde_json` takes.
const MAX_DEPTH: u32 = 127;

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event<'a> {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    /// The key of the value that follows.
    Key(&'a str),
    TextStart,
    /// More of a string, escapes resolved.
    Text(&'a str),
    TextEnd,
    /// A number as far as it is there. One that is not whole comes again.
    Number {
        text: &'a str,
        is_whole: bool,
    },
    Boolean(bool),
    Null,
}

/// A mistake of writing that has one correction only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slip {
    /// The comma here stands behind the last item.
    TrailingComma,
    /// There is no comma between the two containers that meet here.
    MissingComma,
    /// The control character here stands in a string.
    ControlInString(char),
    /// The control character here stands between values.
    ControlBetween(char),
}

/// Who is told.
pub(crate) trait Sink {
    /// `at` is where in the text the event begins; of an end, where it ends.
    fn event(&mut self, event: Event<'_>, at: usize);

    fn slip(&mut self, slip: Slip, at: usize) {
        let _ = (slip, at);
    }
}

/// Why a text is no JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Syntax,
    TooDeep,
}

/// How far a push came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// All was read, and the value goes on.
    Open,
    /// The value ended after this many bytes of the piece.
    Done(usize),
    /// It is no value. It began to be none after this many bytes of the piece.
    Broken(Fault, usize),
}

/// Reads one value.
#[derive(Debug)]
pub(crate) struct Lexer {
    state: State,
    /// The containers around what is read, the innermost in the last bit: 1 for an object.
    containers: u128,
    depth: u32,
    /// Where in a larger text the value begins.
    start: usize,
    /// How far that text is read.
    read: usize,
    string: Text,
    number: Number,
}

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Value,
    /// A value, or the end of the array.
    FirstItem,
    /// A key, or the end of the object.
    FirstKey,
    /// Behind the comma at this place.
    ItemAfterComma(usize),
    KeyAfterComma(usize),
    Colon,
    /// A comma or the end; the value before was a container, or none.
    AfterValue {
        was_container: bool,
    },
    InString {
        is_key: bool,
    },
    InNumber,
    /// This many bytes of the word are there.
    InWord {
        word: Word,
        read: usize,
    },
    Done,
    Broken(Fault),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    True,
    False,
    Null,
}

impl Word {
    const fn text(self) -> &'static [u8] {
        match self {
            Word::True => b"true",
            Word::False => b"false",
            Word::Null => b"null",
        }
    }

    const fn event(self) -> Event<'static> {
        match self {
            Word::True => Event::Boolean(true),
            Word::False => Event::Boolean(false),
            Word::Null => Event::Null,
        }
    }
}

impl Lexer {
    /// For a value of which the text begins at `start` in a larger one.
    pub(crate) fn new(start: usize) -> Self {
        Lexer {
            state: State::Value,
            containers: 0,
            depth: 0,
            start,
            read: start,
            string: Text::default(),
            number: Number::default(),
        }
    }

    /// Where in the text the value begins.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Takes a piece that is nothing but more of a text, and says where it stands. Most pieces of an answer are that, and this is the
    /// shortest way to know it; `None` is for [`Lexer::push`].
    #[inline]
    pub(crate) fn more_text(&mut self, piece: &str) -> Option<usize> {
        let is_text = self.state == State::InString { is_key: false };
        if !is_text || !self.string.is_plain(piece) {
            return None;
        }
        let at = self.read;
        self.read += piece.len();
        Some(at)
    }

    /// Reads on.
    pub(crate) fn push(&mut self, piece: &str, sink: &mut impl Sink) -> Progress {
        let bytes = piece.as_bytes();
        let mut index = 0;
        while let Some(&byte) = bytes.get(index) {
            // A byte between values stands for itself: only what is in them is cut out of the piece.
            let rest = || piece.get(index..).unwrap_or_default();
            let taken = match self.state {
                State::Done => return Progress::Done(index),
                State::Broken(fault) => return Progress::Broken(fault, index),
                State::InString { is_key } => self.in_string(rest(), is_key, sink),
                State::InNumber => self.in_number(rest(), sink),
                State::InWord { word, read } => self.in_word(word, read, byte, sink),
                _ => match byte {
                    b' ' | b'\t' | b'\n' | b'\r' => 1,
                    _ => self.between(byte, rest, sink),
                },
            };
            index += taken;
            self.read += taken;
        }
        match self.state {
            State::Done => Progress::Done(index),
            State::Broken(fault) => Progress::Broken(fault, index),
            State::InNumber => {
                let at = self.read - self.number.len();
                if let Some(text) = self.number.news() {
                    let is_whole = false;
                    sink.event(Event::Number { text, is_whole }, at);
                }
                Progress::Open
            }
            _ => Progress::Open,
        }
    }

    fn broken(&mut self) -> usize {
        self.state = State::Broken(Fault::Syntax);
        0
    }

    /// Takes what stands outside of values.
    fn between<'a>(&mut self, byte: u8, rest: impl Fn() -> &'a str, sink: &mut impl Sink) -> usize {
        match (self.state, byte) {
            (State::Colon, b':') => {
                self.state = State::Value;
                1
            }
            (State::AfterValue { .. }, b',') => {
                self.state = if self.is_in_object() {
                    State::KeyAfterComma(self.read)
                } else {
                    State::ItemAfterComma(self.read)
                };
                1
            }
            (State::FirstKey | State::KeyAfterComma(_) | State::AfterValue { .. }, b'}')
                if self.is_in_object() =>
            {
                self.close(Event::ObjectEnd, sink)
            }
            (State::FirstItem | State::ItemAfterComma(_) | State::AfterValue { .. }, b']')
                if !self.is_in_object() =>
            {
                self.close(Event::ArrayEnd, sink)
            }
            (State::FirstKey | State::KeyAfterComma(_), b'"') => {
                self.state = State::InString { is_key: true };
                1
            }
            (State::Value | State::FirstItem | State::ItemAfterComma(_), b'"') => {
                self.state = State::InString { is_key: false };
                sink.event(Event::TextStart, self.read);
                1
            }
            (
                State::AfterValue {
                    was_container: true,
                },
                b'{' | b'[',
            ) if !self.is_in_object() => {
                sink.slip(Slip::MissingComma, self.read);
                self.value(byte, sink)
            }
            (State::Value | State::FirstItem | State::ItemAfterComma(_), _)
                if matches!(byte, b'{' | b'[' | b't' | b'f' | b'n' | b'-' | b'0'..=b'9') =>
            {
                self.value(byte, sink)
            }
            _ => match rest().chars().next() {
                Some(character) if character.is_control() && self.depth > 0 => {
                    sink.slip(Slip::ControlBetween(character), self.read);
                    character.len_utf8()
                }
                _ => self.broken(),
            },
        }
    }

    /// Takes the first byte of a value that is no string.
    fn value(&mut self, byte: u8, sink: &mut impl Sink) -> usize {
        let word = |word| State::InWord { word, read: 1 };
        match byte {
            b'{' => return self.open(Event::ObjectStart, sink),
            b'[' => return self.open(Event::ArrayStart, sink),
            b't' => self.state = word(Word::True),
            b'f' => self.state = word(Word::False),
            b'n' => self.state = word(Word::Null),
            _ => {
                self.state = State::InNumber;
                self.number.begin();
                return 0;
            }
        }
        1
    }

    fn open(&mut self, event: Event<'_>, sink: &mut impl Sink) -> usize {
        if self.depth == MAX_DEPTH {
            self.state = State::Broken(Fault::TooDeep);
            return 0;
        }
        let is_object = event == Event::ObjectStart;
        self.containers = self.containers << 1 | u128::from(is_object);
        self.depth += 1;
        self.state = if is_object {
            State::FirstKey
        } else {
            State::FirstItem
        };
        sink.event(event, self.read);
        1
    }

    fn close(&mut self, event: Event<'_>, sink: &mut impl Sink) -> usize {
        if let State::ItemAfterComma(comma) | State::KeyAfterComma(comma) = self.state {
            sink.slip(Slip::TrailingComma, comma);
        }
        self.containers >>= 1;
        self.depth -= 1;
        self.ended(true);
        sink.event(event, self.read + 1);
        1
    }

    /// A value is read.
    fn ended(&mut self, was_container: bool) {
        self.state = if self.depth == 0 {
            State::Done
        } else {
            State::AfterValue { was_container }
        };
    }

    fn is_in_object(&self) -> bool {
        self.depth > 0 && self.containers & 1 == 1
    }

    fn in_word(&mut self, word: Word, read: usize, byte: u8, sink: &mut impl Sink) -> usize {
        if word.text().get(read) != Some(&byte) {
            return self.broken();
        }
        let read = read + 1;
        if read == word.text().len() {
            self.ended(false);
            sink.event(word.event(), self.read + 1 - read);
        } else {
            self.state = State::InWord { word, read };
        }
        1
    }

    fn in_number(&mut self, rest: &str, sink: &mut impl Sink) -> usize {
        let taken = self.number.take(rest);
        if taken == rest.len() {
            return taken;
        }
        match self.number.whole() {
            Some(text) => {
                let at = self.read + taken - text.len();
                let is_whole = true;
                sink.event(Event::Number { text, is_whole }, at);
                self.ended(false);
            }
            None => {
                self.broken();
            }
        }
        taken
    }

    fn in_string(&mut self, rest: &str, is_key: bool, sink: &mut impl Sink) -> usize {
        match self.string.take(rest, is_key, self.read, sink) {
            string::Taken::More(taken) => taken,
            string::Taken::End(taken) => {
                if is_key {
                    self.state = State::Colon;
                } else {
                    self.ended(false);
                    sink.event(Event::TextEnd, self.read + taken);
                }
                taken
            }
            string::Taken::Broken(taken) => {
                self.broken();
                taken
            }
        }
    }
}

#[cfg(test)]
mod tests;
