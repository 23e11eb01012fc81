//! One entry of a segment: a record, or a definition that records refer to.
//!
//! ```text
//! magic 4 | kind 1 | key 8 | length 4 | check of these and the place 4 | check of the payload 4 | payload
//! ```
//!
//! The checks begin with the salt of the segment and the offset of the entry in it. So bytes are only an entry at their own place:
//! neither a block that a disk has put elsewhere nor a payload that holds a segment is taken for one.

use super::fields::Fields;

/// How an entry begins. Neither text nor binary JSON has these bytes side by side often.
pub(super) const MAGIC: [u8; 4] = [0xC1, 0xF5, 0x5E, 0xC1];

/// How many bytes come before a payload.
pub(super) const HEAD_BYTES: usize = 25;

/// The longest payload: 16 MiB.
pub(crate) const MAX_PAYLOAD_BYTES: usize = 16 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its key is the hash by which records refer to it.
    Definition,
    /// Its key is its sequence number.
    Record,
}

/// Where an entry is, which makes it valid there and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Of the segment.
    pub(super) salt: u64,
    /// From the beginning of the segment, in bytes.
    pub(super) offset: u64,
}

/// What stands before a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) kind: Kind,
    pub(super) key: u64,
    /// Of the payload, in bytes; at most [`MAX_PAYLOAD_BYTES`].
    pub(super) length: usize,
    check: u32,
    payload_check: u32,
}

impl Kind {
    const fn number(self) -> u8 {
        match self {
            Kind::Definition => 1,
            Kind::Record => 2,
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Kind::Definition),
            2 => Some(Kind::Record),
            _ => None,
        }
    }
}

/// The length of an entry with this payload.
pub(super) const fn length(payload: usize) -> usize {
    HEAD_BYTES + payload
}

/// Writes an entry; `payload` is no longer than [`MAX_PAYLOAD_BYTES`].
pub(super) fn encode(buffer: &mut Vec<u8>, place: Place, kind: Kind, key: u64, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let check = head_check(place, kind, key, length);
    buffer.extend_from_slice(&MAGIC);
    buffer.push(kind.number());
    buffer.extend_from_slice(&key.to_le_bytes());
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&check.to_le_bytes());
    buffer.extend_from_slice(&payload_check(check, payload).to_le_bytes());
    buffer.extend_from_slice(payload);
}

impl Head {
    /// What stands at the beginning of `bytes`, if it is the head of an entry of this place.
    pub(super) fn decode(bytes: &[u8], place: Place) -> Option<Self> {
        let mut fields = Fields(bytes);
        if fields.array()? != MAGIC {
            return None;
        }
        let [kind] = fields.array()?;
        let kind = Kind::from_number(kind)?;
        let key = fields.u64()?;
        let length = fields.u32()?;
        let check = fields.u32()?;
        let head = Head {
            kind,
            key,
            length: usize::try_from(length).ok()?,
            check,
            payload_check: fields.u32()?,
        };
        let holds = head.length <= MAX_PAYLOAD_BYTES;
        (holds && check == head_check(place, kind, key, length)).then_some(head)
    }

    /// Whether this is the payload that was written.
    pub(super) fn is_payload(&self, payload: &[u8]) -> bool {
        payload.len() == self.length && payload_check(self.check, payload) == self.payload_check
    }
}

fn head_check(place: Place, kind: Kind, key: u64, length: u32) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&place.salt.to_le_bytes());
    hasher.update(&place.offset.to_le_bytes());
    hasher.update(&[kind.number()]);
    hasher.update(&key.to_le_bytes());
    hasher.update(&length.to_le_bytes());
    hasher.finalize()
}

/// Goes on from the check of the head, so that a payload belongs to its head.
fn payload_check(head_check: u32, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(head_check);
    hasher.update(payload);
    hasher.finalize()
}
