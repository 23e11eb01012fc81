//! The file operations that a spool is made of. The tests put a disk in their place that loses power.

use std::fmt::Debug;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::SystemTime;

/// A place for files.
pub(crate) trait Disk: Debug + Send + Sync {
    /// Creates a directory, and those above it, which nobody else can look into. It may be there already.
    fn create_directory(&self, path: &Path) -> io::Result<()>;

    /// Makes durable which files a directory has.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;

    /// Creates a file that was not there, which nobody else can read.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;

    /// Puts a file in the place of another, at once.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Cuts a file off after `length` bytes.
    fn truncate(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with nothing in it.
    fn remove_directory(&self, path: &Path) -> io::Result<()>;

    /// What is in a directory, in no order. Names that are not Unicode are left out.
    fn list(&self, path: &Path) -> io::Result<Vec<Listed>>;

    /// The bytes of a file from `offset`, at most `most`; fewer only at its end.
    fn read(&self, path: &Path, offset: u64, most: usize) -> io::Result<Vec<u8>>;

    /// Locks a file, which is created if it is missing, until the lock is dropped or the process ends; `None` if it is locked.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>>;

    /// How much room there is; `None` if this system cannot be asked.
    fn space(&self, path: &Path) -> io::Result<Option<Space>>;
}

/// A file that grows.
pub(crate) trait DiskFile: Debug + Send {
    /// Writes at the end. If it fails, a part may be written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes durable what was written.
    fn sync_data(&self) -> io::Result<()>;
}

/// A locked file.
pub(crate) trait Lock: Debug + Send + Sync {
    /// Whether it is the file of this name, and not one that was removed or that somebody has put another in the place of.
    fn is_at(&self, path: &Path) -> io::Result<bool>;
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) is_directory: bool,
    /// In bytes.
    pub(crate) length: u64,
    pub(crate) modified: Option<SystemTime>,
}

/// The room on a disk, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Space {
    /// For this user.
    pub(crate) free: u64,
    pub(crate) total: u64,
}

/// The disk of the operating system.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OsDisk;

impl Disk for OsDisk {
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        // Windows has no such thing, and opens no directories.
        if cfg!(unix) {
            File::open(path)?.sync_all()?;
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = private().append(true).create_new(true).open(path)?;
        Ok(Box::new(file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn truncate(&self, path: &Path, length: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.set_len(length)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Listed>> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // Of the link itself, if it is one: nothing here follows links. It may be gone already.
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            listed.push(Listed {
                name,
                is_directory: metadata.is_dir(),
                length: metadata.len(),
                modified: metadata.modified().ok(),
            });
        }
        Ok(listed)
    }

    fn read(&self, path: &Path, offset: u64, most: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(offset))?;
        let left = file.metadata()?.len().saturating_sub(offset);
        let room = usize::try_from(left).unwrap_or(most).min(most);
        let mut bytes = Vec::with_capacity(room);
        file.take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Lock>>> {
        let mut options = private();
        let options = options.read(true).write(true).create(true);
        let file = options.truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    #[cfg(unix)]
    fn space(&self, path: &Path) -> io::Result<Option<Space>> {
        let found = rustix::fs::statvfs(path)?;
        Ok(Some(Space {
            free: found.f_bavail.saturating_mul(found.f_frsize),
            total: found.f_blocks.saturating_mul(found.f_frsize),
        }))
    }

    #[cfg(not(unix))]
    fn space(&self, _path: &Path) -> io::Result<Option<Space>> {
        Ok(None)
    }
}

/// Files for nobody but this user. On Windows they have the rights of the directory they are in.
fn private() -> OpenOptions {
    #[allow(unused_mut)]
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

impl DiskFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }
}

impl Lock for File {
    fn is_at(&self, path: &Path) -> io::Result<bool> {
        let named = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            named => named?,
        };
        is_same(&self.metadata()?, &named)
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

/// There only the name is looked for: the standard library does not tell two files apart.
#[cfg(not(unix))]
fn is_same(_one: &Metadata, _other: &Metadata) -> io::Result<bool> {
    Ok(true)
}
