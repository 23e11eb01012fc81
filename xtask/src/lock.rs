//! Keeps two runs of xtask from working in the same folder at once.

use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};

/// The sole right to a folder under `target/`, until it is dropped or the program ends.
pub(crate) struct FolderLock {
    _lock: Flock<File>,
}

impl FolderLock {
    /// Waits for the right to the folder, which is created if need be.
    pub(crate) fn take(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create the folder {}", folder.display()))?;
        let path = folder.with_extension("lock");
        let file = File::create(&path)
            .with_context(|| format!("cannot create the lock {}", path.display()))?;
        let file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(Self { _lock: lock }),
            Err((file, Errno::EWOULDBLOCK)) => file,
            Err((_, error)) => bail!("cannot lock {}: {error}", path.display()),
        };
        println!(
            "waiting for another cargo xtask that works in {}",
            folder.display()
        );
        match Flock::lock(file, FlockArg::LockExclusive) {
            Ok(lock) => Ok(Self { _lock: lock }),
            Err((_, error)) => bail!("cannot lock {}: {error}", path.display()),
        }
    }

    /// Waits for the right to the folder, and removes what an earlier run has left in it.
    pub(crate) fn take_empty(folder: &Path) -> Result<Self> {
        let lock = Self::take(folder)?;
        fs::remove_dir_all(folder)
            .and_then(|()| fs::create_dir(folder))
            .with_context(|| format!("cannot empty the folder {}", folder.display()))?;
        Ok(lock)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_second_run_waits_for_the_first_and_finds_the_folder_empty() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("demo");
        let first_is_over = AtomicBool::new(false);
        let first = FolderLock::take_empty(&folder).unwrap();
        fs::write(folder.join("mlflow.db"), "rows").unwrap();

        thread::scope(|scope| {
            let second = scope.spawn(|| {
                let lock = FolderLock::take_empty(&folder).unwrap();
                assert!(first_is_over.load(Ordering::SeqCst));
                lock
            });
            thread::sleep(Duration::from_millis(100));
            assert!(folder.join("mlflow.db").exists());
            first_is_over.store(true, Ordering::SeqCst);
            drop(first);
            second.join().unwrap();
        });
        assert!(!folder.join("mlflow.db").exists());
    }
}
