//! Which records are settled, and the file that says so.
//!
//! ```text
//! magic 8 | format version 2 | watermark 8 | ranges: number 4, (from 8, to 8)... | state: length 4, bytes
//!         | label: length 4, bytes | check of all this 4
//! ```
//!
//! The file is replaced as a whole. If it cannot be read, nothing counts as settled: records are given again, and none is lost.

use std::collections::BTreeMap;
use std::ops::Range;

use super::fields::Fields;

const MAGIC: [u8; 8] = *b"\x89SETTLED";
const VERSION: u16 = 1;

/// How many ranges above the watermark are written down. What is settled above them is given again after a restart.
const MAX_RANGES: usize = 65_536;

/// Sequence numbers that are settled, in any order: all below a watermark, and ranges above it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Acknowledged {
    watermark: u64,
    /// From the first of a range to the one after its last. They begin above the watermark, and do not touch each other.
    ranges: BTreeMap<u64, u64>,
}

impl Acknowledged {
    pub(super) fn contains(&self, sequence: u64) -> bool {
        sequence < self.watermark
            || self
                .ranges
                .range(..=sequence)
                .next_back()
                .is_some_and(|(_, end)| sequence < *end)
    }

    /// Enters one; `false` if it was there.
    pub(super) fn insert(&mut self, sequence: u64) -> bool {
        let is_new = !self.contains(sequence);
        if is_new {
            self.insert_range(sequence..sequence.saturating_add(1));
        }
        is_new
    }

    /// Enters a range, parts of which may be there.
    pub(super) fn insert_range(&mut self, range: Range<u64>) {
        let Range { mut start, mut end } = range;
        if start >= end {
            return;
        }
        // What touches it becomes one with it.
        while let Some((&from, &to)) = self.ranges.range(..=end).next_back() {
            if to < start {
                break;
            }
            self.ranges.remove(&from);
            start = start.min(from);
            end = end.max(to);
        }
        if start <= self.watermark {
            self.watermark = self.watermark.max(end);
        } else {
            self.ranges.insert(start, end);
        }
    }

    /// How many of a range are not there.
    pub(super) fn missing(&self, range: Range<u64>) -> u64 {
        let start = range.start.max(self.watermark);
        if start >= range.end {
            return 0;
        }
        let there: u64 = self
            .ranges
            .range(..range.end)
            .rev()
            .take_while(|(_, to)| **to > start)
            .map(|(from, to)| to.min(&range.end) - from.max(&start))
            .sum();
        range.end - start - there
    }
}

/// What the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct AcknowledgedFile {
    pub(super) acknowledged: Acknowledged,
    /// Whatever the owner of the records keeps with them.
    pub(super) state: Box<[u8]>,
    /// That of the segments, of which there may be none any more.
    pub(super) label: Box<[u8]>,
}

/// Why the file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AcknowledgedError {
    Newer(u16),
    Damaged,
}

impl AcknowledgedFile {
    pub(super) fn encode(&self) -> Vec<u8> {
        let ranges = self.acknowledged.ranges.iter().take(MAX_RANGES);
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.acknowledged.watermark.to_le_bytes());
        bytes.extend_from_slice(&length(ranges.len()));
        for (from, to) in ranges {
            bytes.extend_from_slice(&from.to_le_bytes());
            bytes.extend_from_slice(&to.to_le_bytes());
        }
        for part in [&self.state, &self.label] {
            bytes.extend_from_slice(&length(part.len()));
            bytes.extend_from_slice(part);
        }
        let check = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, AcknowledgedError> {
        let (checked, check) = bytes.split_last_chunk().ok_or(AcknowledgedError::Damaged)?;
        if crc32fast::hash(checked) != u32::from_le_bytes(*check) {
            return Err(AcknowledgedError::Damaged);
        }
        let mut fields = Fields(checked);
        let magic = fields.array().ok_or(AcknowledgedError::Damaged)?;
        let version = fields.u16().ok_or(AcknowledgedError::Damaged)?;
        match version {
            _ if magic != MAGIC => Err(AcknowledgedError::Damaged),
            VERSION => Self::decode_fields(fields).ok_or(AcknowledgedError::Damaged),
            _ => Err(AcknowledgedError::Newer(version)),
        }
    }

    fn decode_fields(mut fields: Fields<'_>) -> Option<Self> {
        let mut acknowledged = Acknowledged {
            watermark: fields.u64()?,
            ranges: BTreeMap::new(),
        };
        for _ in 0..fields.u32()? {
            let start = fields.u64()?;
            acknowledged.insert_range(start..fields.u64()?);
        }
        Some(AcknowledgedFile {
            acknowledged,
            state: fields.bytes()?.into(),
            label: fields.bytes()?.into(),
        })
    }
}

fn length(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes()
}
