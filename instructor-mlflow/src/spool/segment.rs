//! A segment: a file of entries that grows at its end, complete in itself.
//!
//! ```text
//! magic 8 | format version 2 | created, in milliseconds 8 | salt 8 | label: length 4, bytes | check of all this 4 | entries
//! ```

use std::io;
use std::ops::Range;

use memchr::memmem;

use super::entry::{self, HEAD_BYTES, Head, Kind, Place};
use super::fields::Fields;

const MAGIC: [u8; 8] = *b"\x89SEGMENT";

/// What this program writes. It reads nothing newer, and leaves it alone.
pub(super) const VERSION: u16 = 1;

/// The longest label, in bytes.
pub(crate) const MAX_LABEL_BYTES: usize = 4096;

/// How much is read at once: every header, and more. A longer entry is read as a whole.
const CHUNK_BYTES: usize = 256 * 1024;

/// How a segment begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    /// In milliseconds since 1970. Nothing is decided by it.
    pub(super) created: u64,
    /// At random: the checks of all entries begin with it.
    pub(super) salt: u64,
    /// Says to whom the records go; opaque here.
    pub(super) label: Box<[u8]>,
}

/// Why nothing of a segment can be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SegmentError {
    /// What it is may be known to a newer version of this program.
    #[error("the format has version {0}, and this program reads version {VERSION}")]
    Newer(u16),
    #[error("the header cannot be read")]
    Header,
    #[error(transparent)]
    Read(#[from] io::Error),
}

impl Header {
    pub(super) fn encode(&self, buffer: &mut Vec<u8>) {
        let begin = buffer.len();
        buffer.extend_from_slice(&MAGIC);
        buffer.extend_from_slice(&VERSION.to_le_bytes());
        buffer.extend_from_slice(&self.created.to_le_bytes());
        buffer.extend_from_slice(&self.salt.to_le_bytes());
        let length = u32::try_from(self.label.len()).unwrap_or(u32::MAX);
        buffer.extend_from_slice(&length.to_le_bytes());
        buffer.extend_from_slice(&self.label);
        let check = crc32fast::hash(buffer.get(begin..).unwrap_or_default());
        buffer.extend_from_slice(&check.to_le_bytes());
    }

    /// Reads a header, and says how long it is.
    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, usize), SegmentError> {
        let mut fields = Fields(bytes);
        let magic = fields.array().ok_or(SegmentError::Header)?;
        let version = fields.u16().ok_or(SegmentError::Header)?;
        if magic != MAGIC || version == 0 {
            return Err(SegmentError::Header);
        }
        if version > VERSION {
            return Err(SegmentError::Newer(version));
        }
        Self::decode_fields(bytes, fields).ok_or(SegmentError::Header)
    }

    fn decode_fields(bytes: &[u8], mut fields: Fields<'_>) -> Option<(Self, usize)> {
        let created = fields.u64()?;
        let salt = fields.u64()?;
        let label = fields.bytes()?;
        let checked = bytes.len() - fields.0.len();
        let check = fields.u32()?;
        let holds =
            label.len() <= MAX_LABEL_BYTES && check == crc32fast::hash(bytes.get(..checked)?);
        let header = Header {
            created,
            salt,
            label: label.into(),
        };
        holds.then_some((header, checked + 4))
    }
}

/// The bytes of a segment, wherever they are.
pub(super) trait Source {
    /// The bytes from `offset`, at most `most`; fewer only at the end.
    fn read(&self, offset: u64, most: usize) -> io::Result<Vec<u8>>;
}

/// What stands next in a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found<'a> {
    Definition {
        key: u64,
        bytes: &'a [u8],
    },
    Record {
        sequence: u64,
        bytes: &'a [u8],
    },
    /// No entry. If it goes to the end, it may be one that was being written.
    Damage(Range<u64>),
}

/// Reads a segment from its beginning to its end. It holds no more of it than a chunk, or one entry if that is longer.
#[derive(Debug)]
pub(super) struct Scan<S> {
    source: S,
    header: Header,
    /// Bytes of the segment, of which the first stands at `begin`.
    window: Vec<u8>,
    begin: u64,
    /// Where the next entry is.
    offset: u64,
    /// How much of the segment is there.
    length: u64,
}

impl<S: Source> Scan<S> {
    /// Begins with a segment that has so many bytes.
    pub(super) fn open(source: S, length: u64) -> Result<Self, SegmentError> {
        let most = usize::try_from(length).unwrap_or(CHUNK_BYTES);
        let window = source.read(0, most.min(CHUNK_BYTES))?;
        let (header, header_length) = Header::decode(&window)?;
        Ok(Scan {
            source,
            header,
            window,
            begin: 0,
            offset: header_length as u64,
            length,
        })
    }

    pub(super) fn header(&self) -> &Header {
        &self.header
    }

    /// Where the next entry is.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Enters that the segment has grown.
    pub(super) fn extend(&mut self, length: u64) {
        self.length = self.length.max(length);
    }

    /// What stands next; `None` at the end. If it cannot be read, the same is tried again the next time.
    pub(super) fn next(&mut self) -> io::Result<Option<Found<'_>>> {
        if self.offset >= self.length {
            return Ok(None);
        }
        let Some(head) = self.head()? else {
            return self.skip_damage().map(|range| Some(Found::Damage(range)));
        };
        let whole = entry::length(head.length);
        let begin = self.offset;
        let there = self.fill(whole)?;
        // The head says where the payload ends, be it right or wrong: what stands in it is no entry.
        self.offset = (begin + whole as u64).min(self.length);
        let payload = self
            .rest(begin)
            .get(HEAD_BYTES..whole)
            .filter(|payload| there && head.is_payload(payload));
        Ok(Some(match (payload, head.kind) {
            (Some(bytes), Kind::Definition) => Found::Definition {
                key: head.key,
                bytes,
            },
            (Some(bytes), Kind::Record) => Found::Record {
                sequence: head.key,
                bytes,
            },
            (None, _) => Found::Damage(begin..self.offset),
        }))
    }

    /// The head of the next entry, if that is what stands there.
    fn head(&mut self) -> io::Result<Option<Head>> {
        self.fill(HEAD_BYTES)?;
        let place = Place {
            salt: self.header.salt,
            offset: self.offset,
        };
        Ok(Head::decode(self.rest(self.offset), place))
    }

    /// Goes to the next head of an entry, or to the end.
    fn skip_damage(&mut self) -> io::Result<Range<u64>> {
        let begin = self.offset;
        let skipped = self.seek_head();
        if skipped.is_err() {
            self.offset = begin;
            self.begin = begin;
            self.window.clear();
        }
        skipped.map(|()| begin..self.offset)
    }

    fn seek_head(&mut self) -> io::Result<()> {
        self.offset += 1;
        while self.offset < self.length {
            self.fill(CHUNK_BYTES)?;
            let rest = self.rest(self.offset);
            match memmem::find(rest, &entry::MAGIC) {
                Some(before) => {
                    self.offset += before as u64;
                    if self.head()?.is_some() {
                        return Ok(());
                    }
                    self.offset += 1;
                }
                // The magic may begin in the last bytes that are here.
                None => {
                    let passed = rest.len().saturating_sub(entry::MAGIC.len() - 1).max(1);
                    self.offset += passed as u64;
                }
            }
        }
        self.offset = self.length;
        Ok(())
    }

    /// What is here of the segment from `offset`.
    fn rest(&self, offset: u64) -> &[u8] {
        usize::try_from(offset - self.begin)
            .ok()
            .and_then(|before| self.window.get(before..))
            .unwrap_or_default()
    }

    /// Sees to it that the next `wanted` bytes are here; `false` if the segment ends before.
    fn fill(&mut self, wanted: usize) -> io::Result<bool> {
        let here = self.rest(self.offset).len();
        let left = usize::try_from(self.length - self.offset).unwrap_or(usize::MAX);
        if here >= wanted.min(left) {
            return Ok(here >= wanted);
        }
        let most = left.min(wanted.max(CHUNK_BYTES));
        let more = self.source.read(self.offset + here as u64, most - here)?;
        if more.len() < wanted.min(left) - here {
            // Somebody has cut it off.
            self.length = self.offset + (here + more.len()) as u64;
        }
        let passed = self.window.len() - here;
        self.window.drain(..passed);
        self.window.shrink_to(most);
        self.window.extend_from_slice(&more);
        self.begin = self.offset;
        Ok(self.window.len() >= wanted)
    }
}
