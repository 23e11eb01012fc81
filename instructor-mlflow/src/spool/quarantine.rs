//! Where bytes go that nobody can read, or that a server has refused: a file of bytes, and a text beside it that says why.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use crate::random;

use super::disk::Disk;
use super::writer::milliseconds;

const DIRECTORY: &str = "quarantine";

/// How much is kept; what is oldest goes.
const CAPACITY: u64 = 64 * 1024 * 1024;

/// How much of a damaged file is copied at once.
const PIECE_BYTES: u64 = 1024 * 1024;

/// How much of a reason is read.
const REASON_BYTES: usize = 4096;

/// A file in quarantine.
#[derive(Debug)]
pub(crate) struct InQuarantine {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    /// Empty if it is not there.
    pub(crate) reason: String,
}

/// The quarantine of all writers below a root.
#[derive(Debug, Clone)]
pub(crate) struct Quarantine {
    disk: Arc<dyn Disk>,
    directory: PathBuf,
    capacity: u64,
}

impl Quarantine {
    pub(crate) fn new(disk: Arc<dyn Disk>, root: &Path) -> Self {
        Quarantine {
            disk,
            directory: root.join(DIRECTORY),
            capacity: CAPACITY,
        }
    }

    #[cfg(test)]
    pub(crate) fn with_capacity(self, capacity: u64) -> Self {
        Quarantine { capacity, ..self }
    }

    /// Keeps bytes, and `reason` beside them, which is for people. Says where they are.
    ///
    /// # Errors
    ///
    /// If the disk does not take them.
    pub(crate) fn put(&self, bytes: &[u8], reason: &str) -> io::Result<PathBuf> {
        let now = milliseconds(SystemTime::now());
        let name = format!("{now:013}-{:016x}", random::number());
        self.keep(&name, bytes.len() as u64, reason, |position, most| {
            let rest = bytes.get(usize::try_from(position).unwrap_or(usize::MAX)..);
            let rest = rest.unwrap_or_default();
            Ok(rest.get(..most).unwrap_or(rest).to_vec())
        })
    }

    /// Keeps a piece of a segment. The same piece is kept once, however often its directory is adopted.
    pub(super) fn copy(
        &self,
        segment: &Path,
        range: std::ops::Range<u64>,
        reason: &str,
    ) -> io::Result<PathBuf> {
        let writer = segment
            .parent()
            .and_then(Path::file_name)
            .unwrap_or_default();
        let file = segment.file_stem().unwrap_or_default();
        let (writer, file) = (writer.display(), file.display());
        let name = format!("{writer}-{file}-{}", range.start);
        let length = range.end.saturating_sub(range.start);
        self.keep(&name, length, reason, |position, most| {
            self.disk.read(segment, range.start + position, most)
        })
    }

    /// What is kept, oldest first.
    ///
    /// # Errors
    ///
    /// If it cannot be read.
    pub(crate) fn kept(&self) -> io::Result<Vec<InQuarantine>> {
        let mut listed = match self.disk.list(&self.directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed?,
        };
        listed.retain(|one| !one.is_directory && one.name.ends_with(".bytes"));
        listed.sort_by(|one, other| (one.modified, &one.name).cmp(&(other.modified, &other.name)));
        let kept = listed.into_iter().map(|one| {
            let path = self.directory.join(&one.name);
            let reason = self.disk.read(&path.with_extension("txt"), 0, REASON_BYTES);
            InQuarantine {
                bytes: one.length,
                // It may have been left out, or gone meanwhile.
                reason: String::from_utf8_lossy(&reason.unwrap_or_default())
                    .trim_end()
                    .to_owned(),
                path,
            }
        });
        Ok(kept.collect())
    }

    fn keep(
        &self,
        name: &str,
        length: u64,
        reason: &str,
        read: impl Fn(u64, usize) -> io::Result<Vec<u8>>,
    ) -> io::Result<PathBuf> {
        let length = length.min(self.capacity);
        self.disk.create_directory(&self.directory)?;
        self.make_room(length)?;
        let path = self.directory.join(format!("{name}.bytes"));
        let mut file = match self.disk.create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(path),
            file => file?,
        };
        let written = (0..length)
            .step_by(usize::try_from(PIECE_BYTES).unwrap_or(usize::MAX))
            .try_for_each(|position| {
                let most = (length - position).min(PIECE_BYTES);
                file.append(&read(
                    position,
                    usize::try_from(most).unwrap_or(usize::MAX),
                )?)
            })
            .and_then(|()| self.write_reason(&path, reason));
        if let Err(error) = written {
            drop(file);
            let _ = self.disk.remove_file(&path);
            return Err(error);
        }
        Ok(path)
    }

    fn write_reason(&self, path: &Path, reason: &str) -> io::Result<()> {
        match self.disk.create(&path.with_extension("txt")) {
            // A loss of power has taken the bytes that it belonged to.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            file => file?.append(format!("{reason}\n").as_bytes()),
        }
    }

    /// Lets the oldest go until so many bytes fit.
    fn make_room(&self, length: u64) -> io::Result<()> {
        let mut kept = self.disk.list(&self.directory)?;
        kept.retain(|one| !one.is_directory && one.name.ends_with(".bytes"));
        kept.sort_by(|one, other| (one.modified, &one.name).cmp(&(other.modified, &other.name)));
        let mut bytes: u64 = kept.iter().map(|one| one.length).sum();
        for oldest in kept {
            if bytes.saturating_add(length) <= self.capacity {
                break;
            }
            let path = self.directory.join(&oldest.name);
            self.disk.remove_file(&path)?;
            // A reason that stays behind without its bytes does no harm.
            let _ = self.disk.remove_file(&path.with_extension("txt"));
            bytes = bytes.saturating_sub(oldest.length);
        }
        Ok(())
    }
}
