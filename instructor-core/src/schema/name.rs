//! The names of types: of the tool, and of definitions. A generic type is named with its arguments: `Page_User`.
#![allow(
    clippy::indexing_slicing,
    reason = "runs while the user's crate compiles, where an index out of bounds is a compile error"
)]

use super::graph::{Argument, Edge, Named, Node, Scalar};

/// What providers accept as the length of a tool's name.
const LENGTH: usize = 64;

/// The name of a type, with its arguments; cut after what providers accept.
#[derive(Clone, Copy)]
pub(super) struct Name {
    bytes: [u8; LENGTH],
    length: usize,
}

impl Name {
    const EMPTY: Name = Name {
        bytes: [0; LENGTH],
        length: 0,
    };

    /// The name of `named`.
    pub(super) const fn of(named: &Named) -> Name {
        let mut name = Name::EMPTY;
        name.add_named(named);
        name
    }

    /// `prefix` and the name of `named`; `None` if that is too long for a tool.
    pub(super) const fn prefixed(prefix: &str, named: &Named) -> Option<Name> {
        let mut name = Name::EMPTY;
        name.add(prefix);
        let before = name.length;
        let inner = Name::of(named);
        if before + inner.length > LENGTH {
            return None;
        }
        name.add(inner.as_str());
        Some(name)
    }

    pub(super) const fn as_bytes(&self) -> &[u8] {
        let (name, _) = self.bytes.split_at(self.length);
        name
    }

    pub(super) const fn as_str(&self) -> &str {
        match str::from_utf8(self.as_bytes()) {
            Ok(name) => name,
            Err(_) => "",
        }
    }

    const fn add_named(&mut self, named: &Named) {
        self.add(named.name);
        let mut arguments = named.arguments;
        while let [argument, rest @ ..] = arguments {
            self.add("_");
            match argument {
                Argument::Type(edge) => self.add_edge(*edge),
                Argument::Value(value) => self.add_number(*value),
            }
            arguments = rest;
        }
    }

    const fn add_edge(&mut self, edge: Edge) {
        match edge.node() {
            Node::Scalar(scalar) => self.add(scalar_name(*scalar)),
            Node::Nullable(inner) => {
                self.add("Option_");
                self.add_edge(*inner);
            }
            Node::Array { items, .. } => {
                self.add("List_");
                self.add_edge(*items);
            }
            Node::Tuple(items) => {
                self.add("Tuple");
                let mut items = *items;
                while let [item, rest @ ..] = items {
                    self.add("_");
                    self.add_edge(*item);
                    items = rest;
                }
            }
            Node::Map { values, .. } => {
                self.add("Map_");
                self.add_edge(*values);
            }
            Node::Any | Node::Foreign(_) => self.add("Any"),
            Node::Named(named) => self.add_named(named),
            Node::Enclosing(_) => self.add("Self"),
        }
    }

    const fn add_number(&mut self, value: u128) {
        let mut power: u128 = 1;
        while value / power >= 10 {
            power *= 10;
        }
        while power > 0 {
            if self.length < LENGTH {
                self.bytes[self.length] = b'0' + (value / power % 10) as u8;
                self.length += 1;
            }
            power /= 10;
        }
    }

    const fn add(&mut self, text: &str) {
        let mut bytes = text.as_bytes();
        while let [byte, rest @ ..] = bytes {
            if self.length == LENGTH {
                return;
            }
            self.bytes[self.length] = *byte;
            self.length += 1;
            bytes = rest;
        }
    }
}

const fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::String | Scalar::Formatted(_) => "String",
        Scalar::Char => "Char",
        Scalar::Boolean => "Boolean",
        Scalar::Float32 | Scalar::Float64 => "Number",
        Scalar::Integer { .. } | Scalar::NonZero { .. } => "Integer",
    }
}
