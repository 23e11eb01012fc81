//! Which types of a schema mention which others.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

use super::definitions::Definitions;

const WORDS: usize = Definitions::CAPACITY / 64;

/// A matrix of bits: a row for each type, in it a bit for each type that it mentions.
pub(super) struct Links([[u64; WORDS]; Definitions::CAPACITY]);

impl Links {
    pub(super) const NONE: Links = Links([[0; WORDS]; Definitions::CAPACITY]);

    pub(super) const fn add(&mut self, from: usize, to: usize) {
        self.0[from][to / 64] |= 1 << (to % 64);
    }

    /// The first type that `from` mentions at or after `start`.
    pub(super) const fn next(&self, from: usize, start: usize) -> Option<usize> {
        let mut word = start / 64;
        let mut mask = u64::MAX << (start % 64);
        while word < WORDS {
            let bits = self.0[from][word] & mask;
            if bits != 0 {
                return Some(word * 64 + bits.trailing_zeros() as usize);
            }
            mask = u64::MAX;
            word += 1;
        }
        None
    }

    /// A type that contains itself, among the first `count`: types that mention nothing, or that nothing mentions, are struck
    /// out, then those that only had to do with such, until nothing changes.
    pub(super) const fn circle(&self, count: usize) -> Option<usize> {
        let mut open = [true; Definitions::CAPACITY];
        let mut changed = true;
        while changed {
            changed = false;
            let mut index = 0;
            while index < count {
                if open[index]
                    && !(self.leads_on(index, &open) && self.is_led_to(index, &open, count))
                {
                    open[index] = false;
                    changed = true;
                }
                index += 1;
            }
        }
        let mut index = 0;
        while index < count {
            if open[index] {
                return Some(index);
            }
            index += 1;
        }
        None
    }

    const fn is_led_to(
        &self,
        to: usize,
        open: &[bool; Definitions::CAPACITY],
        count: usize,
    ) -> bool {
        let mut from = 0;
        while from < count {
            if open[from] && self.0[from][to / 64] & (1 << (to % 64)) != 0 {
                return true;
            }
            from += 1;
        }
        false
    }

    const fn leads_on(&self, from: usize, open: &[bool; Definitions::CAPACITY]) -> bool {
        let mut next = self.next(from, 0);
        while let Some(to) = next {
            if open[to] {
                return true;
            }
            next = self.next(from, to + 1);
        }
        false
    }
}
