//! Writes text in const: once to measure it, once into an array of exactly that length.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

/// Up to this many bytes a loop costs the compiler fewer steps than the calls that copy a slice.
const COPIED_BYTE_BY_BYTE: usize = 6;

/// A text being written. With `LENGTH` 0 only its length is counted.
pub(super) struct Writer<const LENGTH: usize> {
    bytes: [u8; LENGTH],
    length: usize,
}

impl<const LENGTH: usize> Writer<LENGTH> {
    pub(super) const fn new() -> Self {
        Writer {
            bytes: [0; LENGTH],
            length: 0,
        }
    }

    /// How many bytes were written or counted.
    pub(super) const fn length(&self) -> usize {
        self.length
    }

    /// The text. It is complete only if `LENGTH` is the length that was measured.
    pub(super) const fn into_bytes(self) -> [u8; LENGTH] {
        assert!(
            self.length == LENGTH,
            "a schema must be measured and written by the same code"
        );
        self.bytes
    }

    /// Writes `text` as it is.
    pub(super) const fn raw(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    const fn bytes(&mut self, mut bytes: &[u8]) {
        if LENGTH == 0 {
            self.length += bytes.len();
            return;
        }
        if bytes.len() > COPIED_BYTE_BY_BYTE {
            let (_, free) = self.bytes.split_at_mut(self.length);
            let (target, _) = free.split_at_mut(bytes.len());
            target.copy_from_slice(bytes);
            self.length += bytes.len();
            return;
        }
        while let [byte, rest @ ..] = bytes {
            self.bytes[self.length] = *byte;
            self.length += 1;
            bytes = rest;
        }
    }

    /// Writes `text` as a JSON string.
    pub(super) const fn string(&mut self, text: &str) {
        self.raw("\"");
        self.escaped(text);
        self.raw("\"");
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
                self.bytes(before);
                self.escape(*byte);
                clean = after;
            }
            rest = after;
        }
        self.bytes(clean);
    }

    const fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.raw("\\\""),
            b'\\' => self.raw("\\\\"),
            b'\n' => self.raw("\\n"),
            b'\r' => self.raw("\\r"),
            b'\t' => self.raw("\\t"),
            control => {
                self.raw("\\u00");
                self.bytes(&[hexadecimal(control >> 4), hexadecimal(control & 0xf)]);
            }
        }
    }

    /// Writes a decimal integer.
    pub(super) const fn integer(&mut self, value: i128) {
        if value < 0 {
            self.raw("-");
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
            self.bytes(&[b'0' + (value / power % 10) as u8]);
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
pub(super) const fn text(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("a schema must be UTF-8"),
    }
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
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut writer = Writer::<256>::new();
        writer.string(text);
        let length = writer.length();
        String::from_utf8(writer.bytes[..length].to_vec()).expect("UTF-8")
    }

    #[test]
    fn every_string_is_valid_json() {
        let mut text: String = (0u8..0x30).map(char::from).collect();
        text.push_str("\\ \u{7f} é \u{2028} 🦀");
        assert_eq!(
            serde_json::from_str::<String>(&escaped(&text)).expect("JSON"),
            text
        );
        assert_eq!(escaped("a\tb\"\u{1b}"), r#""a\tb\"\u001b""#);
        assert_eq!(escaped(""), r#""""#);
        for byte in 0..0x80u8 {
            for place in 0..18 {
                let mut text = "é".repeat(9);
                text.insert(place / 2 * 2, char::from(byte));
                let read: String = serde_json::from_str(&escaped(&text)).expect("JSON");
                assert_eq!(read, text);
            }
        }
    }

    #[test]
    fn integers_are_decimal() {
        for value in [0, 7, -10, 1_000_000, i128::MIN, i128::MAX] {
            let mut writer = Writer::<64>::new();
            writer.integer(value);
            let length = writer.length();
            assert_eq!(writer.bytes[..length], *value.to_string().as_bytes());
        }
    }

    #[test]
    fn measuring_counts_what_writing_writes() {
        let mut measure = Writer::<0>::new();
        measure.string("a\nb");
        let mut write = Writer::<6>::new();
        write.string("a\nb");
        assert_eq!(measure.length(), 6);
        assert_eq!(&write.into_bytes(), br#""a\nb""#);
    }

    #[test]
    fn equal_compares_all_of_both() {
        assert!(equal("Step", "Step"));
        assert!(!equal("Step", "Steps"));
        assert!(!equal("Steps", "Step"));
        assert!(!equal("Stop", "Step"));
    }
}
