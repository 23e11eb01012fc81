//! What the lexer makes of a text: for tests that try any text.

use serde_json::{Map, Value};

use super::lexer::{Event, Fault, Lexer, Progress, Sink, Slip};
use super::slips::Slips;

/// What a text is to the lexer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "it is not for people")]
pub enum Lexed {
    /// It begins with a value.
    Whole {
        /// The value that was told. A number is a text, as it was written; a text has a quote before it.
        value: Value,
        /// How many bytes belong to it.
        length: usize,
        /// The text of the value without slips of writing, if there are any.
        mended: Option<String>,
    },
    /// It is the beginning of a value.
    Open,
    /// It is neither.
    Broken,
    /// It is nested too deeply.
    TooDeep,
}

/// Has the lexer read a text that comes in pieces.
pub fn lexed(pieces: &[&str]) -> Lexed {
    let mut lexer = Lexer::new(0);
    let mut telling = Telling::default();
    let mut length = 0;
    for piece in pieces {
        match lexer.push(piece, &mut telling) {
            Progress::Open => length += piece.len(),
            Progress::Done(end) => {
                length += end;
                let text = pieces.concat();
                let text = text.get(..length).unwrap_or_default();
                let slips = telling.slips;
                return Lexed::Whole {
                    value: telling.value,
                    length,
                    mended: (!slips.is_empty()).then(|| slips.mended(text)),
                };
            }
            Progress::Broken(Fault::Syntax, _) => return Lexed::Broken,
            Progress::Broken(Fault::TooDeep, _) => return Lexed::TooDeep,
        }
    }
    Lexed::Open
}

/// Puts the value together that is told.
#[derive(Default)]
struct Telling {
    /// The containers that are open, each with the key at hand.
    open: Vec<(Value, Option<String>)>,
    text: String,
    value: Value,
    slips: Slips,
}

impl Telling {
    fn ends(&mut self, value: Value) {
        match self.open.last_mut() {
            Some((Value::Object(members), key)) => {
                members.insert(key.take().unwrap_or_default(), value);
            }
            Some((Value::Array(items), _)) => items.push(value),
            _ => self.value = value,
        }
    }
}

impl Sink for Telling {
    fn event(&mut self, event: Event<'_>, _at: usize) {
        match event {
            Event::ObjectStart => self.open.push((Value::Object(Map::new()), None)),
            Event::ArrayStart => self.open.push((Value::Array(Vec::new()), None)),
            Event::ObjectEnd | Event::ArrayEnd => {
                if let Some((container, _)) = self.open.pop() {
                    self.ends(container);
                }
            }
            Event::Key(key) => {
                if let Some((_, place)) = self.open.last_mut() {
                    *place = Some(key.to_owned());
                }
            }
            Event::TextStart => "\"".clone_into(&mut self.text),
            Event::Text(more) => self.text.push_str(more),
            Event::TextEnd => {
                let text = std::mem::take(&mut self.text);
                self.ends(text.into());
            }
            Event::Number {
                text,
                is_whole: true,
            } => self.ends(text.into()),
            Event::Number {
                is_whole: false, ..
            } => {}
            Event::Boolean(value) => self.ends(value.into()),
            Event::Null => self.ends(Value::Null),
        }
    }

    fn slip(&mut self, slip: Slip, at: usize) {
        self.slips.slip(slip, at);
    }
}
