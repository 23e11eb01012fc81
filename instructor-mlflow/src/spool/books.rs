//! What a spool knows of its records without looking at the disk: which wait in memory, which in which segment, and what became of the
//! others. It does no input or output.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::acknowledged::{Acknowledged, AcknowledgedFile};
use super::definition::Definition;
use super::statistics::{Dropped, Statistics, Trouble};

/// What a record in memory costs beside its bytes, about.
const OVERHEAD_BYTES: usize = 128;

/// What is settled is written down after so many changes, or after so long.
const UNSAVED: u32 = 100;
const UNSAVED_FOR: Duration = Duration::from_secs(1);

/// A record that is not on disk yet.
#[derive(Debug, Clone)]
pub(super) struct Waiting {
    pub(super) sequence: u64,
    pub(super) bytes: Arc<[u8]>,
    pub(super) definitions: Arc<[Definition]>,
    since: Instant,
}

/// A segment, as far as it is written.
#[derive(Debug, Clone)]
pub(super) struct SegmentBooks {
    pub(super) number: u64,
    /// The sequence numbers in it.
    pub(super) sequences: Range<u64>,
    /// In bytes.
    pub(super) length: u64,
    pub(super) unacknowledged: u64,
    pub(super) since: Instant,
}

/// Where a part of a batch was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placement {
    pub(super) segment: u64,
    pub(super) records: usize,
    /// Of the segment, with them.
    pub(super) length: u64,
}

/// What is to be written down of what is settled.
#[derive(Debug)]
pub(super) struct Save {
    pub(super) file: AcknowledgedFile,
    /// The segments with nothing left in them, once it is.
    pub(super) finished: Vec<u64>,
}

#[derive(Debug)]
pub(super) struct Books {
    /// Where the segments are; `None` before there are any.
    pub(super) directory: Option<Arc<Path>>,
    /// The sequence number of the next record.
    next: u64,
    /// The last records. `None` is one that was acknowledged, or written, before those in front of it.
    waiting: VecDeque<Option<Waiting>>,
    in_memory: u64,
    bytes_in_memory: usize,
    /// How many of the waiting refer to each.
    definitions_in_memory: HashMap<u64, usize>,
    segments: VecDeque<SegmentBooks>,
    settled: Acknowledged,
    state: Box<[u8]>,
    label: Box<[u8]>,
    /// What has changed since it was last written down, and since when.
    unsaved: u32,
    unsaved_since: Option<Instant>,
    appended: u64,
    acknowledged: u64,
    dropped: Dropped,
    damaged: u64,
    pub(super) trouble: Option<Trouble>,
}

impl Books {
    pub(super) fn new(label: &[u8]) -> Self {
        Books {
            directory: None,
            next: 0,
            waiting: VecDeque::new(),
            in_memory: 0,
            bytes_in_memory: 0,
            definitions_in_memory: HashMap::new(),
            segments: VecDeque::new(),
            settled: Acknowledged::default(),
            state: Box::default(),
            label: label.into(),
            unsaved: 0,
            unsaved_since: None,
            appended: 0,
            acknowledged: 0,
            dropped: Dropped::default(),
            damaged: 0,
            trouble: None,
        }
    }

    /// Of a directory that was found: `segments` hold what was not acknowledged when `settled` was written down, and `damaged` are
    /// missing.
    pub(super) fn adopted(
        directory: Arc<Path>,
        file: AcknowledgedFile,
        segments: VecDeque<SegmentBooks>,
        damaged: u64,
    ) -> Self {
        let waiting: u64 = segments.iter().map(|segment| segment.unacknowledged).sum();
        Books {
            directory: Some(directory),
            next: segments.back().map_or(0, |last| last.sequences.end),
            segments,
            settled: file.acknowledged,
            state: file.state,
            appended: waiting + damaged,
            damaged,
            ..Books::new(&file.label)
        }
    }

    /// The first sequence number that is not on disk.
    pub(super) fn first_waiting(&self) -> u64 {
        self.next - self.waiting.len() as u64
    }

    /// The sequence number of the next record.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// How many bytes a record would take.
    pub(super) fn cost(&self, bytes: &[u8], definitions: &[Definition]) -> usize {
        let known = &self.definitions_in_memory;
        let unknown = definitions
            .iter()
            .filter(|one| !known.contains_key(&one.key));
        unknown.map(|one| one.bytes.len()).sum::<usize>() + bytes.len() + OVERHEAD_BYTES
    }

    /// Takes a record, and says what its sequence number is.
    pub(super) fn admit(&mut self, bytes: &[u8], definitions: &[Definition], now: Instant) -> u64 {
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

    pub(super) fn drop_newest(&mut self) {
        self.appended += 1;
        self.dropped.newest += 1;
    }

    pub(super) fn drop_for_memory(&mut self) {
        self.appended += 1;
        self.dropped.memory += 1;
    }

    pub(super) fn bytes_in_memory(&self) -> usize {
        self.bytes_in_memory
    }

    pub(super) fn bytes_on_disk(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length).sum()
    }

    /// The first records that wait, up to about so many bytes, and at least one.
    pub(super) fn batch(&self, most_bytes: usize) -> Vec<Waiting> {
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
    pub(super) fn waiting_from(&self, sequence: u64) -> impl Iterator<Item = &Waiting> {
        let before = sequence.saturating_sub(self.first_waiting());
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        self.waiting.iter().skip(before).flatten()
    }

    /// Enters that the first records of a batch were written. One that was acknowledged meanwhile is settled in its segment.
    pub(super) fn enter_written(&mut self, batch: &[Waiting], placed: &[Placement], now: Instant) {
        let mut batch = batch.iter();
        for placement in placed {
            let mut sequences = self.next..0;
            let mut unacknowledged = 0;
            for record in batch.by_ref().take(placement.records) {
                sequences.start = sequences.start.min(record.sequence);
                sequences.end = record.sequence + 1;
                unacknowledged += u64::from(self.release(record.sequence));
            }
            match self.segments.back_mut() {
                Some(last) if last.number == placement.segment => {
                    last.sequences.end = sequences.end;
                    last.length = placement.length;
                    last.unacknowledged += unacknowledged;
                }
                _ => self.segments.push_back(SegmentBooks {
                    number: placement.segment,
                    sequences,
                    length: placement.length,
                    unacknowledged,
                    since: now,
                }),
            }
        }
    }

    /// Takes a record out of memory; `false` if it is not there.
    fn release(&mut self, sequence: u64) -> bool {
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

    /// Enters that a record is done with; `false` if it was before, or is none.
    pub(super) fn acknowledge(&mut self, sequence: u64, now: Instant) -> bool {
        if sequence >= self.next || !self.settled.insert(sequence) {
            return false;
        }
        self.acknowledged += 1;
        self.note_change(now);
        if !self.release(sequence)
            && let Some(segment) = self.segment_of(sequence)
        {
            segment.unacknowledged = segment.unacknowledged.saturating_sub(1);
        }
        true
    }

    pub(super) fn set_state(&mut self, state: &[u8], now: Instant) {
        if *self.state != *state {
            self.state = state.into();
            self.note_change(now);
        }
    }

    pub(super) fn state(&self) -> &[u8] {
        &self.state
    }

    fn note_change(&mut self, now: Instant) {
        self.unsaved = self.unsaved.saturating_add(1);
        self.unsaved_since.get_or_insert(now);
    }

    /// Whether all below a sequence number are settled.
    pub(super) fn is_settled_before(&self, sequence: u64) -> bool {
        self.settled.missing(0..sequence) == 0
    }

    pub(super) fn is_settled(&self, sequence: u64) -> bool {
        self.settled.contains(sequence)
    }

    fn segment_of(&mut self, sequence: u64) -> Option<&mut SegmentBooks> {
        let index = self
            .segments
            .partition_point(|segment| segment.sequences.end <= sequence);
        let segment = self.segments.get_mut(index)?;
        segment.sequences.contains(&sequence).then_some(segment)
    }

    /// Enters that what is not settled of a range was on disk and is not any more.
    pub(super) fn enter_damaged(&mut self, range: Range<u64>, now: Instant) {
        let mut lost = 0;
        for segment in &mut self.segments {
            let start = segment.sequences.start.max(range.start);
            let end = segment.sequences.end.min(range.end);
            if start < end {
                let missing = self.settled.missing(start..end).min(segment.unacknowledged);
                self.settled.insert_range(start..end);
                segment.unacknowledged -= missing;
                lost += missing;
            }
        }
        if lost > 0 {
            self.damaged += lost;
            self.note_change(now);
        }
    }

    /// Takes the oldest segment out, with what waits in it, unless it is `current`.
    pub(super) fn drop_oldest(&mut self, current: Option<u64>, now: Instant) -> Option<u64> {
        let oldest = self.segments.front()?;
        if Some(oldest.number) == current {
            return None;
        }
        let oldest = self.segments.pop_front()?;
        self.settled.insert_range(oldest.sequences);
        self.dropped.oldest += oldest.unacknowledged;
        self.note_change(now);
        Some(oldest.number)
    }

    pub(super) fn oldest_segment(&self) -> Option<u64> {
        self.segments.front().map(|segment| segment.number)
    }

    pub(super) fn segment(&self, number: u64) -> Option<&SegmentBooks> {
        let index = self
            .segments
            .partition_point(|segment| segment.number < number);
        self.segments
            .get(index)
            .filter(|segment| segment.number == number)
    }

    /// The first segment after one.
    pub(super) fn segment_after(&self, number: Option<u64>) -> Option<&SegmentBooks> {
        let before = |segment: &SegmentBooks| number.is_some_and(|number| segment.number <= number);
        self.segments.get(self.segments.partition_point(before))
    }

    /// When what is settled is to be written down again; `None` if it is as it was.
    pub(super) fn save_due(&self) -> Option<Instant> {
        let since = self.unsaved_since?;
        Some(if self.unsaved >= UNSAVED {
            since
        } else {
            since + UNSAVED_FOR
        })
    }

    /// What to write down now. A segment is only removed once it is: with its records, `state` would be lost.
    pub(super) fn save(&mut self, current: Option<u64>) -> Save {
        self.unsaved = 0;
        self.unsaved_since = None;
        let finished = self
            .segments
            .iter()
            .filter(|segment| segment.unacknowledged == 0 && Some(segment.number) != current);
        Save {
            finished: finished.map(|segment| segment.number).collect(),
            file: AcknowledgedFile {
                acknowledged: self.settled.clone(),
                state: self.state.clone(),
                label: self.label.clone(),
            },
        }
    }

    /// Whether a segment could go.
    pub(super) fn has_finished_segment(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| segment.unacknowledged == 0)
    }

    /// Enters that it could not be written down.
    pub(super) fn enter_unsaved(&mut self, now: Instant) {
        self.note_change(now);
    }

    pub(super) fn enter_removed(&mut self, number: u64) {
        self.segments.retain(|segment| segment.number != number);
    }

    /// Whether neither a record nor a state is left.
    pub(super) fn is_finished(&self) -> bool {
        let done = |segment: &SegmentBooks| segment.unacknowledged == 0;
        self.in_memory == 0 && self.state.is_empty() && self.segments.iter().all(done)
    }

    pub(super) fn is_written(&self) -> bool {
        self.in_memory == 0
    }

    pub(super) fn statistics(&self, now: Instant) -> Statistics {
        let on_disk = |segment: &&SegmentBooks| segment.unacknowledged > 0;
        let oldest_segment = self
            .segments
            .iter()
            .find(on_disk)
            .map(|segment| segment.since);
        let oldest_waiting = self
            .waiting
            .iter()
            .flatten()
            .next()
            .map(|waiting| waiting.since);
        Statistics {
            appended: self.appended,
            acknowledged: self.acknowledged,
            waiting_on_disk: self
                .segments
                .iter()
                .map(|segment| segment.unacknowledged)
                .sum(),
            waiting_in_memory: self.in_memory,
            dropped: self.dropped,
            damaged: self.damaged,
            bytes_on_disk: self.bytes_on_disk(),
            bytes_in_memory: self.bytes_in_memory as u64,
            oldest: oldest_segment
                .or(oldest_waiting)
                .map(|since| now.saturating_duration_since(since)),
            trouble: self.trouble.clone(),
        }
    }
}
