//! Where traces wait for their server, and what happens when there is no room.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;

use crate::spool::{self, Options};

/// What traces survive that are waiting for their server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Durability {
    /// Nothing: they wait in memory, and there are no files.
    Off,
    /// The end of the process, also by SIGKILL or a crash. Adding a trace costs a call some tens of microseconds.
    #[default]
    Process,
    /// The loss of power as well, but for what was added in the last 100 milliseconds. A call may have to wait while the disk makes
    /// earlier ones durable, a tenth of a second at most.
    Power,
}

/// What happens to traces when there is no room for them: 512 MiB on disk by default, and never the last tenth of it, or the last GiB if
/// that is less; 16 MiB in memory for a disk that takes none; without files, 1,000 traces or 64 MiB. What is dropped is counted in [`Statistics::dropped`](crate::Statistics::dropped).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WhenFull {
    /// The oldest ones are dropped. In memory, and where [`queue_capacity`](crate::LayerBuilder::queue_capacity) is reached, the new one
    /// is.
    #[default]
    DropOldest,
    /// The new one is dropped.
    DropNewest,
    /// The call waits until there is room, but no longer than this; then its trace is dropped. It is the one way in which tracing can
    /// hold up a call.
    Block(Duration),
}

/// How much may wait, and where.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    /// `None` to keep everything in memory.
    pub(crate) directory: Option<PathBuf>,
    /// Of each destination.
    pub(crate) options: Options,
    /// Records of all destinations.
    pub(crate) most_records: Option<usize>,
    /// How long a call waits for room, if it is to wait.
    pub(crate) wait_for_room: Option<Duration>,
    pub(crate) adoption: Adopting,
}

/// Of what processes left that have ended, what is taken along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Adopting {
    /// What goes to the servers that this process sends to.
    SameServer,
    /// All that can be sent from here, whenever it is asked for.
    Everything,
}

/// How much may wait.
impl fmt::Display for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MEBIBYTE: u64 = 1024 * 1024;
        if let Some(most) = self.most_records {
            write!(f, "{most} traces or ")?;
        }
        match &self.directory {
            Some(directory) => {
                let mebibytes = self.options.capacity / MEBIBYTE;
                write!(f, "{mebibytes} MiB in {}", directory.display())
            }
            None => write!(f, "{} MiB of memory", self.options.memory as u64 / MEBIBYTE),
        }
    }
}

impl Storage {
    #[cfg(test)]
    pub(crate) fn in_memory() -> Storage {
        let settings = StorageSettings {
            durability: Some(Durability::Off),
            ..StorageSettings::default()
        };
        settings.resolve(|_| None)
    }

    /// What others have left in a directory.
    pub(crate) fn of_others(directory: &Path) -> Storage {
        Storage {
            directory: Some(directory.to_owned()),
            options: Options::default(),
            most_records: None,
            wait_for_room: None,
            adoption: Adopting::Everything,
        }
    }

    /// Keeps nothing on disk.
    fn keep_in_memory(&mut self) {
        self.directory = None;
        self.options.durability = spool::Durability::Off;
        self.options.memory = MOST_BYTES_IN_MEMORY;
        self.most_records.get_or_insert(MOST_IN_MEMORY);
    }
}

/// How many records wait in memory where there are no files.
const MOST_IN_MEMORY: usize = 1000;
const MOST_BYTES_IN_MEMORY: usize = 64 * 1024 * 1024;

/// The interval of [`Durability::Power`].
const SYNC_EVERY: Duration = Duration::from_millis(100);

/// The name of the directory below that of the user's state.
const NAME: &str = "instructor-mlflow";

/// What turns files off in the environment.
const OFF: &str = "off";

/// What the program said of it.
#[derive(Debug, Clone, Default)]
pub(crate) struct StorageSettings {
    pub(crate) directory: Option<PathBuf>,
    pub(crate) durability: Option<Durability>,
    pub(crate) when_full: Option<WhenFull>,
    pub(crate) capacity: Option<u64>,
    pub(crate) most_records: Option<usize>,
}

impl StorageSettings {
    /// The first setting that is not that of `storage`.
    pub(crate) fn differs_from(&self, storage: &Storage) -> Option<&'static str> {
        let known = self.clone().resolve(|_| None);
        let differs = [
            (
                "spool_dir",
                self.directory.is_some() && known.directory != storage.directory,
            ),
            (
                "durability",
                self.durability.is_some() && known.options.durability != storage.options.durability,
            ),
            (
                "when_full",
                self.when_full.is_some()
                    && (known.options.when_full, known.wait_for_room)
                        != (storage.options.when_full, storage.wait_for_room),
            ),
            (
                "spool_capacity",
                self.capacity
                    .is_some_and(|bytes| bytes != storage.options.capacity),
            ),
            (
                "queue_capacity",
                self.most_records.is_some() && self.most_records != storage.most_records,
            ),
        ];
        differs
            .into_iter()
            .find_map(|(setting, differs)| differs.then_some(setting))
    }

    /// The storage, where the environment says what the program does not.
    pub(crate) fn resolve(self, variable: impl Fn(&'static str) -> Option<String>) -> Storage {
        let named = variable("MLFLOW_SPOOL_DIR").filter(|named| !named.is_empty());
        let is_off = self.directory.is_none() && named.as_deref() == Some(OFF);
        let directory = self
            .directory
            .or_else(|| named.map(PathBuf::from))
            .or_else(default_directory)
            .map(absolute)
            .filter(|_| !is_off && self.durability != Some(Durability::Off));
        let (when_full, wait_for_room) = match self.when_full.unwrap_or_default() {
            WhenFull::DropOldest => (spool::WhenFull::DropOldest, None),
            WhenFull::DropNewest => (spool::WhenFull::DropNewest, None),
            WhenFull::Block(most) => (spool::WhenFull::Refuse, Some(most)),
        };
        let mut options = Options {
            when_full,
            ..Options::default()
        };
        options.capacity = self.capacity.unwrap_or(options.capacity);
        options.durability = match self.durability.unwrap_or_default() {
            Durability::Power => spool::Durability::Power { every: SYNC_EVERY },
            _ => spool::Durability::Process,
        };
        let is_in_memory = directory.is_none();
        let mut storage = Storage {
            directory,
            options,
            most_records: self.most_records,
            wait_for_room,
            adoption: Adopting::SameServer,
        };
        if is_in_memory {
            storage.keep_in_memory();
        }
        storage
    }
}

/// The same directory, wherever the program goes.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The user's directory for what programs keep: `None` where there is no home.
pub(crate) fn default_directory() -> Option<PathBuf> {
    let home = etcetera::base_strategy::choose_native_strategy().ok()?;
    let directory = home.state_dir().unwrap_or_else(|| home.data_dir());
    Some(directory.join(NAME))
}

#[cfg(test)]
mod tests;
