//! How deep objects stand inside of each other.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

use crate::schema::definitions::Definitions;
use crate::schema::graph::{Body, Named, Payload, Tagging};
use crate::schema::render::enumeration::is_name;

/// Finds how deep objects stand inside of each other. Each type is walked once; a mention of a type that is being walked
/// is recursion, and adds nothing.
pub(super) struct Levels<'a> {
    definitions: &'a Definitions,
    walks: [Walk; Definitions::CAPACITY],
    open: usize,
    limit: usize,
}

#[derive(Clone, Copy)]
enum Walk {
    NotYet,
    Open,
    Done(usize),
}

impl<'a> Levels<'a> {
    pub(super) const fn new(definitions: &'a Definitions, limit: usize) -> Self {
        Levels {
            definitions,
            walks: [Walk::NotYet; Definitions::CAPACITY],
            open: 0,
            limit,
        }
    }

    /// The levels of the type at `index`, itself included. Gives up when it is past the limit: the compiler bounds how deep
    /// const functions may call each other.
    pub(super) const fn below(&mut self, index: usize) -> usize {
        match self.walks[index] {
            Walk::Done(levels) => return levels,
            Walk::Open => return 0,
            Walk::NotYet => {}
        }
        let Some(named) = self.definitions.get(index) else {
            return 0;
        };
        let own = own_levels(named);
        if self.limit == usize::MAX || self.open > self.limit {
            return own;
        }
        self.walks[index] = Walk::Open;
        self.open += own;
        let mut deepest = 0;
        let mut next = self.definitions.links.next(index, 0);
        while let Some(inner) = next {
            let levels = self.below(inner);
            if levels > deepest {
                deepest = levels;
            }
            next = self.definitions.links.next(index, inner + 1);
        }
        self.open -= own;
        self.walks[index] = Walk::Done(deepest + own);
        deepest + own
    }
}

/// The objects that the type itself puts around what is in it.
const fn own_levels(named: &Named) -> usize {
    match named.body {
        Body::Object { .. } => 1,
        Body::Tuple(_) | Body::Newtype { .. } => 0,
        Body::Enum {
            mut variants,
            tagging,
            ..
        } => {
            let mut most = 0;
            while let [variant, rest @ ..] = variants {
                let content = matches!(variant.payload, Payload::Object(_)) as usize;
                let around = match tagging {
                    _ if variant.untagged => 0,
                    Tagging::External => !is_name(variant, tagging) as usize,
                    Tagging::Internal { .. } => {
                        !matches!(variant.payload, Payload::Object(_)) as usize
                    }
                    Tagging::Adjacent { .. } => 1,
                    Tagging::Untagged => 0,
                };
                if content + around > most {
                    most = content + around;
                }
                variants = rest;
            }
            most
        }
    }
}
