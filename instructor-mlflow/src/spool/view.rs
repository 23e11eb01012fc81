//! Looks into the directories of writers, and changes nothing in them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::acknowledged::{Acknowledged, AcknowledgedError, AcknowledgedFile};
use super::directory::{FileSource, WriterDirectory};
use super::disk::Disk;
use super::segment::{Found, Scan, SegmentError};

/// What is in the directory of a writer. It may be at work there: then this is what it has written down until now.
#[derive(Debug)]
pub(crate) struct View {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    is_in_use: bool,
    label: Box<[u8]>,
    settled: Acknowledged,
    /// Their numbers and lengths.
    segments: Vec<(u64, u64)>,
}

/// A look into each directory below `root`, or why that is not possible.
///
/// # Errors
///
/// If `root` cannot be read.
pub(crate) fn views(
    disk: &Arc<dyn Disk>,
    root: &Path,
) -> io::Result<Vec<(PathBuf, io::Result<View>)>> {
    let paths = WriterDirectory::all_below(disk, root)?.into_iter();
    let views = paths.map(|path| (path.clone(), View::open(disk, path)));
    // It was delivered meanwhile, or nothing is in it.
    let is_there = |view: &io::Result<View>| match view {
        Err(error) => error.kind() != io::ErrorKind::NotFound,
        Ok(_) => true,
    };
    Ok(views.filter(|(_, view)| is_there(view)).collect())
}

impl View {
    fn open(disk: &Arc<dyn Disk>, path: PathBuf) -> io::Result<View> {
        let segments = WriterDirectory::segments_in(disk, &path)?;
        let bytes = WriterDirectory::acknowledged_in(disk, &path)?;
        if segments.is_empty() && bytes.is_none() {
            // It may be that of a process which has created it and not locked it yet, and would be taken from it.
            return Err(io::ErrorKind::NotFound.into());
        }
        let is_in_use = WriterDirectory::lock(disk, path.clone())?.is_none();
        let file = match bytes.as_deref().map(AcknowledgedFile::decode) {
            Some(Ok(file)) => Some(file),
            Some(Err(AcknowledgedError::Newer(version))) => {
                return Err(unreadable(SegmentError::Newer(version)));
            }
            Some(Err(AcknowledgedError::Damaged)) | None => None,
        };
        let mut view = View {
            disk: disk.clone(),
            path,
            is_in_use,
            label: Box::default(),
            settled: Acknowledged::default(),
            segments,
        };
        match file {
            Some(file) => (view.label, view.settled) = (file.label, file.acknowledged),
            None => view.label = view.label_of_segments()?,
        }
        Ok(view)
    }

    /// Of the first one that can be read.
    fn label_of_segments(&self) -> io::Result<Box<[u8]>> {
        for (number, length) in &self.segments {
            if let Some(scan) = self.scan(*number, *length)? {
                return Ok(scan.header().label.clone());
            }
        }
        Ok(Box::default())
    }

    /// Whether its process lives, or somebody else has adopted it.
    pub(crate) fn is_in_use(&self) -> bool {
        self.is_in_use
    }

    /// To whom the records go; empty if that cannot be read.
    pub(crate) fn label(&self) -> &[u8] {
        &self.label
    }

    /// Of all segments.
    pub(crate) fn bytes(&self) -> u64 {
        self.segments.iter().map(|(_, length)| length).sum()
    }

    /// Gives each record that is not known to be settled to `visit`, oldest first. What cannot be read is passed over.
    ///
    /// # Errors
    ///
    /// If the disk does not give a segment, a later version has written it, or `visit` has failed.
    pub(crate) fn for_each(
        &self,
        mut visit: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut expected = 0;
        for (number, length) in &self.segments {
            let Some(mut scan) = self.scan(*number, *length)? else {
                continue;
            };
            while let Some(found) = scan.next()? {
                match found {
                    Found::Record { sequence, bytes } if sequence >= expected => {
                        expected = sequence.saturating_add(1);
                        if !self.settled.contains(sequence) {
                            visit(bytes)?;
                        }
                    }
                    // It was written twice, or is being written.
                    Found::Record { .. } | Found::Damage(_) | Found::Definition { .. } => {}
                }
            }
        }
        Ok(())
    }

    /// `None` if the segment is gone, or its header cannot be read.
    fn scan(&self, number: u64, length: u64) -> io::Result<Option<Scan<FileSource>>> {
        let source = FileSource {
            disk: self.disk.clone(),
            path: WriterDirectory::segment_path(&self.path, number),
        };
        match Scan::open(source, length) {
            Ok(scan) => Ok(Some(scan)),
            Err(SegmentError::Header) => Ok(None),
            Err(SegmentError::Read(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }
}

fn unreadable(error: SegmentError) -> io::Error {
    match error {
        SegmentError::Read(error) => error,
        error => io::Error::new(io::ErrorKind::Unsupported, error.to_string()),
    }
}
