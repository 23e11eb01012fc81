//! Segments of the spool of instructor-mlflow, wherever their bytes have been. Its reader is taken in by its files: it needs nothing of
//! the rest of that crate, which would have to be built with its TLS.

#[allow(dead_code)]
#[path = "../../instructor-mlflow/src/spool/acknowledged.rs"]
mod acknowledged;
#[allow(dead_code)]
#[path = "../../instructor-mlflow/src/spool/entry.rs"]
mod entry;
#[allow(dead_code)]
#[path = "../../instructor-mlflow/src/spool/fields.rs"]
mod fields;
#[allow(dead_code)]
#[path = "../../instructor-mlflow/src/spool/segment.rs"]
mod segment;
pub mod settled;

use std::cell::Cell;
use std::io;
use std::ops::Range;

use bolero::TypeGenerator;
use entry::{Kind, Place};
use segment::{Found, Header, Scan, Source};

/// The most that may be asked for at once: an entry, or a chunk.
const MOST_BYTES: usize = entry::MAX_PAYLOAD_BYTES + entry::HEAD_BYTES;

/// What is written into a segment, and what happens to its bytes then.
#[derive(Debug, Clone, TypeGenerator)]
pub struct Recipe {
    entries: Vec<Entry>,
    harm: Vec<Harm>,
}

#[derive(Debug, Clone, TypeGenerator)]
struct Entry {
    is_definition: bool,
    key: u64,
    payload: Payload,
}

#[derive(Debug, Clone, TypeGenerator)]
enum Payload {
    Bytes(Vec<u8>),
    /// What looks like the beginning of an entry.
    Magic(u8),
    /// Longer than a chunk, at times.
    Long(u32),
}

#[derive(Debug, Clone, TypeGenerator)]
enum Harm {
    Flip { at: u32, by: u8 },
    Zero { at: u32, length: u16 },
    Cut { length: u32 },
    Append(Vec<u8>),
}

/// A segment, and which of its entries must still be there.
#[derive(Debug, Clone)]
pub struct Segment {
    /// All of it.
    pub bytes: Vec<u8>,
    /// The entries that were written, and where.
    written: Vec<(Range<usize>, Content)>,
    is_harmed: Vec<bool>,
    header_is_harmed: bool,
}

/// Whether it is a definition, its key, and its payload.
type Content = (bool, u64, Vec<u8>);

impl Payload {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Payload::Bytes(bytes) => bytes.clone(),
            Payload::Magic(times) => entry::MAGIC.repeat(usize::from(*times)),
            Payload::Long(length) => vec![7; usize::try_from(length % 600_000).unwrap_or(0)],
        }
    }
}

impl Recipe {
    /// What it makes.
    pub fn segment(&self) -> Segment {
        let salt = 0x5A17;
        let header = Header {
            created: 0,
            salt,
            label: (*b"label").into(),
        };
        let mut bytes = Vec::new();
        header.encode(&mut bytes);
        let header_length = bytes.len();
        let mut written = Vec::new();
        // A few long ones are enough.
        for entry in self.entries.iter().take(16) {
            let payload = entry.payload.bytes();
            let kind = if entry.is_definition {
                Kind::Definition
            } else {
                Kind::Record
            };
            let begin = bytes.len();
            let place = Place {
                salt,
                offset: begin as u64,
            };
            entry::encode(&mut bytes, place, kind, entry.key, &payload);
            written.push((
                begin..bytes.len(),
                (entry.is_definition, entry.key, payload),
            ));
        }
        let before = bytes.clone();
        for harm in &self.harm {
            harm.do_to(&mut bytes);
        }
        let is_same = |range: Range<usize>| before.get(range.clone()) == bytes.get(range);
        Segment {
            is_harmed: written
                .iter()
                .map(|(range, _)| !is_same(range.clone()))
                .collect(),
            header_is_harmed: !is_same(0..header_length),
            written,
            bytes,
        }
    }
}

impl Harm {
    fn do_to(&self, bytes: &mut Vec<u8>) {
        let place = |at: u32| usize::try_from(at).unwrap_or(0) % bytes.len().max(1);
        match self {
            Harm::Flip { at, by } => {
                let at = place(*at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= by;
                }
            }
            Harm::Zero { at, length } => {
                let at = place(*at);
                bytes
                    .iter_mut()
                    .skip(at)
                    .take(usize::from(*length))
                    .for_each(|byte| *byte = 0);
            }
            Harm::Cut { length } => {
                let length = place(*length);
                bytes.truncate(length);
            }
            Harm::Append(more) => bytes.extend_from_slice(more),
        }
    }
}

struct Bytes<'a> {
    bytes: &'a [u8],
    most: &'a Cell<usize>,
}

impl Source for Bytes<'_> {
    fn read(&self, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        self.most.set(self.most.get().max(most));
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.bytes.get(offset..));
        let rest = rest.unwrap_or_default();
        Ok(rest.get(..most).unwrap_or(rest).to_vec())
    }
}

/// Reads bytes as a segment: its entries, and what is damaged.
///
/// # Panics
///
/// If entries and damage are not all there is, or if too much was asked for at once.
pub fn read(bytes: &[u8]) -> Option<(Vec<Content>, Vec<Range<u64>>)> {
    let most = Cell::new(0);
    let length = bytes.len() as u64;
    let mut scan = Scan::open(Bytes { bytes, most: &most }, length).ok()?;
    let (mut entries, mut damaged) = (Vec::new(), Vec::new());
    loop {
        let begin = scan.offset();
        let Some(found) = scan.next().expect("nothing fails here") else {
            break;
        };
        match found {
            Found::Definition { key, bytes } => entries.push((true, key, bytes.to_vec())),
            Found::Record { sequence, bytes } => entries.push((false, sequence, bytes.to_vec())),
            Found::Damage(range) => {
                assert_eq!(range.start, begin);
                assert!(range.end == scan.offset() && range.start < range.end);
                damaged.push(range);
                continue;
            }
        }
        let read = entries
            .last()
            .map_or(0, |(_, _, bytes)| entry::length(bytes.len()));
        assert_eq!(begin + read as u64, scan.offset());
    }
    assert_eq!(scan.offset(), length);
    assert!(most.get() <= MOST_BYTES, "{} bytes at once", most.get());
    Some((entries, damaged))
}

/// Holds what is read of a segment against what was written: all that is whole is there, in its order, and nothing else.
///
/// # Panics
///
/// If it is not so.
pub fn check(segment: &Segment) {
    let Some((entries, damaged)) = read(&segment.bytes) else {
        assert!(segment.header_is_harmed);
        return;
    };
    let whole = segment
        .written
        .iter()
        .zip(&segment.is_harmed)
        .filter(|(_, is_harmed)| !**is_harmed);
    let whole: Vec<_> = whole.map(|((_, entry), _)| entry.clone()).collect();
    assert!(
        entries == whole,
        "{} entries of {}",
        entries.len(),
        whole.len()
    );
    let is_harmed = segment.is_harmed.contains(&true);
    assert!(
        is_harmed
            || damaged
                .iter()
                .all(|range| range.end == segment.bytes.len() as u64)
    );
}
