//! The nodes of the schema graph.

use std::fmt;
use std::mem::MaybeUninit;

use crate::rule::pattern::Pattern;

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
}

/// A type with `#[derive(ResponseModel)]`.
#[derive(Debug)]
#[non_exhaustive]
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

impl Named {
    /// A type with these parts.
    pub const fn new(id: u64, name: &'static str, description: &'static str, body: Body) -> Named {
        Named {
            id,
            name,
            description,
            body,
        }
    }

    /// The fields; none if this is an enum.
    pub const fn fields(&self) -> &'static [Field] {
        match self.body {
            Body::Object(fields) => fields,
            Body::Enum(_) => &[],
        }
    }

    /// The variants; none if this is a struct.
    pub const fn variants(&self) -> &'static [Variant] {
        match self.body {
            Body::Object(_) => &[],
            Body::Enum(variants) => variants,
        }
    }
}

/// Hashes where a type is written: two types of one name, even in two function bodies of one module, differ.
///
/// 64-bit FNV-1a, in const. The order matters and every part ends with a byte that no part contains.
pub const fn identity(module_path: &str, name: &str, line: u32, column: u32) -> u64 {
    let hash = fnv(0xcbf2_9ce4_8422_2325, module_path.as_bytes());
    let hash = fnv(hash, name.as_bytes());
    let hash = fnv(hash, &line.to_le_bytes());
    fnv(hash, &column.to_le_bytes())
}

const fn fnv(mut hash: u64, mut bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x0100_0000_01b3;
    while let [byte, rest @ ..] = bytes {
        hash = (hash ^ *byte as u64).wrapping_mul(PRIME);
        bytes = rest;
    }
    (hash ^ 0xff).wrapping_mul(PRIME)
}

/// The parts of a [`Named`] type.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Body {
    /// A struct with named fields.
    Object(&'static [Field]),
    /// An enum of unit variants: their names in JSON, with their doc comments.
    Enum(&'static [Variant]),
}

/// A unit variant of an enum.
#[derive(Debug)]
#[non_exhaustive]
pub struct Variant {
    /// The name in JSON.
    pub name: &'static str,
    /// Its doc comment; empty if there is none.
    pub description: &'static str,
}

impl Variant {
    /// The variant written `name` in JSON.
    pub const fn new(name: &'static str, description: &'static str) -> Variant {
        Variant { name, description }
    }
}

/// A field of a struct.
#[derive(Debug)]
#[non_exhaustive]
pub struct Field {
    /// The key in JSON, after renaming.
    pub name: &'static str,
    /// Its doc comment; empty if there is none. Plain text: the renderer escapes it.
    pub description: &'static str,
    /// The type.
    pub edge: Edge,
    /// serde has a value for this field when the key is absent (`#[serde(default)]`).
    pub has_default: bool,
    /// The rules of `#[validate(...)]`.
    pub rules: &'static [Rule],
    /// The rules of `#[llm_validate("...")]`.
    pub llm_rules: &'static [LlmRule],
}

impl Field {
    /// A field without a default and without rules.
    pub const fn new(name: &'static str, description: &'static str, edge: Edge) -> Field {
        Field {
            name,
            description,
            edge,
            has_default: false,
            rules: &[],
            llm_rules: &[],
        }
    }

    /// The same field, with a default.
    #[must_use]
    pub const fn with_default(mut self) -> Field {
        self.has_default = true;
        self
    }

    /// The same field, with these rules.
    #[must_use]
    pub const fn with_rules(mut self, rules: &'static [Rule]) -> Field {
        self.rules = rules;
        self
    }

    /// The same field, with these LLM rules.
    #[must_use]
    pub const fn with_llm_rules(mut self, llm_rules: &'static [LlmRule]) -> Field {
        self.llm_rules = llm_rules;
        self
    }

    /// Whether serde refuses an object without this key: there is no default, and the type is not an `Option`.
    ///
    /// serde asks the type, not its spelling (`type Nickname = Option<String>` is optional too), and so does this.
    pub const fn is_required(&self) -> bool {
        !self.has_default && !matches!(self.edge.node(), Node::Nullable(_))
    }
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
    /// A regular expression that must match somewhere in the string.
    Pattern {
        /// The expression, in the syntax of the `regex` crate.
        source: &'static str,
        /// The expression means the same in JSON Schema (ECMA 262). One that does not is told in words instead.
        portable: bool,
        /// The expression, compiled at its first use. Generated code checks with the very same one.
        compiled: &'static Pattern,
    },
}

/// A bound of [`Rule::Range`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Bound {
    /// An integer bound.
    Integer(i128),
    /// A decimal bound: its value, and its JSON text, for the schema and for messages.
    Decimal(f64, &'static str),
}

/// A rule of `#[llm_validate("...")]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LlmRule {
    /// What must be true of the value, in words.
    pub statement: &'static str,
    /// The model that judges; the one of the call if `None`.
    pub model: Option<&'static str>,
    /// Take the judge's replacement value instead of asking again.
    pub allow_override: bool,
}

impl LlmRule {
    /// The rule `statement`.
    pub const fn new(
        statement: &'static str,
        model: Option<&'static str>,
        allow_override: bool,
    ) -> LlmRule {
        LlmRule {
            statement,
            model,
            allow_override,
        }
    }
}
