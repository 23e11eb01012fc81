//! Writes text in const.
//!
//! The compiler interprets const functions: a byte in a loop costs it about two microseconds, and copying a slice with the
//! standard library more than sixty (measured with Rust 1.95). So text is put together from words of 16 bytes, which are
//! shifted into place, at four microseconds each; the derive prepares the words of names and descriptions.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

use super::literal::Literal;

/// The bytes of a word.
pub(super) const WORD: usize = 16;

/// A piece of text that is known when this crate is compiled, as words.
pub(super) struct Piece {
    words: [u128; Piece::WORDS],
    length: usize,
}

impl Piece {
    const WORDS: usize = 5;

    pub(super) const fn new(text: &str) -> Piece {
        let bytes = text.as_bytes();
        let mut words = [0; Piece::WORDS];
        let mut index = 0;
        while index < bytes.len() {
            words[index / WORD] |= (bytes[index] as u128) << (8 * (index % WORD));
            index += 1;
        }
        Piece {
            words,
            length: bytes.len(),
        }
    }
}

/// A [`Piece`] that is made once.
macro_rules! piece {
    ($text:literal) => {{
        const PIECE: $crate::schema::writer::Piece = $crate::schema::writer::Piece::new($text);
        &PIECE
    }};
}
pub(super) use piece;

/// A text being written. What does not fit in its words is only counted.
pub(super) struct Writer<'a> {
    words: &'a mut [u128],
    /// How many words are full.
    full: usize,
    /// The bytes after them, the first one lowest.
    carry: u128,
    /// How many those are: at most 15.
    used: usize,
}

impl<'a> Writer<'a> {
    pub(super) const fn new(words: &'a mut [u128]) -> Self {
        Writer {
            words,
            full: 0,
            carry: 0,
            used: 0,
        }
    }

    /// How many bytes were written or counted.
    const fn length(&self) -> usize {
        self.full * WORD + self.used
    }

    /// Writes the last word too. Gives the number of bytes that were written or counted.
    pub(super) const fn finish(self) -> usize {
        if self.full < self.words.len() {
            self.words[self.full] = self.carry;
        }
        self.length()
    }

    /// Writes the lowest `count` bytes of a word, whose others are 0.
    const fn word(&mut self, word: u128, count: usize) {
        let used = self.used;
        let carry = self.carry | word << (8 * used);
        let end = used + count;
        if end < WORD {
            self.carry = carry;
            self.used = end;
            return;
        }
        if self.full < self.words.len() {
            self.words[self.full] = carry;
        }
        self.full += 1;
        self.used = end - WORD;
        self.carry = if used == 0 {
            0
        } else {
            word >> (128 - 8 * used)
        };
    }

    /// Writes a piece as it is.
    pub(super) const fn put(&mut self, piece: &Piece) {
        let mut left = piece.length;
        let mut index = 0;
        while left > WORD {
            self.word(piece.words[index], WORD);
            left -= WORD;
            index += 1;
        }
        self.word(piece.words[index], left);
    }

    /// Writes `text` as it is.
    pub(super) const fn text(&mut self, text: &str) {
        self.add(text.as_bytes());
    }

    const fn add(&mut self, mut bytes: &[u8]) {
        let mut word = 0;
        let mut count = 0;
        while let [byte, rest @ ..] = bytes {
            word |= (*byte as u128) << (8 * count);
            count += 1;
            if count == WORD {
                self.word(word, WORD);
                word = 0;
                count = 0;
            }
            bytes = rest;
        }
        self.word(word, count);
    }

    /// Writes a string of a schema as a JSON string.
    pub(super) const fn quoted(&mut self, literal: Literal) {
        self.word(b'"' as u128, 1);
        self.literal(literal);
        self.word(b'"' as u128, 1);
    }

    /// Writes a string of a schema as a part of a JSON string.
    pub(super) const fn literal(&mut self, literal: Literal) {
        let Some(words) = literal.words else {
            self.escaped(literal.text);
            return;
        };
        let mut left = literal.length;
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if left > WORD {
                self.word(*word, WORD);
                left -= WORD;
            } else {
                self.word(*word, left);
            }
            rest = after;
        }
    }

    /// Writes `text` as a JSON string.
    pub(super) const fn string(&mut self, text: &str) {
        self.word(b'"' as u128, 1);
        self.escaped(text);
        self.word(b'"' as u128, 1);
    }

    /// Writes `text` as a part of a JSON string: quotes, backslashes and control characters are escaped, and everything
    /// between them is copied at once. Eight bytes are looked at a time, since the compiler counts every step.
    pub(super) const fn escaped(&mut self, text: &str) {
        let mut clean = text.as_bytes();
        let mut rest = clean;
        while let [byte, after @ ..] = rest {
            if let Some((word, after)) = rest.split_first_chunk()
                && is_clean(u64::from_ne_bytes(*word))
            {
                rest = after;
                continue;
            }
            if matches!(*byte, b'"' | b'\\' | 0..0x20) {
                let (before, _) = clean.split_at(clean.len() - rest.len());
                self.add(before);
                self.escape(*byte);
                clean = after;
            }
            rest = after;
        }
        self.add(clean);
    }

    const fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.put(piece!("\\\"")),
            b'\\' => self.put(piece!("\\\\")),
            b'\n' => self.put(piece!("\\n")),
            b'\r' => self.put(piece!("\\r")),
            b'\t' => self.put(piece!("\\t")),
            control => {
                self.put(piece!("\\u00"));
                self.add(&[hexadecimal(control >> 4), hexadecimal(control & 0xf)]);
            }
        }
    }

    /// Writes a decimal integer.
    pub(super) const fn integer(&mut self, value: i128) {
        if value < 0 {
            self.put(piece!("-"));
        }
        self.unsigned(value.unsigned_abs());
    }

    /// Writes a decimal integer.
    pub(super) const fn unsigned(&mut self, value: u128) {
        let mut power: u128 = 1;
        while value / power >= 10 {
            power *= 10;
        }
        while power > 0 {
            self.add(&[b'0' + (value / power % 10) as u8]);
            power /= 10;
        }
    }
}

/// Whether none of eight bytes is a quote, a backslash or below 0x20.
const fn is_clean(word: u64) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH_BITS: u64 = ONES << 7;
    // A byte below N borrows from its high bit when N is taken away; a byte equal to B is 0 after xor with B.
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = word ^ (ONES * b'"' as u64);
    let quote = quote.wrapping_sub(ONES) & !quote;
    let backslash = word ^ (ONES * b'\\' as u64);
    let backslash = backslash.wrapping_sub(ONES) & !backslash;
    (control | quote | backslash) & HIGH_BITS == 0
}

const fn hexadecimal(digit: u8) -> u8 {
    if digit < 10 {
        b'0' + digit
    } else {
        b'a' + digit - 10
    }
}

/// The bytes of a finished text as a string.
#[expect(
    clippy::panic,
    reason = "runs while the user's crate compiles; what was written is made of strings"
)]
pub(super) const fn string(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a schema must be UTF-8"),
    }
}

/// The text in the first `length` bytes of `words`.
pub(super) fn text(words: &[u128], length: usize) -> String {
    let bytes: Vec<u8> = words
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .take(length)
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether two strings are equal (`==` is not const yet).
pub(super) const fn equal(left: &str, right: &str) -> bool {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
        if *a != *b {
            return false;
        }
        (left, right) = (left_rest, right_rest);
    }
    left.is_empty() && right.is_empty()
}

#[cfg(test)]
mod tests;
