//! The thread that writes what callers append, for all of them at once.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::books::Books;
use super::directory::WriterDirectory;
use super::disk::{Disk, Space};
use super::options::{Durability, Options, WhenFull};
use super::reader::Shelf;
use super::statistics::Trouble;
use super::writer::Writer;

/// How much is written at once, about. Those who wait for the first of it wait for all of it.
const BATCH_BYTES: usize = 1024 * 1024;

/// How much may be written before it is made durable, with `Durability::Power`.
const UNSYNCED_BYTES: u64 = 1024 * 1024;

/// How long the disk is left alone after it has failed once, and after it has failed often.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How much of the disk is left to others: a tenth of it, or this if that is less.
const SPARED_BYTES: u64 = 1024 * 1024 * 1024;

/// After how many bytes the disk is asked again how much room it has.
const ASK_AFTER_BYTES: u64 = 1024 * 1024;

/// What the callers, the thread and the reader share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) root: PathBuf,
    pub(super) options: Options,
    state: Mutex<State>,
    /// The thread waits here.
    pub(super) work: Condvar,
    /// Those who append or flush wait here.
    pub(super) progress: Condvar,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) books: Books,
    /// The disk is slow or in trouble: nobody waits for it until it has caught up.
    pub(super) is_behind: bool,
    /// Whether the thread must be woken.
    pub(super) sleeps: bool,
    pub(super) flushes_wanted: u64,
    pub(super) flushes_done: u64,
    /// Those that met trouble.
    pub(super) flushes_failed: u64,
    pub(super) is_closing: bool,
    pub(super) has_ended: bool,
}

impl State {
    /// Whether somebody waits in a flush, or for the end.
    fn is_hurried(&self) -> bool {
        self.is_closing || self.flushes_wanted > self.flushes_done.max(self.flushes_failed)
    }
}

impl Shared {
    pub(super) fn new(disk: Arc<dyn Disk>, root: PathBuf, options: Options) -> Self {
        let state = State {
            books: Books::new(&options.label),
            is_behind: false,
            sleeps: false,
            flushes_wanted: 0,
            flushes_done: 0,
            flushes_failed: 0,
            is_closing: false,
            has_ended: false,
        };
        Shared {
            disk,
            root,
            options,
            state: Mutex::new(state),
            work: Condvar::new(),
            progress: Condvar::new(),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // The books are consistent whenever the lock is free: nothing between two changes can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the thread if it waits for work.
    pub(super) fn wake(&self, state: &mut State) {
        if state.sleeps {
            state.sleeps = false;
            self.work.notify_one();
        }
    }
}

impl Shelf for Shared {
    fn with_books<R>(&self, work: impl FnOnce(&mut Books) -> R) -> R {
        work(&mut self.state().books)
    }
}

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
            unasked: ASK_AFTER_BYTES,
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
    fn sleep(&self, until: Option<Instant>) {
        let mut state = self.shared.state();
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
        self.open()?;
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

    /// Creates the directory, if there is none yet.
    fn open(&mut self) -> Result<(), Trouble> {
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
        self.writer = Some(Writer::new(directory, &shared.options, syncs));
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

    /// Sees to it that so many bytes more fit, if old ones may go for that.
    fn make_room(&mut self, bytes: u64, now: Instant) -> Result<(), Trouble> {
        if self.shared.options.when_full == WhenFull::DropOldest {
            let capacity = self.shared.options.capacity();
            while self
                .shared
                .state()
                .books
                .bytes_on_disk()
                .saturating_add(bytes)
                > capacity
            {
                if !self.drop_oldest(now)? {
                    break;
                }
            }
        }
        if self.unasked < ASK_AFTER_BYTES {
            return Ok(());
        }
        while !self.has_space(bytes)? {
            let may_drop = self.shared.options.when_full == WhenFull::DropOldest;
            if !may_drop || !self.drop_oldest(now)? {
                let full = io::Error::new(
                    io::ErrorKind::StorageFull,
                    "the rest of the disk is left to others",
                );
                return Err(Trouble::new("writing records", &full));
            }
        }
        self.unasked = 0;
        Ok(())
    }

    fn has_space(&self, bytes: u64) -> Result<bool, Trouble> {
        let space = self.shared.disk.space(&self.shared.root);
        let space =
            space.map_err(|error| Trouble::new("asking for the room on the disk", &error))?;
        Ok(space.is_none_or(|Space { free, total }| {
            free.saturating_sub(bytes) >= (total / 10).min(SPARED_BYTES)
        }))
    }

    /// Removes the oldest segment with all that waits in it; `false` if there is none.
    fn drop_oldest(&mut self, now: Instant) -> Result<bool, Trouble> {
        let trouble = |error| Trouble::new("removing records", &error);
        let Some(writer) = &mut self.writer else {
            return Ok(false);
        };
        let oldest = self.shared.state().books.oldest_segment();
        if oldest.is_none() {
            return Ok(false);
        }
        if oldest == writer.current() {
            writer.finish_segment().map_err(trouble)?;
        }
        // What was acknowledged in it may be in the state, which is to be written down before.
        if self.shared.state().books.save_due().is_some() {
            self.save(now)?;
        }
        let Some(writer) = &self.writer else {
            return Ok(false);
        };
        let current = writer.current();
        let dropped = self.shared.state().books.drop_oldest(current, now);
        match dropped {
            Some(number) => {
                let removed = writer.directory().remove_segment(number);
                removed.map_err(trouble).map(|()| true)
            }
            // `save` has removed it already.
            None => Ok(self.shared.state().books.oldest_segment() != oldest),
        }
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
