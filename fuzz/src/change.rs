//! Changes of what is recorded or written: most inputs that matter are nearly right.

use bolero::TypeGenerator;

/// A change of some bytes, at a place that is a fraction of their length.
#[derive(Debug, Clone, TypeGenerator)]
pub enum Change {
    /// One of the words that matter to the reader.
    Insert {
        /// Where.
        place: u16,
        /// Which.
        word: u8,
    },
    /// Another byte.
    Overwrite {
        /// Where.
        place: u16,
        /// Which.
        byte: u8,
    },
    /// At most 15 bytes less.
    Remove {
        /// Where.
        place: u16,
        /// How many.
        length: u8,
    },
    /// At most 15 bytes twice.
    Repeat {
        /// Where.
        place: u16,
        /// How many.
        length: u8,
    },
    /// Nothing behind it.
    End {
        /// Where.
        place: u16,
    },
}

impl Change {
    /// Makes it.
    pub fn apply(&self, bytes: &mut Vec<u8>, words: &[&[u8]]) {
        let at = |place: u16| bytes.len() * usize::from(place) / usize::from(u16::MAX);
        let range = |place: u16, length: u8| {
            let start = at(place);
            start..bytes.len().min(start + usize::from(length % 16))
        };
        match *self {
            Change::Insert { place, word } => {
                let place = at(place);
                bytes.splice(place..place, pick(words, word).iter().copied());
            }
            Change::Overwrite { place, byte } => {
                let place = at(place);
                if let Some(old) = bytes.get_mut(place) {
                    *old = byte;
                }
            }
            Change::Remove { place, length } => {
                let range = range(place, length);
                bytes.drain(range);
            }
            Change::Repeat { place, length } => {
                let range = range(place, length);
                let end = range.end;
                let repeated = bytes[range].to_vec();
                bytes.splice(end..end, repeated);
            }
            Change::End { place } => bytes.truncate(at(place)),
        }
    }
}

/// The word with this number, counted around.
pub(crate) fn pick<'a, T: ?Sized>(words: &[&'a T], number: u8) -> &'a T {
    words[usize::from(number) % words.len()]
}
