//! The distinct types of a schema, and which of them are written once under `$defs`.
//!
//! Const code cannot allocate, so the list has a fixed size; and the compiler limits how deep const functions may call each
//! other, so the types are found level by level, without recursion.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

use super::graph::{Edge, Named, Node};
use super::writer::equal;

/// Types this many levels apart are written under `$defs` even if used once, since the compiler allows 128 nested calls of
/// const functions and the renderer calls itself for every type that it inlines.
const INLINED_LEVELS: usize = 16;

/// The distinct types reachable from a root, which is the first.
pub(super) struct Definitions {
    types: [Option<&'static Named>; Definitions::CAPACITY],
    /// How often each type is mentioned. A recursive type is mentioned from outside and from inside, so at least twice.
    mentions: [usize; Definitions::CAPACITY],
    /// How far each type is from the root.
    levels: [usize; Definitions::CAPACITY],
    count: usize,
}

impl Definitions {
    /// The most distinct types one schema may have.
    pub(super) const CAPACITY: usize = 512;

    /// The types of the schema of `root`.
    pub(super) const fn of(root: &'static Named) -> Definitions {
        let mut definitions = Definitions {
            types: [None; Self::CAPACITY],
            mentions: [0; Self::CAPACITY],
            levels: [0; Self::CAPACITY],
            count: 1,
        };
        definitions.types[0] = Some(root);
        let mut next = 0;
        while let Some(named) = definitions.get(next) {
            let mut fields = named.fields();
            while let [field, rest @ ..] = fields {
                if let Some(mentioned) = named_within(field.edge) {
                    definitions.mention(mentioned, definitions.levels[next] + 1);
                }
                fields = rest;
            }
            next += 1;
        }
        definitions
    }

    const fn mention(&mut self, named: &'static Named, level: usize) {
        let index = match self.position(named) {
            Some(index) => index,
            None => {
                assert!(
                    self.count < Self::CAPACITY,
                    "a response model may reach at most 512 distinct types"
                );
                self.types[self.count] = Some(named);
                self.levels[self.count] = level;
                self.count += 1;
                self.count - 1
            }
        };
        self.mentions[index] += 1;
    }

    /// The type at `index`, if there are so many.
    pub(super) const fn get(&self, index: usize) -> Option<&'static Named> {
        if index < self.count {
            self.types[index]
        } else {
            None
        }
    }

    /// Where `named` stands in the list.
    pub(super) const fn position(&self, named: &Named) -> Option<usize> {
        let mut index = 0;
        while let Some(other) = self.get(index) {
            if other.id == named.id {
                return Some(index);
            }
            index += 1;
        }
        None
    }

    /// Whether mentions of the type at `index` are written as a `$ref`. The root is `#`; the others are under `$defs`.
    pub(super) const fn is_referenced(&self, index: usize) -> bool {
        index == 0 || self.mentions[index] > 1 || self.levels[index].is_multiple_of(INLINED_LEVELS)
    }

    /// The number that tells the type at `index` from others of its name under `$defs`: 1 for the first, which goes without,
    /// then 2, 3, ... A number is skipped if `name__number` is the plain name of some other type.
    pub(super) const fn number(&self, index: usize) -> usize {
        let Some(named) = self.get(index) else {
            return 1;
        };
        let mut number = 0;
        let mut other = 1;
        while other <= index {
            if self.is_referenced(other) && self.has_name(other, named.name, 1) {
                number += 1;
                while number > 1 && self.is_taken(named.name, number) {
                    number += 1;
                }
            }
            other += 1;
        }
        number
    }

    const fn is_taken(&self, name: &str, number: usize) -> bool {
        let mut index = 0;
        while index < self.count {
            if self.has_name(index, name, number) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// Whether the plain name of the type at `index` is `name`, or `name__number` if `number` is not 1.
    const fn has_name(&self, index: usize, name: &str, number: usize) -> bool {
        let Some(named) = self.get(index) else {
            return false;
        };
        if number == 1 {
            return equal(named.name, name);
        }
        match strip_prefix(named.name, name) {
            Some([b'_', b'_', digits @ ..]) => {
                matches!(decimal(digits), Some(value) if value == number)
            }
            _ => false,
        }
    }

    /// Whether some field of some type carries an LLM rule.
    pub(super) const fn has_llm_rules(&self) -> bool {
        let mut index = 0;
        while let Some(named) = self.get(index) {
            let mut fields = named.fields();
            while let [field, rest @ ..] = fields {
                if !field.llm_rules.is_empty() {
                    return true;
                }
                fields = rest;
            }
            index += 1;
        }
        false
    }
}

/// The derived type inside of any `Option`, `Vec` and map.
pub(super) const fn named_within(mut edge: Edge) -> Option<&'static Named> {
    loop {
        match edge.node() {
            Node::Scalar(_) => return None,
            Node::Nullable(inner) | Node::Array(inner) | Node::Map(inner) => edge = *inner,
            Node::Named(named) => return Some(named),
        }
    }
}

const fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a [u8]> {
    let (mut text, mut prefix) = (text.as_bytes(), prefix.as_bytes());
    while let [expected, prefix_rest @ ..] = prefix {
        match text {
            [byte, rest @ ..] if *byte == *expected => text = rest,
            _ => return None,
        }
        prefix = prefix_rest;
    }
    Some(text)
}

/// The value of decimal digits; `None` if there are none, too many, or a leading zero.
const fn decimal(mut digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || digits.len() > 6 || digits[0] == b'0' {
        return None;
    }
    let mut value = 0;
    while let [digit, rest @ ..] = digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + (*digit - b'0') as usize;
        digits = rest;
    }
    Some(value)
}
