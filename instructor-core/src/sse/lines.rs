//! The lines of bytes that arrive in pieces.

use std::ops::Range;

/// The byte order mark, of which the algorithm "UTF-8 decode" strips one.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Bytes that arrive, and the lines that are complete among them: up to a line feed, a carriage return, or one after the other.
///
/// Each byte is looked at once, and moved a bounded number of times.
#[derive(Default)]
pub(super) struct Lines {
    /// What has arrived and was not dropped yet.
    bytes: Vec<u8>,
    /// Where the next line starts in `bytes`.
    start: usize,
    /// Up to where there is no end of that line. Never before `start`.
    scanned: usize,
    /// Whether the stream has begun: there was something that is no byte order mark, or a whole one.
    begun: bool,
    /// Whether the last line ended with a carriage return, so that a line feed here belongs to it.
    after_carriage_return: bool,
    /// How many bytes were looked at for the ends of lines.
    #[cfg(test)]
    pub(super) looked_at: usize,
    /// How many bytes were moved after they had arrived.
    #[cfg(test)]
    pub(super) moved: usize,
}

impl Lines {
    /// Takes the bytes that come next.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        // What was read is dropped once it is at least as much as what is left, so that a byte that moves pays for itself with one
        // that was read. Nearly always nothing is left.
        if self.is_read() {
            self.bytes.clear();
            (self.start, self.scanned) = (0, 0);
        } else if self.start >= self.bytes.len() - self.start {
            #[cfg(test)]
            {
                self.moved += self.bytes.len() - self.start;
            }
            self.bytes.drain(..self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
        self.bytes.extend_from_slice(chunk);
    }

    /// The next line, without its end; `None` if more bytes are needed. It can be [had](Lines::get) until the next push.
    pub(super) fn next(&mut self) -> Option<Range<usize>> {
        if !self.begun {
            self.begin()?;
        }
        if self.after_carriage_return {
            if *self.bytes.get(self.start)? == b'\n' {
                self.skip(1);
            }
            self.after_carriage_return = false;
        }
        let unscanned = self
            .bytes
            .get(self.scanned..)
            .filter(|rest| !rest.is_empty())?;
        let found = memchr::memchr2(b'\n', b'\r', unscanned);
        #[cfg(test)]
        {
            self.looked_at += found.map_or(unscanned.len(), |length| length + 1);
        }
        let Some(length) = found else {
            self.scanned = self.bytes.len();
            return None;
        };
        let end = self.scanned + length;
        self.after_carriage_return = self.bytes.get(end) == Some(&b'\r');
        let start = self.start;
        self.skip(end + 1 - start);
        Some(start..end)
    }

    /// The bytes of a line, or of a part of it.
    pub(super) fn get(&self, line: Range<usize>) -> &[u8] {
        self.bytes.get(line).unwrap_or_default()
    }

    /// Skips the line that follows if it is there and empty, and says whether it was. One that ends with a carriage return is left
    /// for [`Lines::next`].
    pub(super) fn skip_empty(&mut self) -> bool {
        let is_empty = !self.after_carriage_return && self.bytes.get(self.start) == Some(&b'\n');
        if is_empty {
            #[cfg(test)]
            {
                self.looked_at += 1;
            }
            self.skip(1);
        }
        is_empty
    }

    /// Passes over bytes that `known` knows, which are whole lines, and gives what it makes of them, and how many of them are of `chunk`: its
    /// bytes come next, and are shown to `known` where nothing else is left to read. It is asked once for each line.
    #[cfg(any(test, feature = "openai", feature = "anthropic"))]
    pub(super) fn pass<'a, T>(
        &'a mut self,
        chunk: &'a [u8],
        known: impl FnOnce(&'a [u8]) -> Option<(T, usize)>,
    ) -> Option<(T, usize)> {
        if !self.begun {
            self.begin()?;
        }
        if self.after_carriage_return || self.scanned != self.start {
            return None;
        }
        let is_read = self.is_read();
        let unread = if is_read {
            chunk
        } else {
            self.bytes.get(self.start..)?
        };
        let (found, length) = known(unread)?;
        #[cfg(test)]
        {
            self.looked_at += length;
        }
        if is_read {
            return Some((found, length));
        }
        self.start += length;
        self.scanned = self.start;
        Some((found, 0))
    }

    /// Whether nothing is left to read.
    pub(super) fn is_read(&self) -> bool {
        self.start == self.bytes.len()
    }

    /// How many bytes are there of the line that is not complete.
    pub(super) fn unfinished(&self) -> usize {
        if self.begun {
            self.bytes.len() - self.start
        } else {
            0
        }
    }

    /// Skips the byte order mark, as soon as it is known whether there is one.
    fn begin(&mut self) -> Option<()> {
        if self.bytes.starts_with(BYTE_ORDER_MARK) {
            self.skip(BYTE_ORDER_MARK.len());
        } else if BYTE_ORDER_MARK.starts_with(&self.bytes) {
            return None;
        }
        self.begun = true;
        Some(())
    }

    fn skip(&mut self, count: usize) {
        self.start += count;
        self.scanned = self.start;
    }
}

#[cfg(test)]
impl Lines {
    /// The room there is for bytes.
    pub(super) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}
