//! Room on the disk: what the capacity allows, and what is left to others.

use std::io;
use std::time::Instant;

use super::super::disk::Space;
use super::super::options::WhenFull;
use super::super::statistics::Trouble;
use super::WriterThread;

/// How much of the disk is left to others: a tenth of it, or this if that is less.
const SPARED_BYTES: u64 = 1024 * 1024 * 1024;

/// After how many bytes the disk is asked again how much room it has.
pub(super) const ASK_AFTER_BYTES: u64 = 1024 * 1024;

impl WriterThread {
    /// Sees to it that so many bytes more fit, if old ones may go for that.
    pub(super) fn make_room(&mut self, bytes: u64, now: Instant) -> Result<(), Trouble> {
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
        while let Some(missing) = self.missing_space(bytes)? {
            // What waits does not go for nothing, where others have filled the disk.
            let may_drop = self.shared.options.when_full == WhenFull::DropOldest
                && missing <= self.shared.state().books.bytes_on_disk();
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

    /// How much room is missing on the disk for so many bytes, if some is.
    fn missing_space(&self, bytes: u64) -> Result<Option<u64>, Trouble> {
        let space = self.shared.disk.space(&self.shared.root);
        let space =
            space.map_err(|error| Trouble::new("asking for the room on the disk", &error))?;
        Ok(space.and_then(|Space { free, total }| {
            let wanted = (total / 10).min(SPARED_BYTES).saturating_add(bytes);
            wanted.checked_sub(free).filter(|missing| *missing > 0)
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
            // It may be gone with that: what waits behind it need not go, too.
            if self.shared.state().books.oldest_segment() != oldest {
                return Ok(true);
            }
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
            None => Ok(false),
        }
    }
}
