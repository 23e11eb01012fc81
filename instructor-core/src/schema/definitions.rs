//! The distinct types of a schema, and which of them are written once under `$defs`.
//!
//! Const code cannot allocate, so the list has a fixed size; and the compiler limits how deep const functions may call each
//! other, so the types are found level by level, without recursion.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

mod contents;
mod numbers;

pub(super) use contents::Contents;

use super::fragment::Place;
use super::graph::{Edge, Named, Node};
use super::links::Links;

/// Types this many levels apart are written under `$defs` even if used once, since the compiler allows 128 nested calls of
/// const functions and the renderer calls itself for every type that it inlines.
const INLINED_LEVELS: usize = 8;

/// Slots of the table that finds a type by its id: a power of two, at most half of it full.
const SLOTS: usize = 1024;

/// The fields of a type up to one of them, which is not included.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) list: usize,
    pub(super) index: usize,
}

impl Part {
    pub(super) const ALL: Part = Part {
        list: usize::MAX,
        index: 0,
    };

    pub(super) const fn includes(self, list: usize, index: usize) -> bool {
        list < self.list || (list == self.list && index < self.index)
    }
}

static NO_VALUE: Node = Node::Any;
const NOTHING: Edge = Edge::to(&NO_VALUE);

/// The distinct types reachable from a root.
pub(super) struct Definitions {
    types: [Option<&'static Named>; Definitions::CAPACITY],
    /// How often each type is mentioned. A recursive type is mentioned from outside and from inside, so at least twice.
    mentions: [usize; Definitions::CAPACITY],
    /// How far each type is from the root.
    levels: [usize; Definitions::CAPACITY],
    /// What tells each type under `$defs` from others of its name.
    numbers: [usize; Definitions::CAPACITY],
    /// One more than the index of a type, at a place that follows from its id; 0 is empty.
    slots: [usize; SLOTS],
    count: usize,
    /// The first type is the root of the document, and a mention of it is `#`.
    has_root: bool,
    /// There are more types than fit.
    pub(super) is_too_large: bool,
    /// Which types mention which.
    pub(super) links: Links,
    /// The same through keys that must be there.
    pub(super) required_links: Links,
}

impl Definitions {
    /// The most distinct types one schema may have.
    pub(super) const CAPACITY: usize = 512;

    /// The types of a document: those below `root`, which is the document itself, or else those below `edge`.
    pub(super) const fn of(edge: Edge, root: Option<&'static Named>) -> Definitions {
        Definitions::new(edge, root, None, Part::ALL, false)
    }

    /// The types of a document with only a part of the fields of its root.
    pub(super) const fn of_part(root: &'static Named, part: Part) -> Definitions {
        Definitions::new(NOTHING, Some(root), None, part, false)
    }

    /// The types below `edge`, which stands in `current`.
    pub(super) const fn below(edge: Edge, current: &'static Named) -> Definitions {
        Definitions::new(edge, None, Some(current), Part::ALL, false)
    }

    /// The generic types below `edge`, and those that they mention, but not what is in types that are not generic.
    pub(super) const fn of_generic(edge: Edge) -> Definitions {
        Definitions::new(edge, None, None, Part::ALL, true)
    }

    const fn new(
        edge: Edge,
        root: Option<&'static Named>,
        current: Option<&'static Named>,
        part: Part,
        only_generic: bool,
    ) -> Definitions {
        let mut definitions = Definitions::empty(root.is_some());
        match root {
            Some(root) => definitions.mention(root, 0, None, false),
            None => definitions.visit(edge, current, 1, false),
        }
        definitions.complete(part, only_generic);
        definitions
    }

    /// The types below some places of an answer, which belong to one document.
    pub(super) fn of_places(places: &[Place]) -> Definitions {
        let mut definitions = Definitions::empty(false);
        for place in places {
            definitions.visit(place.edge, place.current, 1, true);
        }
        definitions.complete(Part::ALL, false);
        definitions
    }

    const fn empty(has_root: bool) -> Definitions {
        Definitions {
            types: [None; Self::CAPACITY],
            mentions: [0; Self::CAPACITY],
            levels: [0; Self::CAPACITY],
            numbers: [1; Self::CAPACITY],
            slots: [0; SLOTS],
            count: 0,
            has_root,
            is_too_large: false,
            links: Links::NONE,
            required_links: Links::NONE,
        }
    }

    /// Adds the types that those mention which are there.
    const fn complete(&mut self, part: Part, only_generic: bool) {
        let mut next = 0;
        while let Some(named) = self.get(next) {
            let level = self.levels[next] + 1;
            let mut list = if only_generic && named.arguments.is_empty() {
                usize::MAX
            } else {
                0
            };
            while let Some(mut fields) = named.fields(list) {
                let mut index = 0;
                while let [field, rest @ ..] = fields {
                    if next > 0 || part.includes(list, index) {
                        self.visit(field.edge, Some(named), level, field.is_required());
                    }
                    fields = rest;
                    index += 1;
                }
                list += 1;
            }
            next += 1;
        }
        self.number();
    }

    /// Mentions every type that `edge` names, in `current`.
    const fn visit(
        &mut self,
        mut edge: Edge,
        current: Option<&'static Named>,
        level: usize,
        required: bool,
    ) {
        loop {
            match edge.node() {
                Node::Scalar(_) | Node::Any | Node::Foreign(_) => return,
                Node::Nullable(inner) => edge = *inner,
                Node::Array { items, .. } => edge = *items,
                Node::Map { values, .. } => edge = *values,
                Node::Tuple(items) => {
                    let mut items = *items;
                    while let [item, rest @ ..] = items {
                        self.visit(*item, current, level, required);
                        items = rest;
                    }
                    return;
                }
                Node::Named(named) => {
                    self.mention(named, level, current, required);
                    return;
                }
                Node::Enclosing(base) => {
                    self.mention(enclosing(*base, current), level, current, required);
                    return;
                }
            }
        }
    }

    const fn mention(
        &mut self,
        named: &'static Named,
        level: usize,
        from: Option<&'static Named>,
        required: bool,
    ) {
        let slot = self.slot(named);
        let index = match self.slots[slot] {
            0 if self.count == Self::CAPACITY => {
                self.is_too_large = true;
                return;
            }
            0 => {
                self.types[self.count] = Some(named);
                self.levels[self.count] = level;
                self.count += 1;
                self.slots[slot] = self.count;
                self.count - 1
            }
            found => found - 1,
        };
        self.mentions[index] += 1;
        if let Some(from) = from
            && let Some(from) = self.position(from)
        {
            self.links.add(from, index);
            if required {
                self.required_links.add(from, index);
            }
        }
    }

    /// Where the index of `named` is, or would be put.
    const fn slot(&self, named: &Named) -> usize {
        let mut slot = named.id as usize % SLOTS;
        loop {
            match self.slots[slot] {
                0 => return slot,
                found => match self.types[found - 1] {
                    Some(other) if other.id == named.id => return slot,
                    _ => slot = (slot + 1) % SLOTS,
                },
            }
        }
    }

    /// The type at `index`, if there are so many.
    pub(super) const fn get(&self, index: usize) -> Option<&'static Named> {
        if index < self.count {
            self.types[index]
        } else {
            None
        }
    }

    /// How many types there are.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Where `named` stands in the list.
    pub(super) const fn position(&self, named: &Named) -> Option<usize> {
        self.slots[self.slot(named)].checked_sub(1)
    }

    /// Whether `index` is that of the document itself.
    pub(super) const fn is_root(&self, index: usize) -> bool {
        self.has_root && index == 0
    }

    /// Whether mentions of the type at `index` are written as a `$ref`. The root is `#`; the others are under `$defs`.
    pub(super) const fn is_referenced(&self, index: usize) -> bool {
        self.is_root(index)
            || self.mentions[index] > 1
            || (self.levels[index] > 0 && self.levels[index].is_multiple_of(INLINED_LEVELS))
    }
}

/// The type that a mention of the enclosing generic type means.
#[expect(clippy::panic, reason = "runs while the user's crate compiles")]
pub(super) const fn enclosing(base: u64, current: Option<&'static Named>) -> &'static Named {
    match current {
        Some(named) if named.base == base => named,
        _ => panic!(
            "a generic response model can contain itself in Option, Box, lists, maps and tuples, but not as the argument of another generic response model"
        ),
    }
}
