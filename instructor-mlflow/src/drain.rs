//! Sending what processes left that have ended, and nothing else.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tracing::dispatcher;

use crate::config::{Settings, environment};
use crate::delivery::Courier;
use crate::error::InitError;
use crate::notice::{Audience, Notices};
use crate::process;
use crate::processor::Processors;
use crate::quarantine::Quarantine;
use crate::queue::{Queue, Search};
use crate::sink::{FlushError, Statistics};
use crate::storage::Storage;

/// Why something is left below a directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DrainError {
    /// The environment holds a setting that cannot be read, or no thread can be started. Nothing was sent.
    #[error(transparent)]
    Settings(#[from] InitError),
    /// The directory cannot be read, or is not there.
    #[error("{} cannot be read: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Traces are still waiting. They stay where they are.
    #[error(transparent)]
    Waiting(#[from] FlushError),
    /// Directories below it are left as they are: a later version has written them, the disk does not give them, or they go to a
    /// Databricks workspace that the environment does not name. All else was sent.
    #[error("{directories} directories of traces are left as they are: {reason}")]
    Refused {
        /// What became of the rest.
        statistics: Statistics,
        /// How many directories.
        directories: usize,
        /// What is wrong with the first of them.
        reason: String,
    },
}

/// Sends what processes that have ended left below `directory` to the servers it was meant for, and waits at most `timeout` for that.
///
/// A program that traces takes along by itself what goes to its own server. This is for all others: for a job that runs after programs
/// that end at once, or for a program that will not be started again. Where the traces go is written down with them; credentials,
/// certificates and times are those that a program started here would use. Directories that are in use are left alone.
///
/// What a server refuses for good goes to the quarantine and is counted: [`Statistics::quarantined`]. If no server can be reached, it
/// gives up after two to five seconds. It blocks: within an `async` function, use `spawn_blocking`.
///
/// ```no_run
/// use std::time::Duration;
///
/// let sent = instructor_mlflow::drain("/var/lib/emails/traces", Duration::from_secs(60))?.sent;
/// # Ok::<(), instructor_mlflow::DrainError>(())
/// ```
///
/// # Errors
///
/// If something is left, and why: see [`DrainError`].
pub fn drain(directory: impl AsRef<Path>, timeout: Duration) -> Result<Statistics, DrainError> {
    let directory = directory.as_ref();
    // Whatever is wrong with the environment is wrong for every server.
    let by_default = Settings {
        tracking_uri: Some(crate::config::DEFAULT_TRACKING_URI.into()),
        ..Settings::default()
    };
    by_default.resolve(environment)?;
    let unreadable = |source| DrainError::Directory {
        path: directory.to_owned(),
        source,
    };
    std::fs::read_dir(directory).map_err(unreadable)?;
    let queue = Arc::new(Queue::new(Storage::of_others(directory)));
    // Its address may be one that cannot be written down: with a password in it, or the name of a workspace.
    if let Ok(destination) = process::destination() {
        queue.note_place(destination);
    }
    let notices = Notices::new(match dispatcher::has_been_set() {
        true => Audience::Subscriber,
        false => Audience::StandardError,
    });
    let courier = Courier::new(
        queue.clone(),
        notices.clone(),
        Arc::new(Processors::new(Vec::new(), notices)),
        Quarantine::below(Some(directory)),
    );
    let courier = courier.map_err(InitError::Thread)?;
    let thread = thread::Builder::new()
        .name("instructor-drain".into())
        .spawn(|| courier.run())
        .map_err(InitError::Thread)?;
    let outcome = send(&queue, timeout);
    queue.close();
    // It has nothing to give back, and what it was sending is sent again by whoever comes next.
    let _ = thread.join();
    queue.let_go();
    let (search, flushed) = outcome.map_err(unreadable)?;
    flushed?;
    let directories = search.refused.len() + search.out_of_reach;
    if directories == 0 {
        return Ok(queue.statistics());
    }
    let first = search.refused.first();
    Err(DrainError::Refused {
        statistics: queue.statistics(),
        directories,
        reason: first.map_or_else(|| OUT_OF_REACH.to_owned(), ToString::to_string),
    })
}

/// Of directories that nothing else is wrong with.
const OUT_OF_REACH: &str = "the environment names no way to the servers that they go to";

/// Searches and sends until nothing new is found and nothing moves any more.
fn send(queue: &Queue, timeout: Duration) -> io::Result<(Search, Result<(), FlushError>)> {
    let begin = Instant::now();
    loop {
        let left = || timeout.saturating_sub(begin.elapsed());
        let before = queue.statistics();
        let search = queue.search()?;
        let flushed = queue.flush_adopted(left());
        let after = queue.statistics();
        let has_moved = (after.sent, after.quarantined) != (before.sent, before.quarantined);
        let is_over = flushed.is_ok() || !has_moved;
        if left().is_zero() || (search.adopted == 0 && is_over) {
            return Ok((search, flushed));
        }
    }
}
