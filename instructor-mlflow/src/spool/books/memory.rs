//! The records that are not on disk yet.

use std::sync::Arc;
use std::time::Instant;

use super::super::definition::Definition;
use super::Books;

/// What a record in memory costs beside its bytes, about.
const OVERHEAD_BYTES: usize = 128;

/// A record that is not on disk yet.
#[derive(Debug, Clone)]
pub(in crate::spool) struct Waiting {
    pub(in crate::spool) sequence: u64,
    pub(in crate::spool) bytes: Arc<[u8]>,
    pub(in crate::spool) definitions: Arc<[Definition]>,
    pub(super) since: Instant,
}

impl Books {
    /// How many bytes a record would take.
    pub(in crate::spool) fn cost(&self, bytes: &[u8], definitions: &[Definition]) -> usize {
        let known = &self.definitions_in_memory;
        let unknown = definitions
            .iter()
            .filter(|one| !known.contains_key(&one.key));
        unknown.map(|one| one.bytes.len()).sum::<usize>() + bytes.len() + OVERHEAD_BYTES
    }

    /// Takes a record, and says what its sequence number is.
    pub(in crate::spool) fn admit(
        &mut self,
        bytes: &[u8],
        definitions: &[Definition],
        now: Instant,
    ) -> u64 {
        let sequence = self.next;
        self.bytes_in_memory += bytes.len() + OVERHEAD_BYTES;
        for definition in definitions {
            let references = self
                .definitions_in_memory
                .entry(definition.key)
                .or_default();
            if *references == 0 {
                self.bytes_in_memory += definition.bytes.len();
            }
            *references += 1;
        }
        self.waiting.push_back(Some(Waiting {
            sequence,
            bytes: bytes.into(),
            definitions: definitions.into(),
            since: now,
        }));
        self.in_memory += 1;
        self.appended += 1;
        self.next += 1;
        sequence
    }

    /// The first records that wait, up to about so many bytes, and at least one.
    pub(in crate::spool) fn batch(&self, most_bytes: usize) -> Vec<Waiting> {
        let mut bytes = 0;
        let live = self.waiting.iter().flatten();
        live.take_while(|waiting| {
            let fits = bytes == 0 || bytes + waiting.bytes.len() <= most_bytes;
            bytes += waiting.bytes.len().max(1);
            fits
        })
        .cloned()
        .collect()
    }

    /// The records that wait from a sequence number on.
    pub(in crate::spool) fn waiting_from(&self, sequence: u64) -> impl Iterator<Item = &Waiting> {
        let before = sequence.saturating_sub(self.first_waiting());
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        self.waiting.iter().skip(before).flatten()
    }

    /// Takes a record out of memory; `false` if it is not there.
    pub(super) fn release(&mut self, sequence: u64) -> bool {
        let Some(index) = sequence.checked_sub(self.first_waiting()) else {
            return false;
        };
        let slot = usize::try_from(index)
            .ok()
            .and_then(|index| self.waiting.get_mut(index));
        let Some(waiting) = slot.and_then(Option::take) else {
            return false;
        };
        let mut bytes = waiting.bytes.len() + OVERHEAD_BYTES;
        for definition in waiting.definitions.iter() {
            if let Some(references) = self.definitions_in_memory.get_mut(&definition.key) {
                *references -= 1;
                if *references == 0 {
                    self.definitions_in_memory.remove(&definition.key);
                    bytes += definition.bytes.len();
                }
            }
        }
        self.bytes_in_memory = self.bytes_in_memory.saturating_sub(bytes);
        self.in_memory -= 1;
        while let Some(None) = self.waiting.front() {
            self.waiting.pop_front();
        }
        true
    }
}
