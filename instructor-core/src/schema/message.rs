//! Messages that are put together while the user's crate compiles.

use super::graph::{Field, Named};
use super::name::Name;

/// The most bytes of a message; what is longer is cut off.
const LENGTH: usize = 384;

/// A message.
#[derive(Clone, Copy)]
pub(super) struct Message {
    bytes: [u8; LENGTH],
    length: usize,
}

impl Message {
    pub(super) const fn new() -> Message {
        Message {
            bytes: [0; LENGTH],
            length: 0,
        }
    }

    /// The same message, and `text`.
    pub(super) const fn text(mut self, text: &str) -> Message {
        if let Some((_, free)) = self.bytes.split_at_mut_checked(self.length)
            && let Some((target, _)) = free.split_at_mut_checked(text.len())
        {
            target.copy_from_slice(text.as_bytes());
            self.length += text.len();
        }
        self
    }

    /// The same message, and a number.
    pub(super) const fn number(self, number: u128) -> Message {
        let mut power: u128 = 1;
        while number / power >= 10 {
            power *= 10;
        }
        let mut message = self;
        while power > 0 {
            let digit = [b'0' + (number / power % 10) as u8];
            if let Ok(digit) = str::from_utf8(&digit) {
                message = message.text(digit);
            }
            power /= 10;
        }
        message
    }

    /// The same message, and the name of a type in backticks.
    pub(super) const fn named(self, named: &Named) -> Message {
        self.text("`").text(Name::of(named).as_str()).text("`")
    }

    /// The same message, and the name of a field with its type in backticks.
    pub(super) const fn field(self, named: &Named, field: &Field) -> Message {
        let message = self.text("`").text(Name::of(named).as_str());
        if field.name.is_empty() {
            return message.text("`");
        }
        message.text(".").text(field.name.as_str()).text("`")
    }

    pub(super) const fn as_str(&self) -> &str {
        let (text, _) = self.bytes.split_at(self.length);
        match str::from_utf8(text) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}
