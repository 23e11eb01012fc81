//! Takes over the directories of processes that have ended.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use super::acknowledged::{AcknowledgedError, AcknowledgedFile};
use super::books::{Books, SegmentBooks};
use super::directory::{FileSource, WriterDirectory};
use super::disk::Disk;
use super::error::StateTooLong;
use super::quarantine::Quarantine;
use super::reader::{Limits, Position, Reader, Shelf, Taken};
use super::segment::{Found, Scan, SegmentError};
use super::statistics::Statistics;
use super::writer::milliseconds;

/// What was found below a root.
#[derive(Debug, Default)]
pub(crate) struct Adoption {
    pub(crate) adopted: Vec<Adopted>,
    /// Directories whose processes live, or that somebody else has adopted.
    pub(crate) in_use: usize,
    /// Directories whose records go elsewhere.
    pub(crate) of_other_labels: usize,
    /// Directories that are left as they are.
    pub(crate) refused: Vec<Refused>,
}

/// A directory that cannot be adopted.
#[derive(Debug, thiserror::Error)]
#[error("{} is left as it is: {reason}", path.display())]
pub(crate) struct Refused {
    pub(crate) path: PathBuf,
    pub(crate) reason: String,
}

/// The records of a process that has ended. Nobody else gets them as long as this value is there.
#[derive(Debug)]
pub(crate) struct Adopted {
    directory: WriterDirectory,
    label: Box<[u8]>,
    books: Mutex<Books>,
    reader: Reader,
}

/// Adopts directories below `root` that nobody uses, at most `most`; only those whose label is wanted. Those with nothing in them
/// are removed.
///
/// # Errors
///
/// If `root` cannot be read. One that is not there has nothing in it.
pub(crate) fn adopt(
    disk: &Arc<dyn Disk>,
    root: &Path,
    is_wanted: impl Fn(&[u8]) -> bool,
    most: usize,
) -> io::Result<Adoption> {
    let mut adoption = Adoption::default();
    let paths = match WriterDirectory::all_below(disk, root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(adoption),
        paths => paths?,
    };
    let quarantine = Quarantine::new(disk.clone(), root);
    for path in paths {
        if adoption.adopted.len() >= most {
            break;
        }
        match Adopted::open(disk, path.clone(), &is_wanted, &quarantine) {
            Ok(Opened::Adopted(adopted)) => match adopted.finish() {
                Ok(None) => {}
                Ok(Some(adopted)) => adoption.adopted.push(adopted),
                Err(error) => adoption.refused.push(Refused::new(path, &error)),
            },
            Ok(Opened::InUse) => adoption.in_use += 1,
            Ok(Opened::OtherLabel) => adoption.of_other_labels += 1,
            Err(error) => adoption.refused.push(Refused::new(path, &error)),
        }
    }
    Ok(adoption)
}

impl Refused {
    fn new(path: PathBuf, reason: &impl ToString) -> Self {
        Refused {
            path,
            reason: reason.to_string(),
        }
    }
}

enum Opened {
    Adopted(Box<Adopted>),
    InUse,
    OtherLabel,
}

impl Adopted {
    fn open(
        disk: &Arc<dyn Disk>,
        path: PathBuf,
        is_wanted: impl Fn(&[u8]) -> bool,
        quarantine: &Quarantine,
    ) -> Result<Opened, SegmentError> {
        let Some(directory) = WriterDirectory::lock(disk, path)? else {
            return Ok(Opened::InUse);
        };
        let bytes = directory.acknowledged()?;
        let file = match bytes.as_deref().map(AcknowledgedFile::decode) {
            Some(Ok(file)) => Some(file),
            Some(Err(AcknowledgedError::Newer(version))) => {
                return Err(SegmentError::Newer(version));
            }
            // All is given again.
            Some(Err(AcknowledgedError::Damaged)) | None => None,
        };
        let mut recovery = Recovery::new(file, quarantine);
        // All of them, before anything is changed.
        let segments = directory.segments()?;
        for (number, length) in &segments {
            recovery.look_at(&directory, *number, *length)?;
        }
        // Where no label can be read, no record can.
        if !recovery.label.as_deref().is_none_or(is_wanted) {
            return Ok(Opened::OtherLabel);
        }
        recovery.file.label = recovery.label.clone().unwrap_or_default();
        for (number, length) in segments {
            recovery.recover(&directory, number, length)?;
        }
        let path = directory.path().clone();
        Ok(Opened::Adopted(Box::new(Adopted {
            label: recovery.file.label.clone(),
            reader: Reader::new(disk.clone(), quarantine.clone()),
            books: Mutex::new(Books::adopted(
                path,
                recovery.file,
                recovery.segments,
                recovery.damaged,
            )),
            directory,
        })))
    }

    /// To whom the records go.
    pub(crate) fn label(&self) -> &[u8] {
        &self.label
    }

    /// What was kept with the last acknowledgement that was written down.
    pub(crate) fn state(&self) -> Box<[u8]> {
        self.books.with_books(|books| books.state().into())
    }

    /// The next records, oldest first; none if all are taken.
    ///
    /// # Errors
    ///
    /// If a segment cannot be read. It is tried again from time to time, and passed over at last: then its records wait.
    pub(crate) fn take(&mut self, limits: Limits) -> io::Result<Vec<Taken>> {
        self.reader.take(&self.books, limits)
    }

    /// When records can be taken again, if a segment could not be read.
    pub(crate) fn retry_at(&self) -> Option<Instant> {
        self.reader.retry_at()
    }

    /// How many records can be taken, at most.
    pub(crate) fn untaken(&self) -> u64 {
        if self.reader.retry_at().is_some() {
            return 0;
        }
        let next = self.reader.next();
        self.books
            .with_books(|books| books.next().saturating_sub(next))
    }

    /// Enters that records are done with, in any order: they were taken, or `rejected`, which means that nobody takes them. Keeps `state`
    /// with that. It is written down from time to time, and by `flush`.
    ///
    /// # Errors
    ///
    /// If the state is too long: then nothing is entered.
    pub(crate) fn settle(
        &mut self,
        taken: &[Position],
        rejected: &[Position],
        state: Option<&[u8]>,
    ) -> Result<(), StateTooLong> {
        StateTooLong::check(state)?;
        let now = Instant::now();
        let due = self.books.with_books(|books| {
            books.settle(taken, rejected, state, now);
            books.save_due()
        });
        if due.is_some_and(|due| due <= now) {
            // It stays to be written down if it cannot be now; whoever needs to know calls `flush`.
            let _ = self.flush();
        }
        Ok(())
    }

    /// The same of records that were taken.
    #[cfg(test)]
    pub(crate) fn acknowledge(
        &mut self,
        positions: &[Position],
        state: Option<&[u8]>,
    ) -> Result<(), StateTooLong> {
        self.settle(positions, &[], state)
    }

    /// Writes down what is settled, and removes the segments with nothing left in them.
    ///
    /// # Errors
    ///
    /// If the disk does not take it.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let save = self.books.with_books(|books| {
            let is_changed = books.save_due().is_some() || books.has_finished_segment();
            is_changed.then(|| books.save(None))
        });
        let Some(save) = save else { return Ok(()) };
        let saved = self.directory.save(&save.file, true).and_then(|()| {
            save.finished.iter().try_for_each(|number| {
                self.directory.remove_segment(*number)?;
                self.books.with_books(|books| books.enter_removed(*number));
                Ok(())
            })
        });
        if saved.is_err() {
            self.books
                .with_books(|books| books.enter_unsaved(Instant::now()));
        }
        saved
    }

    /// Writes down what is settled and gives itself back, or removes the directory if neither a record nor a state is left.
    ///
    /// # Errors
    ///
    /// If the disk does not take it.
    pub(crate) fn finish(mut self) -> io::Result<Option<Self>> {
        self.flush()?;
        if !self.books.with_books(|books| books.is_finished()) {
            return Ok(Some(self));
        }
        self.directory.remove()?;
        Ok(None)
    }

    pub(crate) fn statistics(&self) -> Statistics {
        self.books
            .with_books(|books| books.statistics(Instant::now()))
    }
}

/// Reads segments in their order, and finds out what is in them.
struct Recovery<'a> {
    file: AcknowledgedFile,
    /// `None` if it cannot be read anywhere.
    label: Option<Box<[u8]>>,
    quarantine: &'a Quarantine,
    segments: VecDeque<SegmentBooks>,
    damaged: u64,
    /// The sequence number that comes next if none is missing.
    expected: u64,
    /// Whether bytes could not be read since the last record.
    is_damaged: bool,
}

impl<'a> Recovery<'a> {
    fn new(file: Option<AcknowledgedFile>, quarantine: &'a Quarantine) -> Self {
        Recovery {
            expected: 0,
            label: file.as_ref().map(|file| file.label.clone()),
            file: file.unwrap_or_default(),
            quarantine,
            segments: VecDeque::new(),
            damaged: 0,
            is_damaged: false,
        }
    }

    /// Finds out whether this program knows what is in a segment, and to whom it goes.
    fn look_at(
        &mut self,
        directory: &WriterDirectory,
        number: u64,
        length: u64,
    ) -> Result<(), SegmentError> {
        match Self::open(directory, number, length) {
            Ok(scan) => {
                if self.label.is_none() {
                    self.label = Some(scan.header().label.clone());
                }
                Ok(())
            }
            Err(SegmentError::Header) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn open(
        directory: &WriterDirectory,
        number: u64,
        length: u64,
    ) -> Result<Scan<FileSource>, SegmentError> {
        let source = FileSource {
            disk: directory.disk().clone(),
            path: WriterDirectory::segment_path(directory.path(), number),
        };
        Scan::open(source, length)
    }

    fn recover(
        &mut self,
        directory: &WriterDirectory,
        number: u64,
        length: u64,
    ) -> Result<(), SegmentError> {
        let path = WriterDirectory::segment_path(directory.path(), number);
        let mut scan = match Self::open(directory, number, length) {
            Err(SegmentError::Header) => {
                self.is_damaged = true;
                let reason = "the header cannot be read";
                // It stays until its bytes are in the quarantine.
                let kept = self.quarantine.copy(&path, 0..length, reason);
                return Ok(kept.and_then(|_| directory.remove_segment(number))?);
            }
            scan => scan?,
        };
        let mut segment = SegmentBooks {
            number,
            sequences: self.expected..self.expected,
            length,
            unacknowledged: 0,
            since: since(scan.header().created),
        };
        while let Some(found) = scan.next()? {
            match found {
                Found::Definition { .. } => {}
                Found::Record { sequence, .. } => self.enter(&mut segment, sequence),
                Found::Damage(range) if range.end == length => {
                    // It was being written. If it cannot be cut off, the next one who reads it passes over it as well.
                    let _ = directory.disk().truncate(&path, range.start);
                    segment.length = range.start;
                    self.is_damaged = true;
                }
                Found::Damage(range) => {
                    self.is_damaged = true;
                    // Full as the disk may be, the records that are there go on.
                    let reason = "no entry can be read here";
                    let _ = self.quarantine.copy(&path, range, reason);
                }
            }
        }
        self.segments.push_back(segment);
        Ok(())
    }

    fn enter(&mut self, segment: &mut SegmentBooks, sequence: u64) {
        // It was written twice, since the first time seemed to have failed.
        if sequence < self.expected {
            return;
        }
        let settled = &mut self.file.acknowledged;
        if self.is_damaged {
            self.damaged += settled.missing(self.expected..sequence);
        }
        settled.insert_range(self.expected..sequence);
        self.is_damaged = false;
        self.expected = sequence.saturating_add(1);
        if segment.sequences.is_empty() {
            segment.sequences.start = sequence;
        }
        segment.sequences.end = self.expected;
        segment.unacknowledged += u64::from(!settled.contains(sequence));
    }
}

/// When something was, by the clock that only goes forward.
pub(super) fn since(created: u64) -> Instant {
    let age = milliseconds(SystemTime::now()).saturating_sub(created);
    let now = Instant::now();
    now.checked_sub(Duration::from_millis(age)).unwrap_or(now)
}
