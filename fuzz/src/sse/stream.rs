//! Random streams: from an alphabet of what matters to a decoder, or from real ones with a few changes.

use std::fmt;
use std::iter;

use bolero::TypeGenerator;

use super::corpus::{CORPUS, WORDS};
use crate::change::{Change, pick};

/// How a stream is made.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Recipe {
    bytes: Origin,
    /// The sizes of the chunks, over and over.
    #[generator(bolero::produce::<Vec<u8>>().with().len(0usize..12))]
    sizes: Vec<u8>,
}

#[derive(Debug, Clone, TypeGenerator)]
enum Origin {
    /// Words one after the other.
    Words(#[generator(bolero::produce::<Vec<u8>>().with().len(0usize..48))] Vec<u8>),
    /// A stream of the corpus, changed.
    Changed {
        stream: u8,
        #[generator(bolero::produce::<Vec<Change>>().with().len(0usize..8))]
        changes: Vec<Change>,
    },
}

impl Recipe {
    /// The stream.
    pub fn stream(&self) -> Stream {
        let bytes = match &self.bytes {
            Origin::Words(words) => words
                .iter()
                .flat_map(|word| pick(&WORDS, *word))
                .copied()
                .collect(),
            Origin::Changed { stream, changes } => {
                let mut bytes = pick(&CORPUS, *stream).to_vec();
                for change in changes {
                    change.apply(&mut bytes, &WORDS);
                }
                bytes
            }
        };
        Stream {
            bytes,
            // Small chunks are the more interesting ones.
            sizes: self
                .sizes
                .iter()
                .map(|size| usize::from(*size % 16))
                .collect(),
        }
    }
}

/// The bytes of a stream, and how they are split.
#[derive(Clone, PartialEq, Eq)]
pub struct Stream {
    /// All of them.
    pub bytes: Vec<u8>,
    /// The sizes of the chunks, over and over; none for a single chunk.
    pub sizes: Vec<usize>,
}

impl Stream {
    /// The chunks, empty ones too.
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.bytes.as_slice();
        let is_split = self.sizes.iter().any(|size| *size > 0);
        let mut sizes = self.sizes.iter().cycle().copied();
        iter::from_fn(move || {
            let size = match sizes.next() {
                Some(size) if is_split => size.min(rest.len()),
                _ => rest.len(),
            };
            let (chunk, after) = rest.split_at_checked(size).filter(|_| !rest.is_empty())?;
            rest = after;
            Some(chunk)
        })
    }

    /// The same stream in one chunk.
    pub fn unsplit(&self) -> Stream {
        Stream {
            bytes: self.bytes.clone(),
            sizes: Vec::new(),
        }
    }

    /// The same stream with replacement characters for what is no UTF-8.
    pub fn valid(&self) -> Stream {
        Stream {
            bytes: String::from_utf8_lossy(&self.bytes)
                .into_owned()
                .into_bytes(),
            sizes: self.sizes.clone(),
        }
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream")?;
        for chunk in self.chunks() {
            write!(f, " b\"{}\"", chunk.escape_ascii())?;
        }
        Ok(())
    }
}
