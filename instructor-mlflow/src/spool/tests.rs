//! What a spool promises, on the disk of this machine and on one that fails and loses power.

mod adopting;
mod bookkeeping;
mod delivering;
mod durability;
mod formats;
mod killing;
mod losing_power;
mod measuring;
mod quarantining;
mod real_disk;
mod room;
mod sharing;
mod simulated_disk;
mod trouble;
mod unreadable;
mod viewing;
mod waiting;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::thread::{Next, WriterThread};
use super::{Definition, Disk, Durability, Limits, Options, OsDisk, Spool, Statistics, Taken};

const LABEL: &[u8] = b"http://127.0.0.1:5000";

const ALL: Limits = Limits {
    records: usize::MAX,
    bytes: usize::MAX,
};

const LONG: Duration = Duration::from_secs(60);

/// Options of a spool whose callers wait as long as it takes.
fn options() -> Options {
    Options {
        label: LABEL.into(),
        patience: LONG,
        ..Options::default()
    }
}

fn os_disk() -> Arc<dyn Disk> {
    Arc::new(OsDisk)
}

fn open(root: &Path) -> Spool {
    Spool::open(os_disk(), root, options()).unwrap()
}

fn definition(key: u64, text: &str) -> Definition {
    Definition {
        key,
        bytes: text.as_bytes().into(),
    }
}

fn texts(taken: &[Taken]) -> Vec<&str> {
    let texts = taken
        .iter()
        .map(|one| std::str::from_utf8(&one.bytes).unwrap());
    texts.collect()
}

#[track_caller]
fn balanced(statistics: &Statistics) -> Statistics {
    assert!(statistics.is_balanced(), "{statistics:?}");
    statistics.clone()
}

/// A spool whose thread does a turn when it is told to, so that what happens follows from the test alone.
struct Manual {
    spool: Spool,
    thread: WriterThread,
    now: Instant,
}

impl Manual {
    fn open(disk: Arc<dyn Disk>, root: &Path, options: Options) -> Self {
        let options = Options {
            patience: Duration::ZERO,
            ..options
        };
        let spool = Spool::without_thread(disk, root, options).unwrap();
        Manual {
            thread: WriterThread::new(spool.shared.clone()),
            spool,
            now: Instant::now(),
        }
    }

    /// Lets the thread work until it would wait.
    fn work(&mut self) -> Next {
        loop {
            match self.thread.turn(self.now) {
                Next::Turn => {}
                next => return next,
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// Whether the disk has taken everything.
    fn flush(&mut self) -> bool {
        let wanted = {
            let mut state = self.spool.shared.state();
            state.flushes_wanted += 1;
            state.flushes_wanted
        };
        self.work();
        self.spool.shared.state().flushes_done >= wanted
    }

    fn statistics(&self) -> Statistics {
        balanced(&self.spool.statistics().unwrap())
    }

    /// Ends without a word, as a process that is killed.
    fn kill(self) {}
}

/// Nobody works any more: the spool need not wait for that.
impl Drop for Manual {
    fn drop(&mut self) {
        self.spool.shared.state().has_ended = true;
    }
}

/// Makes durable as often as there is anything to.
const POWER: Durability = Durability::Power {
    every: Duration::from_millis(100),
};
