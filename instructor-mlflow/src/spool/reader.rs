//! Gives the records of a directory, oldest first: those in its segments, then those that wait in memory.

use std::io;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::books::Books;
use super::definition::Definitions;
use super::directory::{FileSource, WriterDirectory};
use super::disk::Disk;
use super::quarantine::Quarantine;
use super::segment::{Found, Scan, SegmentError};

/// How long a segment that could not be read is left alone for the first time, and how often that is.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const MOST_FAILURES: u32 = 8;

/// Which record of its spool one is. Records are ordered by it, whatever the clock says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Position(pub(super) u64);

/// A record to be delivered, and then acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) position: Position,
    pub(crate) bytes: Arc<[u8]>,
    /// What it may refer to.
    pub(crate) definitions: Definitions,
}

/// How much is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) records: usize,
    /// Of records; one that is longer is taken alone.
    pub(crate) bytes: usize,
}

/// Where the books are.
pub(super) trait Shelf {
    fn with_books<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R;
}

impl Shelf for Mutex<Books> {
    fn with_books<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R {
        work(&mut self.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[derive(Debug)]
pub(super) struct Reader {
    disk: Arc<dyn Disk>,
    quarantine: Quarantine,
    /// The sequence number of the next record to be given.
    next: u64,
    at: Option<At>,
    /// A segment could not be read, and what was taken before it was given first.
    failed: Option<io::Error>,
    /// How often that was since something was read.
    failures: u32,
    /// When it is tried again.
    retry: Option<Instant>,
}

/// The segment that is being read.
#[derive(Debug)]
struct At {
    segment: u64,
    path: PathBuf,
    /// `None` if nothing more can be read from it.
    scan: Option<Scan<FileSource>>,
    /// Whether what was not found waits for another time, and is not damaged.
    is_passed_over: bool,
    definitions: Definitions,
}

/// Where the next records are.
enum Next {
    /// In the segment that is being read, which has so many bytes.
    Here(u64),
    /// In another one, which has so many bytes.
    Segment(At, u64),
    /// In memory.
    Memory(Vec<Taken>),
}

impl Reader {
    pub(super) fn new(disk: Arc<dyn Disk>, quarantine: Quarantine) -> Self {
        Reader {
            disk,
            quarantine,
            next: 0,
            at: None,
            failed: None,
            failures: 0,
            retry: None,
        }
    }

    /// When it is tried again to read a segment that could not be read. Until then nothing is given.
    pub(super) fn retry_at(&self) -> Option<Instant> {
        self.retry.filter(|retry| *retry > Instant::now())
    }

    /// Waits with a segment that could not be read, since there may only be too many open files; `false` if that was so often enough.
    pub(super) fn wait(&mut self) -> bool {
        if self.failures >= MOST_FAILURES {
            return false;
        }
        let pause = (FIRST_PAUSE * 2_u32.saturating_pow(self.failures)).min(LONGEST_PAUSE);
        self.failures += 1;
        self.retry = Some(Instant::now() + pause);
        // It is looked for again, and what was given of it is passed over.
        self.at = None;
        true
    }

    /// The sequence number of the next record to be given.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// Begins again with the oldest record that is not acknowledged.
    #[cfg(test)]
    pub(super) fn rewind(&mut self) {
        self.next = 0;
        self.at = None;
        self.failures = 0;
        self.retry = None;
    }

    /// The next records; none if all are taken.
    pub(super) fn take(&mut self, shelf: &impl Shelf, limits: Limits) -> io::Result<Vec<Taken>> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.retry_at().is_some() {
            return Ok(Vec::new());
        }
        let mut taken: Vec<Taken> = Vec::new();
        loop {
            let bytes: usize = taken.iter().map(|one| one.bytes.len()).sum();
            let left = Limits {
                records: limits.records.saturating_sub(taken.len()),
                bytes: limits.bytes.saturating_sub(bytes),
            };
            if left.records == 0 || (left.bytes == 0 && !taken.is_empty()) {
                return Ok(taken);
            }
            let read = match self.find_next(shelf, left) {
                Next::Memory(waiting) => {
                    taken.extend(waiting);
                    return Ok(taken);
                }
                Next::Segment(at, length) => self.open(shelf, at, length),
                Next::Here(length) => self
                    .read(shelf, length, left)
                    .map(|records| taken.extend(records)),
            };
            match read {
                // It is not tried again at once.
                Ok(()) if self.failed.is_some() => return Ok(taken),
                Ok(()) => {}
                Err(error) if taken.is_empty() => return Err(error),
                Err(error) => {
                    self.failed = Some(error);
                    return Ok(taken);
                }
            }
        }
    }

    fn find_next(&mut self, shelf: &impl Shelf, limits: Limits) -> Next {
        shelf.with_books(|books| {
            let at = self.at.as_ref();
            if let Some(at) = at
                && let Some(scan) = &at.scan
                && let Some(segment) = books.segment(at.segment)
                && segment.length > scan.offset()
            {
                return Next::Here(segment.length);
            }
            if let Some(at) = at
                && let Some(finished) = books.segment(at.segment)
            {
                let end = finished.sequences.end;
                if !at.is_passed_over {
                    // All that is written of it was read, and what was not found is not there.
                    books.enter_damaged(self.next..end, Instant::now());
                }
                self.next = self.next.max(end);
            }
            let number = at.map(|at| at.segment);
            let Some(following) = books.segment_after(number) else {
                return Next::Memory(self.take_waiting(books, limits));
            };
            let (number, length) = (following.number, following.length);
            let directory = books.directory.as_deref().unwrap_or("".as_ref());
            let at = At {
                segment: number,
                path: WriterDirectory::segment_path(directory, number),
                scan: None,
                is_passed_over: false,
                definitions: Definitions::default(),
            };
            Next::Segment(at, length)
        })
    }

    fn take_waiting(&mut self, books: &Books, limits: Limits) -> Vec<Taken> {
        let mut bytes = 0;
        let waiting = books.waiting_from(self.next).take(limits.records);
        let fitting = waiting.take_while(|waiting| {
            let fits = bytes == 0 || bytes + waiting.bytes.len() <= limits.bytes;
            bytes += waiting.bytes.len().max(1);
            fits
        });
        let taken: Vec<Taken> = fitting
            .map(|waiting| Taken {
                position: Position(waiting.sequence),
                bytes: waiting.bytes.clone(),
                definitions: waiting.definitions.iter().collect(),
            })
            .collect();
        self.next = match taken.last() {
            Some(last) => last.position.0 + 1,
            None => self.next.max(books.next()),
        };
        taken
    }

    /// Begins with a segment.
    fn open(&mut self, shelf: &impl Shelf, at: At, length: u64) -> io::Result<()> {
        let at = self.at.insert(at);
        let source = FileSource {
            disk: self.disk.clone(),
            path: at.path.clone(),
        };
        match Scan::open(source, length) {
            Ok(scan) => at.scan = Some(scan),
            Err(SegmentError::Read(error)) if error.kind() != io::ErrorKind::NotFound => {
                at.is_passed_over = true;
                self.wait();
                return Err(error);
            }
            Err(error) => {
                // It was dropped meanwhile; or else it is gone, or its header is.
                if shelf.with_books(|books| books.segment(at.segment).is_some()) {
                    let reason = error.to_string();
                    let _ = self.quarantine.copy(&at.path, 0..length, &reason);
                }
            }
        }
        Ok(())
    }

    /// Reads from the segment that is open, up to `length`.
    fn read(&mut self, shelf: &impl Shelf, length: u64, limits: Limits) -> io::Result<Vec<Taken>> {
        let Some(at) = &mut self.at else {
            return Ok(Vec::new());
        };
        let Some(scan) = &mut at.scan else {
            return Ok(Vec::new());
        };
        scan.extend(length);
        let mut found: Vec<Taken> = Vec::new();
        let mut damaged: Vec<Range<u64>> = Vec::new();
        let mut bytes = 0;
        let mut failed = None;
        let mut is_cut_off = false;
        while found.len() < limits.records && (bytes < limits.bytes || found.is_empty()) {
            match scan.next() {
                Ok(Some(Found::Definition { key, bytes })) => at.definitions.insert(key, bytes),
                Ok(Some(Found::Record { sequence, .. })) if sequence < self.next => {}
                Ok(Some(Found::Record {
                    sequence,
                    bytes: record,
                })) => {
                    bytes += record.len();
                    found.push(Taken {
                        position: Position(sequence),
                        bytes: record.into(),
                        definitions: at.definitions.clone(),
                    });
                }
                Ok(Some(Found::Damage(range))) => damaged.push(range),
                Ok(None) => {
                    is_cut_off = scan.offset() < length;
                    break;
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        if let Some(error) = &failed {
            at.is_passed_over = error.kind() != io::ErrorKind::NotFound;
        }
        if failed.is_some() || is_cut_off {
            at.scan = None;
        }
        for range in damaged {
            let reason = "no entry can be read here";
            let _ = self.quarantine.copy(&at.path, range, reason);
        }
        let is_passed_over = at.is_passed_over;
        if failed.is_some() && is_passed_over {
            self.wait();
        } else if !found.is_empty() {
            self.failures = 0;
        }
        shelf.with_books(|books| {
            let now = Instant::now();
            found.retain(|one| {
                let sequence = one.position.0;
                if sequence < self.next {
                    return false;
                }
                books.enter_damaged(self.next..sequence, now);
                self.next = sequence + 1;
                !books.is_settled(sequence)
            });
        });
        match failed {
            Some(error) if is_passed_over && found.is_empty() => Err(error),
            Some(error) if is_passed_over => {
                self.failed = Some(error);
                Ok(found)
            }
            _ => Ok(found),
        }
    }
}
