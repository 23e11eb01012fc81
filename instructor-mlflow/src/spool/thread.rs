//! The thread that writes what callers append, for all of them at once.

mod room;

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::directory::WriterDirectory;
use super::options::Durability;
use super::shared::{Shared, State};
use super::statistics::Trouble;
use super::writer::Writer;

/// How much is written at once, about. Those who wait for the first of it wait for all of it.
const BATCH_BYTES: usize = 1024 * 1024;

/// How much may be written before it is made durable, with `Durability::Power`.
const UNSYNCED_BYTES: u64 = 1024 * 1024;

/// How often it is looked whether the directory is still there, while records come.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// How long the disk is left alone after it has failed once, and after it has failed often.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// What the thread does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// There is more to do.
    Turn,
    /// It waits for work, until then at most.
    Sleep(Option<Instant>),
    /// It leaves the disk alone until then, unless somebody waits in a flush.
    Pause(Instant),
    End,
}

#[derive(Debug)]
pub(super) struct WriterThread {
    shared: Arc<Shared>,
    writer: Option<Writer>,
    /// When the disk is tried again after it has failed.
    retry: Option<Instant>,
    pause: Duration,
    unsynced: u64,
    unsynced_since: Option<Instant>,
    /// How much was written since the disk was asked for its room.
    unasked: u64,
    /// When the directory was last looked for.
    seen: Option<Instant>,
    /// The number of the last segment in directories that were given up.
    last: u64,
}

impl WriterThread {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        WriterThread {
            shared,
            writer: None,
            retry: None,
            pause: FIRST_PAUSE,
            unsynced: 0,
            unsynced_since: None,
            unasked: room::ASK_AFTER_BYTES,
            seen: None,
            last: 0,
        }
    }

    /// Works until the spool is closed.
    pub(super) fn run(mut self) {
        loop {
            match self.turn(Instant::now()) {
                Next::Turn => {}
                Next::Sleep(until) => self.sleep(until),
                Next::Pause(until) => self.pause(until),
                Next::End => break,
            }
        }
        self.end();
    }

    /// Waits for work, or until something is due.
    pub(super) fn sleep(&self, until: Option<Instant>) {
        let mut state = self.shared.state();
        // Something may have been acknowledged since it was looked.
        let until = until.into_iter().chain(state.books.save_due()).min();
        state.sleeps = state.books.is_written();
        while state.sleeps && !state.is_hurried() {
            state = match until {
                Some(until) => {
                    let left = until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        break;
                    }
                    self.wait(state, left)
                }
                None => {
                    let work = &self.shared.work;
                    work.wait(state).unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
        state.sleeps = false;
    }

    /// Waits, unless somebody is in a hurry.
    fn pause(&self, until: Instant) {
        let mut state = self.shared.state();
        while !state.is_hurried() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            state = self.wait(state, left);
        }
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>, most: Duration) -> MutexGuard<'a, State> {
        let waited = self.shared.work.wait_timeout(state, most);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Writes what waits, and does what is due.
    pub(super) fn turn(&mut self, now: Instant) -> Next {
        #[cfg(test)]
        {
            self.shared.state().turns += 1;
        }
        let (is_closing, is_hurried, flushes) = {
            let state = self.shared.state();
            (state.is_closing, state.is_hurried(), state.flushes_wanted)
        };
        if is_hurried || self.retry.is_none_or(|retry| now >= retry) {
            match self.work(now, flushes) {
                Ok(()) => {
                    self.retry = None;
                    self.pause = FIRST_PAUSE;
                }
                Err(trouble) => self.enter_trouble(trouble, now, flushes),
            }
        }
        let state = self.shared.state();
        if is_closing && (self.retry.is_some() || state.books.is_written()) {
            return Next::End;
        }
        if state.is_hurried() {
            return Next::Turn;
        }
        if let Some(retry) = self.retry {
            return Next::Pause(retry);
        }
        if !state.books.is_written() {
            return Next::Turn;
        }
        let sync = self.unsynced_since.zip(self.sync_every());
        let sync = sync.map(|(since, every)| since + every);
        let due = [state.books.save_due(), sync].into_iter().flatten().min();
        if due.is_some_and(|due| due <= now) {
            return Next::Turn;
        }
        Next::Sleep(due)
    }

    fn enter_trouble(&mut self, trouble: Trouble, now: Instant, flushes: u64) {
        self.retry = Some(now + self.pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        let mut state = self.shared.state();
        state.books.trouble = Some(trouble);
        state.is_behind = true;
        state.flushes_failed = flushes;
        drop(state);
        self.shared.progress.notify_all();
    }

    fn sync_every(&self) -> Option<Duration> {
        match self.shared.options.durability {
            Durability::Power { every } => Some(every),
            Durability::Off | Durability::Process => None,
        }
    }

    fn work(&mut self, now: Instant, flushes: u64) -> Result<(), Trouble> {
        self.look(now);
        self.open(now)?;
        self.write(now)?;
        let (is_hurried, save_due) = {
            let state = self.shared.state();
            let is_hurried = state.is_hurried() && state.books.is_written();
            (is_hurried, state.books.save_due())
        };
        let every = self.sync_every();
        if let Some((every, since)) = every.zip(self.unsynced_since)
            && (is_hurried || self.unsynced >= UNSYNCED_BYTES || now >= since + every)
        {
            self.sync()?;
        }
        if save_due.is_some_and(|due| is_hurried || due <= now) {
            self.save(now)?;
        }
        let mut state = self.shared.state();
        state.books.trouble = None;
        if !state.books.is_written() {
            return Ok(());
        }
        state.is_behind = false;
        if is_hurried {
            if let Some(writer) = &mut self.writer
                && let Some(trouble) = writer.doubt(&state.books)
            {
                return Err(trouble);
            }
            state.flushes_done = flushes;
            drop(state);
            self.shared.progress.notify_all();
        }
        Ok(())
    }

    /// Whether all that is written is durable.
    #[cfg(test)]
    pub(super) fn is_synced(&self) -> bool {
        let is_sure = self.writer.as_ref().is_none_or(Writer::is_sure);
        is_sure && self.unsynced_since.is_none()
    }

    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.writer.as_ref().map_or(0, Writer::room)
    }

    /// Gives up a directory that somebody has removed, or taken the lock of: what is written there would reach nobody.
    fn look(&mut self, now: Instant) {
        let is_due = self.seen.is_none_or(|seen| now >= seen + LOOK_AGAIN);
        let Some(writer) = self.writer.as_ref().filter(|_| is_due) else {
            return;
        };
        self.seen = Some(now);
        if matches!(writer.directory().is_held(), Ok(false)) {
            self.last = writer.last();
            self.writer = None;
            self.unsynced = 0;
            self.unsynced_since = None;
        }
    }

    /// Creates the directory, if there is none yet.
    fn open(&mut self, now: Instant) -> Result<(), Trouble> {
        if self.writer.is_some() {
            return Ok(());
        }
        let shared = &self.shared;
        let directory = shared
            .disk
            .create_directory(&shared.root)
            .and_then(|()| WriterDirectory::create(&shared.disk, &shared.root))
            .map_err(|error| Trouble::new("creating a directory for records", &error))?;
        shared.state().books.directory = Some(directory.path().clone());
        let syncs = self.sync_every().is_some();
        self.writer = Some(Writer::new(directory, &shared.options, syncs, self.last));
        self.seen = Some(now);
        Ok(())
    }

    /// Writes some of what waits.
    fn write(&mut self, now: Instant) -> Result<(), Trouble> {
        let trouble = |error| Trouble::new("writing records", &error);
        let batch = self.shared.state().books.batch(BATCH_BYTES);
        if batch.is_empty() {
            return Ok(());
        }
        let bytes = batch.iter().map(|record| record.bytes.len() as u64).sum();
        self.make_room(bytes, now)?;
        let Some(writer) = &mut self.writer else {
            return Ok(());
        };
        let (placed, written) = writer.write(&batch);
        self.unasked += bytes;
        let mut state = self.shared.state();
        if !placed.is_empty() {
            self.unsynced += bytes;
            self.unsynced_since.get_or_insert(now);
            state.books.enter_written(&batch, &placed, now);
            if state.books.is_written() && written.is_ok() {
                state.is_behind = false;
            }
        }
        drop(state);
        self.shared.progress.notify_all();
        written.map_err(trouble)
    }

    fn sync(&mut self) -> Result<(), Trouble> {
        if let Some(writer) = &mut self.writer {
            let synced = writer.sync();
            synced.map_err(|error| Trouble::new("making records durable", &error))?;
        }
        self.unsynced = 0;
        self.unsynced_since = None;
        Ok(())
    }

    /// Writes down what is settled, and then removes the segments with nothing left in them.
    fn save(&mut self, now: Instant) -> Result<(), Trouble> {
        let Some(writer) = &self.writer else {
            return Ok(());
        };
        let save = self.shared.state().books.save(writer.current());
        let durable = self.sync_every().is_some();
        let saved = writer.directory().save(&save.file, durable);
        // A full disk must not keep segments from going: without a state, what is done with is only given again for that.
        let may_remove = saved.is_ok() || save.file.state.is_empty();
        let mut finished = save.finished.iter().filter(|_| may_remove);
        let removed = finished.try_for_each(|number| {
            writer.directory().remove_segment(*number)?;
            self.shared.state().books.enter_removed(*number);
            Ok(())
        });
        self.shared.progress.notify_all();
        saved.and(removed).map_err(|error| {
            self.shared.state().books.enter_unsaved(now);
            Trouble::new("writing down what was delivered", &error)
        })
    }

    /// Leaves the directory to whoever adopts it, or removes it if nothing is left in it.
    fn end(mut self) {
        let is_finished = self.shared.state().books.is_finished();
        if let Some(writer) = self.writer.take() {
            let directory = writer.into_directory();
            if is_finished {
                // Whoever adopts it removes it, if that is not possible now.
                let _ = directory.remove();
            }
        }
        self.shared.state().has_ended = true;
        self.shared.progress.notify_all();
    }
}
