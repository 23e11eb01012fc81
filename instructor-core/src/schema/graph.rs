//! The nodes of the schema graph.

mod field;
mod llm_rule;
mod named;

use std::fmt;

pub use field::{Bound, Choices, Field, IpVersion, Rule};
pub use llm_rule::{Criterion, LlmRule, OnError};
pub use named::{Argument, Body, Named, Payload, Tagging, Variant};

/// An edge of the graph: the address of another type's node.
///
/// After evaluating a constant the compiler validates it, and follows plain references into the static they point at. With a
/// plain `&'static Node` a recursive type would need its own value to compute its own value (error E0391). A union is not
/// looked into, so only addresses are ever needed. (`MaybeUninit` is such a union too, but reading it takes the compiler four
/// calls, and it reads every edge of a schema several times.)
#[derive(Clone, Copy)]
pub struct Edge(Address);

#[derive(Clone, Copy)]
union Address {
    node: &'static Node,
    /// A second member, as the compiler believes that a union of one always holds it.
    _nothing: (),
}

impl Edge {
    /// The edge to `node`.
    pub const fn to(node: &'static Node) -> Edge {
        Edge(Address { node })
    }

    /// The node this edge leads to.
    #[allow(unsafe_code)] // The one exception of the workspace: mutual recursion between types needs it (see above).
    pub const fn node(self) -> &'static Node {
        // SAFETY: `to` is the only constructor, and it always stores a valid reference.
        unsafe { self.0.node }
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The graph may be recursive: only names are printed.
        match self.node() {
            Node::Scalar(scalar) => write!(f, "{scalar:?}"),
            Node::Nullable(inner) => write!(f, "Option<{inner:?}>"),
            Node::Array { items, .. } => write!(f, "Vec<{items:?}>"),
            Node::Tuple(items) => f.debug_list().entries(*items).finish(),
            Node::Map { values, .. } => write!(f, "Map<{values:?}>"),
            Node::Any => f.write_str("Any"),
            Node::Named(named) => f.write_str(named.name),
            Node::Enclosing(_) => f.write_str("Self"),
            Node::Foreign(_) => f.write_str("Foreign"),
        }
    }
}

/// What a type looks like in JSON.
#[derive(Debug)]
#[non_exhaustive]
pub enum Node {
    /// A string, number or boolean.
    Scalar(Scalar),
    /// `Option<T>`: the inner type or null.
    Nullable(Edge),
    /// A list, set or array.
    Array {
        /// The type of the items.
        items: Edge,
        /// The number of items of an array; any if `None`.
        length: Option<usize>,
        /// A set: no item stands twice.
        unique: bool,
    },
    /// A tuple: an array with a type for each place.
    Tuple(&'static [Edge]),
    /// A map: an object with open keys.
    Map {
        /// What the keys look like.
        keys: Keys,
        /// The type of the values.
        values: Edge,
    },
    /// `serde_json::Value`: anything.
    Any,
    /// A type with `#[derive(ResponseModel)]`.
    Named(&'static Named),
    /// The generic type whose parts are being described, by [`Named::base`]. A generic type has no static of its own to
    /// point at.
    Enclosing(u64),
    /// A type that describes itself when the program runs.
    Foreign(Foreign),
}

/// A JSON value without parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scalar {
    /// `String`
    String,
    /// `char`: a string of one character.
    Char,
    /// `bool`
    Boolean,
    /// `f32`: its rules are compared after rounding, as the typed value is.
    Float32,
    /// `f64`
    Float64,
    /// An integer type, with the least and the greatest value it holds.
    Integer {
        /// `T::MIN`
        minimum: i128,
        /// `T::MAX`
        maximum: u128,
    },
    /// A signed `NonZero` type: the same without 0.
    NonZero {
        /// The least value.
        minimum: i128,
        /// The greatest value.
        maximum: u128,
    },
    /// A string in a format of its own, such as a date.
    Formatted(&'static Format),
}

/// The format of a string that a type reads, such as a date or a UUID.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Format {
    /// The value of the keyword `format`; empty if JSON Schema has none that means this.
    pub name: &'static str,
    /// The value of the keyword `pattern`; empty if there is none.
    pub pattern: &'static str,
    /// The same in words, as a sentence, for dialects that know neither.
    pub words: &'static str,
}

impl Format {
    /// A format: its name in JSON Schema, a pattern, and a sentence that says the same. Either of the first two may be empty.
    pub const fn new(name: &'static str, pattern: &'static str, words: &'static str) -> Format {
        Format {
            name,
            pattern,
            words,
        }
    }
}

/// The keys of a map.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Keys {
    /// Any text.
    Text,
    /// An integer, written in decimal.
    Integer {
        /// The least value.
        minimum: i128,
        /// The greatest value.
        maximum: u128,
        /// A regular expression for exactly these keys.
        pattern: &'static str,
    },
    /// A text of this type: an enum of names, a character, or a text in a format.
    Typed(Edge),
}

/// A type that describes itself when the program runs.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Foreign {
    /// Writes the JSON Schema of the type.
    pub schema: fn() -> String,
}

impl Foreign {
    /// The type whose JSON Schema `schema` writes.
    pub const fn new(schema: fn() -> String) -> Foreign {
        Foreign { schema }
    }
}

impl fmt::Debug for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Foreign")
    }
}
