//! What a spool knows of its records without looking at the disk: which wait in memory, which in which segment, and what became of the
//! others. It does no input or output.

mod memory;
mod segments;

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::acknowledged::{Acknowledged, AcknowledgedFile};
use super::reader::Position;
use super::statistics::{Dropped, Statistics, Trouble};

pub(super) use memory::Waiting;
pub(super) use segments::{Placement, SegmentBooks};

/// What is settled is written down after so many changes, or after so long.
const UNSAVED: u32 = 100;
const UNSAVED_FOR: Duration = Duration::from_secs(1);

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
    rejected: u64,
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
            rejected: 0,
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

    /// Enters that records are done with, since they were taken or since nobody takes them, and `state` with that.
    pub(super) fn settle(
        &mut self,
        taken: &[Position],
        rejected: &[Position],
        state: Option<&[u8]>,
        now: Instant,
    ) {
        for position in taken {
            self.acknowledge(position.0, now);
        }
        for position in rejected {
            self.rejected += u64::from(self.acknowledge(position.0, now));
        }
        if let Some(state) = state {
            self.set_state(state, now);
        }
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

    /// Enters that it could not be written down.
    pub(super) fn enter_unsaved(&mut self, now: Instant) {
        self.note_change(now);
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
            rejected: self.rejected,
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
