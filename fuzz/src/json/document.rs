//! Random documents: written by the grammar, any or nearly a [`Record`](super::Record), and then changed a little or not at all.

use std::{fmt, iter};

use bolero::TypeGenerator;

use super::words::{INSERTED, KEYS, LETTERS, NUMBERS, SLIPS, SPACES};
use crate::change::pick;

/// How a document is made.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Recipe {
    form: Form,
    /// What is drawn at each place of the grammar, one after the other.
    #[generator(bolero::produce::<Vec<u8>>().with().len(0usize..160))]
    draws: Vec<u8>,
    #[generator(bolero::produce::<Vec<Change>>().with().len(0usize..5))]
    changes: Vec<Change>,
    /// Whether they are made.
    is_changed: bool,
    /// The sizes of the pieces, over and over.
    #[generator(bolero::produce::<Vec<u8>>().with().len(0usize..12))]
    sizes: Vec<u8>,
}

#[derive(Debug, Clone, TypeGenerator)]
enum Form {
    Any,
    Record,
    /// This many containers in each other.
    Deep(u8),
}

/// A change of a document, at a place that is a fraction of its length.
#[derive(Debug, Clone, TypeGenerator)]
enum Change {
    Insert {
        place: u16,
        word: u8,
    },
    Remove {
        place: u16,
        length: u8,
    },
    Repeat {
        place: u16,
        length: u8,
    },
    End {
        place: u16,
    },
    Before {
        word: u8,
    },
    /// One of the mistakes that are mended.
    Slip {
        place: u16,
        kind: u8,
    },
}

impl Recipe {
    /// The document.
    pub fn document(&self) -> Document {
        let mut writer = Writer {
            draws: self.draws.iter(),
            text: String::new(),
        };
        match self.form {
            Form::Any => writer.container(0),
            Form::Record => writer.record(0),
            Form::Deep(levels) => writer.nest(levels),
        }
        let mut text = writer.text;
        if self.is_changed {
            self.changes
                .iter()
                .for_each(|change| change.apply(&mut text));
        }
        Document {
            text,
            // Small pieces are the more interesting ones.
            sizes: self
                .sizes
                .iter()
                .map(|size| usize::from(*size % 12))
                .collect(),
        }
    }
}

impl Change {
    fn apply(&self, text: &mut String) {
        let at = |place: u16| {
            let at = text.len() * usize::from(place) / usize::from(u16::MAX);
            boundary(text, at)
        };
        let range = |place: u16, length: u8| {
            let start = at(place);
            start..boundary(text, text.len().min(start + usize::from(length % 16)))
        };
        match *self {
            Change::Insert { place, word } => text.insert_str(at(place), pick(&INSERTED, word)),
            Change::Remove { place, length } => text.replace_range(range(place, length), ""),
            Change::Repeat { place, length } => {
                let range = range(place, length);
                let repeated = text[range.clone()].to_owned();
                text.insert_str(range.end, &repeated);
            }
            Change::End { place } => text.truncate(at(place)),
            Change::Before { word } => text.insert_str(0, pick(&INSERTED, word)),
            Change::Slip { place, kind } => {
                let (mark, slip) = SLIPS[usize::from(kind) % SLIPS.len()];
                let place = at(place);
                if let Some(found) = text[place..].find(mark) {
                    text.replace_range(place + found..place + found + mark.len(), slip);
                }
            }
        }
    }
}

/// Writes what the draws say; without more of them, the least that can stand there.
struct Writer<'a> {
    draws: std::slice::Iter<'a, u8>,
    text: String,
}

impl Writer<'_> {
    fn draw(&mut self) -> u8 {
        self.draws.next().copied().unwrap_or_default()
    }

    fn put(&mut self, words: &[&'static str]) {
        let draw = self.draw();
        self.text.push_str(pick(words, draw));
    }

    fn space(&mut self) {
        self.put(&SPACES);
    }

    fn string(&mut self) {
        self.text.push('"');
        for _ in 0..self.draw() % 6 {
            self.put(&LETTERS);
        }
        self.text.push('"');
    }

    fn any(&mut self, depth: u8) {
        match self.draw() % 10 {
            0 => self.text.push_str("null"),
            1 => self.text.push_str("true"),
            2 => self.text.push_str("false"),
            3 | 4 => self.put(&NUMBERS),
            5 | 6 => self.string(),
            _ if depth < 8 => self.container(depth + 1),
            _ => self.text.push_str("[]"),
        }
    }

    fn container(&mut self, depth: u8) {
        let count = self.draw() % 5;
        if self.draw().is_multiple_of(2) {
            self.object(count, |writer, _| {
                writer.text.push('"');
                writer.put(&KEYS);
                writer.text.push_str("\":");
                writer.space();
                writer.any(depth);
            });
        } else {
            self.list(count, |writer| writer.any(depth));
        }
    }

    fn object(&mut self, count: u8, mut member: impl FnMut(&mut Self, u8)) {
        self.separated(('{', '}'), count, &mut member);
    }

    fn list(&mut self, count: u8, mut item: impl FnMut(&mut Self)) {
        self.separated(('[', ']'), count, &mut |writer, _| item(writer));
    }

    fn separated(
        &mut self,
        (open, close): (char, char),
        count: u8,
        part: &mut dyn FnMut(&mut Self, u8),
    ) {
        self.text.push(open);
        for number in 0..count {
            if number > 0 {
                self.text.push(',');
            }
            self.space();
            part(self, number);
            self.space();
        }
        self.text.push(close);
    }

    /// Now and then something that does not belong there.
    fn often(&mut self, depth: u8, fitting: impl FnOnce(&mut Self)) {
        if self.draw() % 16 == 1 {
            self.any(depth);
        } else {
            fitting(self);
        }
    }

    fn member(&mut self, key: &str, depth: u8, value: impl FnOnce(&mut Self)) {
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
        self.space();
        self.often(depth, value);
    }

    fn words(&mut self, words: &[&'static str]) {
        self.put(words);
    }

    /// The members of a record, in any order; now and then one is missing or comes again.
    fn record(&mut self, depth: u8) {
        let first = self.draw();
        let step = [1, 1, 5, 7, 11][usize::from(self.draw() % 5)];
        let count = 13 - u8::from(self.draw() % 8 == 1) + u8::from(self.draw() % 8 == 1);
        self.object(count, |writer, number| {
            writer.field(first.wrapping_add(number.wrapping_mul(step)) % 13, depth);
        });
    }

    fn field(&mut self, field: u8, depth: u8) {
        let inner = depth + 1;
        let count = self.draw() % 4;
        match field {
            0 => self.member("title", depth, Self::string),
            1 => self.member("count", depth, |it| it.words(&["0", "7", "12", "\"3\""])),
            2 => self.member("ratio", depth, |it| it.words(&["null", "0.5", "1e3", "-2"])),
            3 => self.member("tags", depth, |it| it.list(count, Self::string)),
            4 => self.member("notes", depth, |it| {
                it.object(count, |it, _| {
                    it.string();
                    it.text.push(':');
                    it.words(&["1", "null", "-5"]);
                });
            }),
            5 => self.member("kind", depth, |it| {
                it.words(&[
                    "\"Dot\"",
                    "{\"Circle\": 1.5}",
                    "{\"Line\": {\"from\": \"a\", \"to\": \"\\u00fc\"}}",
                ]);
            }),
            6 => self.member("events", depth, |it| {
                it.list(count, |it| {
                    it.words(&[
                        "{\"type\": \"started\", \"at\": \"noon\"}",
                        "{\"at\": \"noon\", \"type\": \"started\"}",
                        "{\"x\": 1, \"type\": \"moved\", \"y\": -2}",
                        "{\"type\": \"ended\"}",
                    ]);
                });
            }),
            7 => self.member("adjacent", depth, |it| {
                it.words(&[
                    "{\"type\": \"Text\", \"value\": \"a\\nb\"}",
                    "{\"value\": 4, \"type\": \"Number\"}",
                    "{\"type\": \"Number\", \"value\": 4}",
                ]);
            }),
            8 => self.member("either", depth, |it| {
                it.words(&["5", "{\"x\": 1, \"y\": 2}", "{\"y\": 2, \"x\": 1}"]);
            }),
            9 => self.member("pair", depth, |it| {
                it.words(&["[1, true]", "[255,false]", "null"])
            }),
            10 if depth < 3 && count == 3 => {
                self.member("child", depth, |it| it.record(inner));
            }
            10 => self.member("child", depth, |it| it.words(&["null"])),
            11 => self.member("any", depth, |it| it.any(inner)),
            _ => {
                self.member("x", depth, |it| it.words(&["1", "-30"]));
                self.text.push(',');
                self.member("y", depth, |it| it.words(&["0", "31"]));
            }
        }
    }

    /// Objects and lists in each other.
    fn nest(&mut self, levels: u8) {
        let draw = self.draw();
        let is_list = |level: u8| draw >> (level % 8) & 1 == 0;
        for level in 0..levels {
            self.text
                .push_str(if is_list(level) { "[" } else { "{\"a\":" });
        }
        self.any(0);
        for level in (0..levels).rev() {
            self.text.push(if is_list(level) { ']' } else { '}' });
        }
    }
}

/// The next place at which a text can be split.
fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

/// A text, and how it is split.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    /// All of it.
    pub text: String,
    /// The sizes of the pieces, over and over; none for a single piece.
    pub sizes: Vec<usize>,
}

impl Document {
    /// The pieces, empty ones too. A piece ends with a whole character.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.text.as_str();
        let is_split = self.sizes.iter().any(|size| *size > 0);
        let mut sizes = self.sizes.iter().cycle().copied();
        iter::from_fn(move || {
            let size = match sizes.next() {
                Some(size) if is_split => boundary(rest, size.min(rest.len())),
                _ => rest.len(),
            };
            let (piece, after) = rest.split_at_checked(size).filter(|_| !rest.is_empty())?;
            rest = after;
            Some(piece)
        })
    }

    /// The same text in one piece.
    pub fn unsplit(&self) -> Document {
        Document {
            text: self.text.clone(),
            sizes: Vec::new(),
        }
    }

    /// Without JSON's white space around it.
    pub fn trimmed(&self) -> Document {
        let is_space = |character| matches!(character, ' ' | '\t' | '\n' | '\r');
        Document {
            text: self.text.trim_matches(is_space).to_owned(),
            sizes: self.sizes.clone(),
        }
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the document")?;
        for piece in self.pieces() {
            write!(f, " {piece:?}")?;
        }
        Ok(())
    }
}
