//! The segments, and which records are in them.

use std::ops::Range;
use std::time::Instant;

use super::{Books, Waiting};

/// A segment, as far as it is written.
#[derive(Debug, Clone)]
pub(in crate::spool) struct SegmentBooks {
    pub(in crate::spool) number: u64,
    /// The sequence numbers in it.
    pub(in crate::spool) sequences: Range<u64>,
    /// In bytes.
    pub(in crate::spool) length: u64,
    pub(in crate::spool) unacknowledged: u64,
    pub(in crate::spool) since: Instant,
}

/// Where a part of a batch was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::spool) struct Placement {
    pub(in crate::spool) segment: u64,
    pub(in crate::spool) records: usize,
    /// Of the segment, with them.
    pub(in crate::spool) length: u64,
}

impl Books {
    pub(in crate::spool) fn bytes_on_disk(&self) -> u64 {
        self.segments.iter().map(|segment| segment.length).sum()
    }

    /// Enters that the first records of a batch were written. One that was acknowledged meanwhile is settled in its segment.
    pub(in crate::spool) fn enter_written(
        &mut self,
        batch: &[Waiting],
        placed: &[Placement],
        now: Instant,
    ) {
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

    pub(super) fn segment_of(&mut self, sequence: u64) -> Option<&mut SegmentBooks> {
        let index = self
            .segments
            .partition_point(|segment| segment.sequences.end <= sequence);
        let segment = self.segments.get_mut(index)?;
        segment.sequences.contains(&sequence).then_some(segment)
    }

    /// Enters that what is not settled of a range was on disk and is not any more.
    pub(in crate::spool) fn enter_damaged(&mut self, range: Range<u64>, now: Instant) {
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
    pub(in crate::spool) fn drop_oldest(
        &mut self,
        current: Option<u64>,
        now: Instant,
    ) -> Option<u64> {
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

    pub(in crate::spool) fn oldest_segment(&self) -> Option<u64> {
        self.segments.front().map(|segment| segment.number)
    }

    pub(in crate::spool) fn segment(&self, number: u64) -> Option<&SegmentBooks> {
        let index = self
            .segments
            .partition_point(|segment| segment.number < number);
        self.segments
            .get(index)
            .filter(|segment| segment.number == number)
    }

    /// The first segment after one.
    pub(in crate::spool) fn segment_after(&self, number: Option<u64>) -> Option<&SegmentBooks> {
        let before = |segment: &SegmentBooks| number.is_some_and(|number| segment.number <= number);
        self.segments.get(self.segments.partition_point(before))
    }

    /// Whether a segment could go.
    pub(in crate::spool) fn has_finished_segment(&self) -> bool {
        self.segments
            .iter()
            .any(|segment| segment.unacknowledged == 0)
    }

    pub(in crate::spool) fn enter_removed(&mut self, number: u64) {
        self.segments.retain(|segment| segment.number != number);
    }
}
