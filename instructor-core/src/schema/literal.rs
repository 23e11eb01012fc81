//! A string of a schema, beside its JSON form.

use std::fmt;

use super::writer::equal;

/// A string, and what it looks like between the quotes of a JSON string.
///
/// The derive prepares the second form, as words of 16 bytes, the first byte lowest: the compiler interprets const functions,
/// and looking at every byte there is what takes time.
#[derive(Clone, Copy)]
pub struct Literal {
    pub(super) text: &'static str,
    /// The escaped form, if it was prepared.
    pub(super) words: Option<&'static [u128]>,
    /// Its length in bytes.
    pub(super) length: usize,
    pub(super) is_empty: bool,
}

impl Literal {
    /// The empty string.
    pub const EMPTY: Literal = Literal::prepared("", 0, &[]);

    /// `text`, which the renderer will escape. For types described by hand.
    pub const fn new(text: &'static str) -> Literal {
        Literal {
            text,
            words: None,
            length: 0,
            is_empty: text.is_empty(),
        }
    }

    /// `text`, and the `length` bytes of its escaped form as words.
    #[doc(hidden)]
    pub const fn prepared(text: &'static str, length: usize, words: &'static [u128]) -> Literal {
        Literal {
            text,
            words: Some(words),
            length,
            is_empty: length == 0,
        }
    }

    /// The string itself.
    pub const fn as_str(&self) -> &'static str {
        self.text
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Whether both are the same string.
    pub(super) const fn is(&self, other: &str) -> bool {
        equal(self.text, other)
    }
}

impl fmt::Debug for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}
