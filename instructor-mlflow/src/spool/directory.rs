//! The directory of one writer, which belongs to whoever has its lock.
//!
//! A directory is created, then its lock file, then it is locked; whoever adopts does the last two as well. So one that is being created
//! may be taken for a dead one, with nothing in it, and removed: its creator notices, by the lock that it does not get or that is gone, and
//! takes another name. Nothing needs to be renamed, which systems refuse for directories with open files in them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::random;

use super::acknowledged::AcknowledgedFile;
use super::disk::{Disk, Lock};
use super::segment::Source;

const LOCK: &str = "lock";
const ACKNOWLEDGED: &str = "acknowledged";
const ACKNOWLEDGED_NEW: &str = "acknowledged.new";
const SEGMENT_SUFFIX: &str = ".segment";

/// How many names a creator tries. Each is lost to another process, which is rare already.
const NAMES: usize = 32;

#[derive(Debug)]
pub(super) struct WriterDirectory {
    disk: Arc<dyn Disk>,
    path: Arc<Path>,
    lock: Box<dyn Lock>,
}

impl WriterDirectory {
    /// Creates one below `root`.
    pub(super) fn create(disk: &Arc<dyn Disk>, root: &Path) -> io::Result<Self> {
        for _ in 0..NAMES {
            let path = root.join(format!("{:016x}", random::number()));
            disk.create_directory(&path)?;
            match Self::lock(disk, path.clone()) {
                Ok(Some(directory)) => return Ok(directory),
                Ok(None) => {}
                Err(error) => {
                    // Not one more with every try.
                    let _ = disk.remove_file(&path.join(LOCK));
                    let _ = disk.remove_directory(&path);
                    return Err(error);
                }
            }
        }
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Locks one; `None` if another has it, or has removed it.
    pub(super) fn lock(disk: &Arc<dyn Disk>, path: PathBuf) -> io::Result<Option<Self>> {
        let lock = match disk.lock(&path.join(LOCK)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            lock => lock?,
        };
        let Some(lock) = lock else { return Ok(None) };
        let directory = WriterDirectory {
            disk: disk.clone(),
            path: path.into(),
            lock,
        };
        // It may have been removed between being opened and being locked.
        Ok(directory.is_held()?.then_some(directory))
    }

    /// Whether it is still there, with the lock by which others know that it is not theirs.
    pub(super) fn is_held(&self) -> io::Result<bool> {
        self.lock.is_at(&self.path.join(LOCK))
    }

    /// Whether a name below the root is that of a writer's directory.
    fn is_name(name: &str) -> bool {
        name.len() == 16 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
    }

    /// Those below `root`, in the order of their names.
    ///
    /// # Errors
    ///
    /// If `root` cannot be read.
    pub(super) fn all_below(disk: &Arc<dyn Disk>, root: &Path) -> io::Result<Vec<PathBuf>> {
        let listed = disk.list(root)?.into_iter();
        let mut names: Vec<String> = listed
            .filter(|one| one.is_directory && Self::is_name(&one.name))
            .map(|one| one.name)
            .collect();
        names.sort_unstable();
        Ok(names.into_iter().map(|name| root.join(name)).collect())
    }

    pub(super) fn path(&self) -> &Arc<Path> {
        &self.path
    }

    pub(super) fn disk(&self) -> &Arc<dyn Disk> {
        &self.disk
    }

    pub(super) fn segment_path(directory: &Path, number: u64) -> PathBuf {
        directory.join(format!("{number:08}{SEGMENT_SUFFIX}"))
    }

    /// The numbers and lengths of its segments, in their order.
    pub(super) fn segments(&self) -> io::Result<Vec<(u64, u64)>> {
        Self::segments_in(&self.disk, &self.path)
    }

    /// The same of a directory that somebody else may have.
    pub(super) fn segments_in(disk: &Arc<dyn Disk>, path: &Path) -> io::Result<Vec<(u64, u64)>> {
        let listed = disk.list(path)?;
        let number = |name: &str| name.strip_suffix(SEGMENT_SUFFIX)?.parse().ok();
        let numbers = listed.iter().filter(|one| !one.is_directory);
        let mut segments: Vec<(u64, u64)> = numbers
            .filter_map(|one| Some((number(&one.name)?, one.length)))
            .collect();
        segments.sort_unstable();
        Ok(segments)
    }

    /// The bytes that say what is settled; `None` if nothing is.
    pub(super) fn acknowledged(&self) -> io::Result<Option<Vec<u8>>> {
        Self::acknowledged_in(&self.disk, &self.path)
    }

    /// The same of a directory that somebody else may have.
    pub(super) fn acknowledged_in(
        disk: &Arc<dyn Disk>,
        path: &Path,
    ) -> io::Result<Option<Vec<u8>>> {
        // Its ranges, its state and a little more.
        let most = 2 * super::MAX_STATE_BYTES;
        match disk.read(&path.join(ACKNOWLEDGED), 0, most) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    /// Writes down what is settled; `durable` if it must survive a loss of power before segments may go.
    pub(super) fn save(&self, acknowledged: &AcknowledgedFile, durable: bool) -> io::Result<()> {
        let new = self.path.join(ACKNOWLEDGED_NEW);
        match self.disk.remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = self.disk.create(&new)?;
        file.append(&acknowledged.encode())?;
        if durable {
            file.sync_data()?;
        }
        drop(file);
        self.disk.rename(&new, &self.path.join(ACKNOWLEDGED))?;
        if durable {
            self.disk.sync_directory(&self.path)?;
        }
        Ok(())
    }

    pub(super) fn remove_segment(&self, number: u64) -> io::Result<()> {
        match self
            .disk
            .remove_file(&Self::segment_path(&self.path, number))
        {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Removes it and all that is in it; what it does not know stays, and the directory with it.
    pub(super) fn remove(self) -> io::Result<()> {
        for (number, _) in self.segments()? {
            self.remove_segment(number)?;
        }
        // The lock at last: as long as it is there, nobody else is at work here.
        for name in [ACKNOWLEDGED, ACKNOWLEDGED_NEW, LOCK] {
            match self.disk.remove_file(&self.path.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        drop(self.lock);
        match self.disk.remove_directory(&self.path) {
            // Somebody looks whether there is anything to adopt, and removes it.
            Err(error) if is_gone(error.kind()) => Ok(()),
            removed => removed,
        }
    }
}

fn is_gone(kind: io::ErrorKind) -> bool {
    matches!(
        kind,
        io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty
    )
}

/// The bytes of a file.
#[derive(Debug)]
pub(super) struct FileSource {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) path: PathBuf,
}

impl Source for FileSource {
    fn read(&self, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        self.disk.read(&self.path, offset, most)
    }
}
