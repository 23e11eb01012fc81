//! The nodes of the schema graph.

use std::fmt;
use std::mem::MaybeUninit;

/// An edge of the graph: the address of another type's node.
///
/// After evaluating a constant the compiler validates it, and follows plain references into the static they point at. With a
/// plain `&'static Node` a recursive type would need its own value to compute its own value (error E0391). `MaybeUninit` is
/// not followed, so only addresses are ever needed.
#[derive(Clone, Copy)]
pub struct Edge(MaybeUninit<&'static Node>);

impl Edge {
    /// The edge to `node`.
    pub const fn to(node: &'static Node) -> Edge {
        Edge(MaybeUninit::new(node))
    }

    /// The node this edge leads to.
    #[allow(unsafe_code)] // The one exception of the workspace: mutual recursion between types needs it (see above).
    pub const fn node(self) -> &'static Node {
        // SAFETY: `to` is the only constructor, and it always stores a valid reference.
        unsafe { self.0.assume_init() }
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The graph may be recursive: only names are printed.
        match self.node() {
            Node::Scalar(scalar) => write!(f, "{scalar:?}"),
            Node::Nullable(inner) => write!(f, "Option<{inner:?}>"),
            Node::Array(inner) => write!(f, "Vec<{inner:?}>"),
            Node::Map(inner) => write!(f, "Map<{inner:?}>"),
            Node::Named(named) => f.write_str(named.name),
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
    /// `Vec<T>`.
    Array(Edge),
    /// A map with string keys: an object with open keys.
    Map(Edge),
    /// A type with `#[derive(ResponseModel)]`.
    Named(&'static Named),
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
    /// `f32`, `f64`
    Number,
    /// An integer type, with the least and the greatest value it holds.
    Integer {
        /// `T::MIN`
        minimum: i128,
        /// `T::MAX`
        maximum: u128,
    },
}

/// A type with `#[derive(ResponseModel)]`.
#[derive(Debug)]
pub struct Named {
    /// Identity: a hash of module path, name and place in the source. Equal ids are the same type.
    pub id: u64,
    /// The type's name (or the one given by `#[serde(rename)]`).
    pub name: &'static str,
    /// Its doc comment; empty if there is none. Plain text: the renderer escapes it.
    pub description: &'static str,
    /// Its parts.
    pub body: Body,
}

/// The parts of a [`Named`] type.
#[derive(Debug)]
#[non_exhaustive]
pub enum Body {
    /// A struct with named fields.
    Object(&'static [Field]),
    /// An enum of unit variants: their names in JSON, with their doc comments.
    Enum(&'static [Variant]),
}

/// A unit variant of an enum.
#[derive(Debug)]
pub struct Variant {
    /// The name in JSON.
    pub name: &'static str,
    /// Its doc comment; empty if there is none.
    pub description: &'static str,
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    /// The key in JSON, after renaming.
    pub name: &'static str,
    /// Its doc comment; empty if there is none. Plain text: the renderer escapes it.
    pub description: &'static str,
    /// The type.
    pub edge: Edge,
    /// serde refuses an object without this key: the field is not an `Option` and has no default.
    pub required: bool,
    /// The rules of `#[validate(...)]`.
    pub rules: &'static [Rule],
    /// The rules of `#[llm_validate("...")]`.
    pub llm_rules: &'static [LlmRule],
}

/// A rule of `#[validate(...)]`: a schema keyword and a check. On an `Option` it applies to the value inside.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Rule {
    /// Characters of a string, items of a list, entries of a map.
    Length {
        /// At least this many.
        min: Option<u64>,
        /// At most this many.
        max: Option<u64>,
    },
    /// The value of a number, bounds included.
    Range {
        /// At least this.
        min: Option<Bound>,
        /// At most this.
        max: Option<Bound>,
    },
    /// A regular expression (syntax of the `regex` crate) that must match somewhere in the string.
    Pattern(&'static str),
}

/// A bound of [`Rule::Range`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Bound {
    /// An integer bound.
    Integer(i128),
    /// A decimal bound: its value, and its text as written, for the schema.
    Decimal(f64, &'static str),
}

/// A rule of `#[llm_validate("...")]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LlmRule {
    /// What must be true of the value, in words.
    pub statement: &'static str,
    /// The model that judges; the one of the call if `None`.
    pub model: Option<&'static str>,
    /// Take the judge's replacement value instead of asking again.
    pub allow_override: bool,
}
