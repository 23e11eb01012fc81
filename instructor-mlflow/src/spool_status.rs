//! What waits in a directory of traces, for people and for programs.

mod readable;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::config::environment;
use crate::record::{Content, Destination, Experiment, Record, Span};
use crate::span::TraceId;
use crate::spool::{Disk, OsDisk, Quarantine, View, views};
use crate::storage::StorageSettings;

/// What programs have left below a directory, or are about to send. Reading it changes nothing.
///
/// ```no_run
/// use instructor_mlflow::SpoolStatus;
///
/// for directory in SpoolStatus::read("/var/lib/emails/traces")?.directories {
///     println!("{}: {} records", directory.path().display(), directory.records);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct SpoolStatus {
    /// One for each process and experiment, in the order of their names.
    pub directories: Vec<SpoolDirectory>,
    /// What a server has refused, or nobody can read; oldest first.
    pub quarantine: Vec<QuarantinedFile>,
}

/// The records of one process for one experiment on a server.
#[derive(Debug)]
#[non_exhaustive]
pub struct SpoolDirectory {
    /// Whether its process lives, or another one is sending what is in it. Then the rest is what has been written down until now.
    pub is_in_use: bool,
    /// The address of the server; `None` if it cannot be read.
    pub server: Option<String>,
    /// The name of the experiment, or its number; `None` if it cannot be read.
    pub experiment: Option<String>,
    /// How many records wait: calls, and spans around calls.
    pub records: u64,
    /// What its files take.
    pub bytes: u64,
    /// When the spans of the oldest record ended.
    pub oldest: Option<SystemTime>,
    /// Why it, or a part of it, cannot be read: a later version has written it, for example, or it belongs to another user.
    pub trouble: Option<String>,
    path: PathBuf,
    view: Option<View>,
}

/// A file that is kept for people, and never sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct QuarantinedFile {
    /// The file.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// Why it is there, in the words of the server if it was one. Empty if that is not known.
    pub reason: String,
}

/// Spans that wait.
#[derive(Clone)]
#[non_exhaustive]
pub struct WaitingRecord {
    /// The trace that they belong to.
    pub trace_id: TraceId,
    /// When the last of them ended.
    pub ended: SystemTime,
    /// Children before their parents.
    pub spans: Vec<WaitingSpan>,
    /// How many bytes it takes.
    pub bytes: usize,
    encoded: Vec<u8>,
}

/// A span that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingSpan {
    /// Of a span of a call: what it stands for, for example `create` or `chat`.
    pub name: String,
    /// Whether it is one of a call, which this library has opened. All others are of the program.
    pub is_of_call: bool,
}

/// Where the traces of a program wait that says nothing else: `MLFLOW_SPOOL_DIR`, or `instructor-mlflow` in the user's directory
/// for state. `None` if `MLFLOW_SPOOL_DIR` is `off`, or the user has no home.
pub fn spool_directory() -> Option<PathBuf> {
    StorageSettings::default().resolve(environment).directory
}

impl SpoolStatus {
    /// Looks at all that is below `directory`.
    ///
    /// # Errors
    ///
    /// If `directory` cannot be read, or is not there.
    pub fn read(directory: impl AsRef<Path>) -> io::Result<SpoolStatus> {
        let root = directory.as_ref();
        let disk: Arc<dyn Disk> = Arc::new(OsDisk);
        let directories = views(&disk, root)?.into_iter();
        let kept = Quarantine::new(disk, root).kept()?.into_iter();
        let quarantine = kept.map(|file| QuarantinedFile {
            path: file.path,
            bytes: file.bytes,
            reason: file.reason,
        });
        Ok(SpoolStatus {
            directories: directories
                .map(|(path, view)| SpoolDirectory::new(path, view))
                .collect(),
            quarantine: quarantine.collect(),
        })
    }

    /// How many records wait of processes that have ended, so that nobody sends them until somebody asks for it. Of a directory that
    /// cannot be read it counts one.
    pub fn left_behind(&self) -> u64 {
        let left = self.directories.iter().filter(|one| !one.is_in_use);
        left.map(|one| one.records.max(u64::from(one.trouble.is_some())))
            .sum()
    }
}

impl SpoolDirectory {
    fn new(path: PathBuf, view: io::Result<View>) -> SpoolDirectory {
        let mut directory = SpoolDirectory {
            is_in_use: false,
            server: None,
            experiment: None,
            records: 0,
            bytes: 0,
            oldest: None,
            trouble: None,
            path,
            view: None,
        };
        match view {
            Ok(view) => directory.look_at(view),
            Err(error) => directory.trouble = Some(error.to_string()),
        }
        directory
    }

    fn look_at(&mut self, view: View) {
        if let Ok(destination) = rmp_serde::from_slice::<Destination>(view.label()) {
            self.server = Some(destination.address);
            self.experiment = Some(match destination.experiment {
                Experiment::Name(experiment) | Experiment::Id(experiment) => experiment,
            });
        }
        let counted = view.for_each(|bytes| {
            self.records += 1;
            if self.oldest.is_none() {
                self.oldest = Record::decode(bytes).ok().map(|record| ended(&record));
            }
            Ok(())
        });
        self.trouble = counted.err().map(|error| error.to_string());
        self.is_in_use = view.is_in_use();
        self.bytes = view.bytes();
        self.view = Some(view);
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives each record that waits to `visit`, oldest first, as it was when the status was read. What cannot be read is passed over.
    ///
    /// # Errors
    ///
    /// If the disk does not give it, or `visit` fails.
    pub fn for_each_record(
        &self,
        mut visit: impl FnMut(WaitingRecord) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(view) = &self.view else {
            return Ok(());
        };
        view.for_each(|bytes| match Record::decode(bytes) {
            Ok(record) => visit(WaitingRecord::new(&record, bytes)),
            Err(_) => Ok(()),
        })
    }
}

impl WaitingRecord {
    fn new(record: &Record<'_>, bytes: &[u8]) -> WaitingRecord {
        WaitingRecord {
            trace_id: record.trace_id,
            ended: ended(record),
            spans: record.spans.iter().map(WaitingSpan::new).collect(),
            bytes: bytes.len(),
            encoded: bytes.to_vec(),
        }
    }

    /// All that it holds, prompts and answers included: bytes that are text as text, all others and ids in hexadecimal digits.
    pub fn content(&self) -> serde_json::Value {
        readable::read(&self.encoded)
    }
}

/// Without the content: it is what users asked.
impl fmt::Debug for WaitingRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingRecord")
            .field("trace_id", &self.trace_id)
            .field("ended", &self.ended)
            .field("spans", &self.spans)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

impl WaitingSpan {
    fn new(span: &Span<'_>) -> WaitingSpan {
        WaitingSpan {
            name: span.name.to_string(),
            is_of_call: matches!(span.content, Content::Call(_)),
        }
    }
}

fn ended(record: &Record<'_>) -> SystemTime {
    let last = record.spans.iter().map(|span| span.ended).max();
    let since_1970 = Duration::from_nanos(last.unwrap_or_default());
    // Every number of nanoseconds is a time, but the systems need not agree.
    let time = SystemTime::UNIX_EPOCH.checked_add(since_1970);
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
