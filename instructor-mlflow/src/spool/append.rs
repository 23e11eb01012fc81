//! How a record comes in, and what room there is for it.

use std::time::{Duration, Instant};

use super::definition::Definition;
use super::error::{AppendError, Unusable};
use super::options::{Durability, WhenFull};
use super::shared::State;
use super::{Kept, Spool};

impl Spool {
    /// Takes a record. Waits until it is written, but no longer than `Options::patience`, and not at all as long as the disk is behind.
    /// `definitions` are those that the record refers to.
    ///
    /// # Errors
    ///
    /// If the record is too long or there is no room for it, as `Options` say.
    pub(crate) fn append(
        &self,
        record: &[u8],
        definitions: &[Definition],
    ) -> Result<Kept, AppendError> {
        self.check_process()?;
        let options = &self.shared.options;
        let most = options.max_payload_bytes();
        let lengths = definitions.iter().map(|one| one.bytes.len());
        if let Some(length) = lengths.chain([record.len()]).find(|length| *length > most) {
            return Err(AppendError::TooLong { length, most });
        }
        let now = Instant::now();
        let deadline = now + options.patience;
        let mut state = self.shared.state();
        loop {
            if state.is_closing {
                return Err(Unusable::Closed.into());
            }
            let cost = state.books.cost(record, definitions);
            self.check_capacity(&mut state, cost)?;
            if self.has_memory(&state, cost) {
                break;
            }
            // A disk that works makes room soon.
            let left = deadline.saturating_duration_since(Instant::now());
            if state.is_behind || options.durability == Durability::Off || left.is_zero() {
                if options.when_full == WhenFull::Refuse {
                    return Err(AppendError::Full);
                }
                state.books.drop_for_memory();
                return Err(AppendError::MemoryFull);
            }
            state = self.wait(state, left);
        }
        let sequence = state.books.admit(record, definitions, now);
        self.shared.wake(&mut state);
        if options.durability == Durability::Off {
            return Ok(Kept::Memory);
        }
        while state.books.first_waiting() <= sequence {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() && !state.is_behind {
                state.is_behind = true;
                self.shared.progress.notify_all();
            }
            if state.is_behind || state.has_ended {
                return Ok(Kept::Memory);
            }
            state = self.wait(state, left);
        }
        Ok(Kept::Disk)
    }

    /// Waits until a record fits, with `WhenFull::Refuse`; `false` if it still does not after `most`.
    ///
    /// # Errors
    ///
    /// If this is another process, or the spool is closed.
    pub(crate) fn wait_for_room(
        &self,
        record: &[u8],
        definitions: &[Definition],
        most: Duration,
    ) -> Result<bool, Unusable> {
        self.check_process()?;
        let begin = Instant::now();
        let mut state = self.shared.state();
        loop {
            if state.is_closing {
                return Err(Unusable::Closed);
            }
            let cost = state.books.cost(record, definitions);
            let is_off = self.shared.options.durability == Durability::Off;
            if self.has_memory(&state, cost) && (is_off || self.has_capacity(&state, cost)) {
                return Ok(true);
            }
            let left = most.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return Ok(false);
            }
            state = self.wait(state, left);
        }
    }

    /// Whether it may wait for the disk. The first one may, whatever it takes.
    fn has_memory(&self, state: &State, cost: usize) -> bool {
        let used = state.books.bytes_in_memory();
        used == 0 || used.saturating_add(cost) <= self.shared.options.memory
    }

    fn has_capacity(&self, state: &State, cost: usize) -> bool {
        let used = state.books.bytes_on_disk() + (state.books.bytes_in_memory() + cost) as u64;
        used <= self.shared.options.capacity()
    }

    fn check_capacity(&self, state: &mut State, cost: usize) -> Result<(), AppendError> {
        let options = &self.shared.options;
        if options.when_full == WhenFull::DropOldest || options.durability == Durability::Off {
            return Ok(());
        }
        if self.has_capacity(state, cost) {
            return Ok(());
        }
        if options.when_full == WhenFull::DropNewest {
            state.books.drop_newest();
        }
        Err(AppendError::Full)
    }
}
