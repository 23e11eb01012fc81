//! Warnings for people: each kind once, with the cure.

use std::fmt;
use std::io::{self, Write};
use std::mem::{Discriminant, discriminant};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::config::Address;
use crate::storage::Storage;

/// What happens again and again, such as a queue that is filled faster than it is emptied, is said once in this time.
const AGAIN: Duration = Duration::from_secs(60);

/// Something that keeps traces from MLflow.
#[derive(Debug, Clone)]
pub(crate) enum Notice {
    /// A global filter hides the spans.
    Hidden,
    /// The queue is full.
    Full(Storage),
    /// A single trace is too large.
    TooLong { length: usize, most: usize },
    /// The disk takes no traces.
    Disk { directory: PathBuf, reason: String },
    /// Nothing has answered so far, or nothing that can work now.
    Unreachable { address: Address, reason: String },
    /// A server that was there does not answer any more, or cannot work now.
    Away {
        address: Address,
        reason: String,
        waiting: u64,
    },
    /// 401 or 403.
    Unauthorized { address: Address, status: u16 },
    /// The server is somewhere else.
    Redirected { address: Address, place: String },
    /// Credentials are sent there over plain http, through a network.
    Exposed { address: Address },
    /// The server has no endpoint for traces.
    Unsupported { address: Address, found: String },
    /// The server is older than 3.6, or keeps its traces in files.
    Limited {
        address: Address,
        version: Option<String>,
        keeps_ids: bool,
    },
    /// The spans of traces belong where only the server writes.
    NoPlace { address: Address, place: String },
    /// The experiment is deleted, or cannot be created.
    Experiment { address: Address, reason: String },
    /// The server keeps no logged model.
    Model { address: Address, reason: String },
    /// The server refuses something that was sent, and would again.
    Rejected { address: Address, reason: String },
    /// A span processor panicked.
    Withheld,
}

impl Notice {
    /// The server whose traces wait for somebody to mend this: it is over once they arrive.
    fn stalled(&self) -> Option<&Address> {
        match self {
            Notice::Unreachable { address, .. }
            | Notice::Away { address, .. }
            | Notice::Unauthorized { address, .. }
            | Notice::Redirected { address, .. }
            | Notice::Unsupported { address, .. }
            | Notice::Experiment { address, .. } => Some(address),
            _ => None,
        }
    }

    /// Whether it may happen again and again.
    fn is_frequent(&self) -> bool {
        matches!(
            self,
            Notice::Full(_)
                | Notice::TooLong { .. }
                | Notice::Disk { .. }
                | Notice::Rejected { .. }
        )
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Notice::Hidden => f.write_str(
                "MLflow tracing is on, but a global filter hides the spans of `instructor`, so no call is traced; \
                 allow them (RUST_LOG=...,instructor=info), or put the filter on your own layer alone \
                 (`fmt::layer().with_filter(...)`)",
            ),
            Notice::Full(storage) => write!(
                f,
                "traces for MLflow arise faster than the server takes them, and there is no room for more ({storage}): new ones \
                 are dropped until there is; `Guard::statistics` counts them"
            ),
            Notice::TooLong { length, most } => write!(
                f,
                "a trace for MLflow has {length} bytes, and {most} is the most that one may have: it is dropped; \
                 `Guard::statistics` counts it"
            ),
            Notice::Disk { directory, reason } => write!(
                f,
                "traces for MLflow cannot be written to {} ({reason}): they wait in memory, and end with the program if the \
                 server does not take them before; make the directory writable, or name another one with MLFLOW_SPOOL_DIR",
                directory.display()
            ),
            Notice::Unreachable { address, reason } => write!(
                f,
                "no MLflow server can be reached at {address} ({reason}); calls go on and their traces wait; \
                 start one with `mlflow server`, or set MLFLOW_TRACKING_URI"
            ),
            Notice::Away {
                address,
                reason,
                waiting,
            } => write!(
                f,
                "the MLflow server at {address} does not answer ({reason}); calls go on, and {waiting} traces wait; it is \
                 tried again from time to time"
            ),
            Notice::Unauthorized { address, status } => write!(
                f,
                "the MLflow server at {address} refuses the credentials (HTTP {status}), so traces wait; set \
                 MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN, to an account that \
                 may write to the experiment; ~/.mlflow/credentials is read again before each try"
            ),
            Notice::Redirected { address, place } => write!(
                f,
                "the MLflow server at {address} sends elsewhere, so traces wait: set MLFLOW_TRACKING_URI to where it \
                 is ({place})"
            ),
            Notice::Exposed { address } => write!(
                f,
                "the credentials for the MLflow server at {address} are sent over plain http, so anyone on the way can \
                 read them, and the traces; use https if the network is not your own"
            ),
            Notice::Unsupported { address, found } => write!(
                f,
                "the MLflow server at {address} takes no traces ({found}), so they wait; it takes MLflow 2.14 or \
                 later, and from 3.6 with a database as its store nothing of them is missing"
            ),
            Notice::Limited {
                address,
                version,
                keeps_ids,
            } => {
                let version = version.as_deref().unwrap_or("without a version");
                let ids = match keeps_ids {
                    true => "",
                    false => ", traces have another id there",
                };
                write!(
                    f,
                    "the MLflow server at {address} (MLflow {version}) keeps spans in files: traces arrive, but their spans \
                     cannot be searched, no cost is shown{ids}, and calls under a function that is still running arrive \
                     up to 10 seconds later; nothing of that is missing from MLflow 3.6 on with a database \
                     (`mlflow server --backend-store-uri sqlite:///mlflow.db`)"
                )
            }
            Notice::NoPlace { address, place } => write!(
                f,
                "the MLflow server at {address} wants the spans of traces in {place:?}, where it does not write them for \
                 others: only state, time, previews and tags of traces arrive; start it with `--artifacts-destination` \
                 instead of `--default-artifact-root`, or use MLflow 3.6 or later with a database"
            ),
            Notice::Experiment { address, reason } => write!(
                f,
                "the MLflow server at {address} cannot keep the traces, which wait: {reason}"
            ),
            Notice::Model { address, reason } => write!(
                f,
                "the MLflow server at {address} does not keep the active model, so traces arrive without it: {reason}"
            ),
            Notice::Rejected { address, reason } => write!(
                f,
                "the MLflow server at {address} rejected a trace, or a part of it, which is withheld: {reason}; \
                 `Guard::statistics` counts such traces (`quarantined`)"
            ),
            Notice::Withheld => f.write_str(
                "a span processor panicked, so the span is sent without its content: nothing unprocessed leaves the \
                 program; `Guard::statistics` counts such spans (`withheld`)",
            ),
        }
    }
}

/// Who hears the notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Standard error: `autolog` installed the subscriber, and nothing in it prints.
    StandardError,
    /// `tracing` events of level WARN: the program has a subscriber of its own.
    Subscriber,
}

/// What was said.
#[derive(Debug)]
struct Said {
    kind: Discriminant<Notice>,
    /// Traces that arrive there make it old.
    stalled: Option<Address>,
    /// Time makes it old.
    ends: Option<Instant>,
}

/// Says each kind of [`Notice`] once: of each server again after [`Notices::recovered`], and what is frequent once a minute.
#[derive(Debug, Clone)]
pub(crate) struct Notices {
    audience: Audience,
    said: Arc<Mutex<Vec<Said>>>,
}

impl Notices {
    pub(crate) fn new(audience: Audience) -> Self {
        Notices {
            audience,
            said: Arc::default(),
        }
    }

    /// The same, for a process that has said nothing yet.
    pub(crate) fn of_another_process(&self) -> Self {
        Notices::new(self.audience)
    }

    pub(crate) fn say(&self, notice: &Notice) {
        if !self.is_news(notice) {
            return;
        }
        // A subscriber that hides the spans would hide this as well.
        if matches!(notice, Notice::Hidden) {
            print(notice);
        } else {
            self.tell(notice);
        }
    }

    fn tell(&self, line: impl fmt::Display) {
        match self.audience {
            Audience::StandardError => print(line),
            Audience::Subscriber => tracing::warn!(target: "instructor::mlflow", "{line}"),
        }
    }

    fn said(&self) -> MutexGuard<'_, Vec<Said>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a notice of this kind has not been said yet; from now on it has.
    fn is_news(&self, notice: &Notice) -> bool {
        let mut said = self.said();
        let now = Instant::now();
        said.retain(|said| said.ends.is_none_or(|end| now < end));
        let kind = discriminant(notice);
        let stalled = notice.stalled();
        let is_news = !said
            .iter()
            .any(|said| said.kind == kind && said.stalled.as_ref() == stalled);
        if is_news {
            said.push(Said {
                kind,
                stalled: stalled.cloned(),
                ends: notice.is_frequent().then_some(now + AGAIN),
            });
        }
        is_news
    }

    /// Traces arrive again at `address`, where so many were `waiting`: the end of an outage is said, and the next one is
    /// news.
    pub(crate) fn recovered(&self, address: &Address, waiting: u64) {
        if self.forget(address) {
            self.tell(format_args!(
                "the MLflow server at {address} takes traces again; {waiting} are being sent"
            ));
        }
    }

    /// Whether an outage of that server was said; from now on it is over.
    fn forget(&self, address: &Address) -> bool {
        let mut said = self.said();
        let before = said.len();
        said.retain(|said| said.stalled.as_ref() != Some(address));
        said.len() < before
    }
}

/// Writes one line to standard error: there is no other place, since nothing else in the program may print.
pub(crate) fn print(line: impl fmt::Display) {
    // `eprintln!` panics where nobody reads, which would end the exporter's thread.
    let _ = writeln!(io::stderr(), "instructor: {line}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::storage::StorageSettings;

    #[test]
    fn an_outage_is_news_once_and_the_next_one_again() {
        let notices = Notices::new(Audience::Subscriber);
        let destination = Settings::default().resolve(|_| None).expect("the defaults");
        let address = destination.address;
        let outage = Notice::Unreachable {
            address: address.clone(),
            reason: "it is down".to_owned(),
        };
        assert!(notices.is_news(&outage));
        assert!(!notices.is_news(&outage));
        assert!(notices.is_news(&Notice::Hidden));
        assert!(notices.forget(&address));
        assert!(!notices.forget(&address), "it is over already");
        assert!(notices.is_news(&outage));
        assert!(
            !notices.is_news(&Notice::Hidden),
            "that does not heal by itself"
        );
    }

    #[test]
    fn a_queue_that_is_full_again_and_again_is_said_once_a_minute() {
        let notices = Notices::new(Audience::Subscriber);
        let full = Notice::Full(StorageSettings::default().resolve(|_| None));
        assert!(notices.is_news(&full));
        assert!(!notices.is_news(&full));
        let mut said = notices.said.lock().expect("not poisoned");
        for said in said.iter_mut() {
            said.ends = said.ends.map(|end| end - AGAIN);
        }
        drop(said);
        assert!(notices.is_news(&full));
    }
}
