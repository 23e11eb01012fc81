//! The schema of a response model: a graph of static nodes built while the user's crate compiles.
//!
//! `#[derive(ResponseModel)]` puts every type in a `static`; the functions in `render` write the JSON text of each dialect
//! from it, for the types that are asked for. In a release build they run while compiling, and a schema costs nothing: it is a
//! `&'static str` for each dialect. In a debug build the same functions run at the first use of a text.

pub mod graph;

mod builtin;
mod definitions;
mod dialect;
mod document;
mod example;
mod fragment;
mod identity;
mod limits;
mod links;
mod literal;
mod message;
mod name;
mod render;
mod rendered;
mod root;
mod rules;
#[doc(hidden)]
pub mod shape;
mod text;
mod tools;
mod writer;

use std::fmt;

#[doc(hidden)]
pub use builtin::Enclosing;
pub use builtin::MapKey;
#[cfg(feature = "schemars")]
pub use builtin::Schemars;
pub use dialect::Dialect;
pub use example::Example;
pub use graph::{
    Argument, Body, Bound, Choices, Criterion, Edge, Field, Foreign, Format, IpVersion, Keys,
    LlmRule, Named, Node, OnError, Payload, Rule, Scalar, Tagging, Variant,
};
pub use identity::identity;
pub use literal::Literal;
pub use rules::WrittenRule;
pub use tools::ToolSet;

pub(crate) use fragment::{Place, fragment};
pub(crate) use render::object::{Flattened, open_map};

use self::definitions::Contents;
use self::text::Text;
use self::tools::Offer;
use crate::model::ResponseModel;

/// The schema of a response model, ready to be sent.
///
/// Printed with `{}` it is the text of [`Dialect::Standard`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Schema {
    /// The name of the tool: that of the response model, `IterableName` for a list of structs, `Response` for a plain value.
    pub name: &'static str,
    /// The doc comment of the response model; empty if there is none. The texts leave it out of their root, since every wire
    /// has its own place for it.
    pub description: &'static str,
    /// The graph the texts were rendered from.
    pub root: Edge,
    /// The key around the answer, for a type that is no object: every wire wants an object.
    pub wrapper: Option<&'static str>,
    parts: Parts,
}

/// What takes a walk of the graph to know.
#[derive(Debug, Clone, Copy)]
enum Parts {
    /// It stands in the program.
    Constant {
        contents: Contents,
        /// In the order of [`Dialect::ALL`].
        texts: [Text; Dialect::ALL.len()],
    },
    /// It is found at its first use, and kept.
    AtFirstUse,
}

/// Constants are worth their price in programs that are shipped. A program that is being written is built again and again, and
/// the compiler, which interprets const code, takes half a millisecond for a field and dialect.
const RENDERS_WHILE_COMPILING: bool = !cfg!(debug_assertions);

impl Schema {
    /// The schema of `T`, in const: [`ResponseModel::SCHEMA`].
    pub(crate) const fn of<T: ResponseModel>() -> Schema {
        shape::used(T::NODE);
        Schema {
            name: text::name::<T>(),
            description: text::description::<T>(),
            root: T::NODE,
            wrapper: root::Root::of(T::NODE).wrapper(),
            parts: Parts::of::<T>(),
        }
    }

    /// The text in `dialect`.
    ///
    /// # Errors
    ///
    /// If the dialect cannot say the type, with the reason. [`Dialect::Standard`] can say every type.
    #[inline]
    pub fn text(&self, dialect: Dialect) -> Result<&'static str, Inexpressible> {
        let text = match &self.parts {
            Parts::Constant { texts, .. } => *dialect.choose(texts),
            Parts::AtFirstUse => rendered::of(self.root).text(self.root, self.description, dialect),
        };
        text.map_err(|reason| Inexpressible { reason })
    }

    /// The text in [`Dialect::Standard`].
    pub fn standard(&self) -> &'static str {
        match self.text(Dialect::Standard) {
            Ok(text) => text,
            Err(error) => error.reason,
        }
    }

    /// The tools that are offered instead of one that takes the whole answer: of an enum with `#[response_model(tools)]`, and of a
    /// list of one.
    pub fn tools(&self) -> Option<&'static ToolSet> {
        Offer::of(self.root).map(|offer| rendered::of(self.root).tools(offer))
    }

    /// Whether some field or type carries `#[llm_validate]` or `#[moderate]`.
    pub fn has_llm_rules(&self) -> bool {
        self.contents().has_llm_rules
    }

    /// Whether some field is put into shape before it is checked.
    pub(crate) fn has_before(&self) -> bool {
        self.contents().has_before
    }

    /// Whether some field is checked by an asynchronous function.
    pub(crate) fn has_async_rules(&self) -> bool {
        self.contents().has_async_rules
    }

    /// Whether some rule can only be checked on the JSON, since the value is read by a function or converted, or is in a set.
    pub fn has_json_rules(&self) -> bool {
        self.contents().has_json_rules
    }

    fn contents(&self) -> Contents {
        match self.parts {
            Parts::Constant { contents, .. } => contents,
            Parts::AtFirstUse => rendered::of(self.root).contents,
        }
    }
}

impl Parts {
    const fn of<T: ResponseModel>() -> Parts {
        if !RENDERS_WHILE_COMPILING {
            return Parts::AtFirstUse;
        }
        let contents = text::contents::<T>();
        if contents.has_foreign {
            // No constant knows what a type says of itself when the program runs.
            return Parts::AtFirstUse;
        }
        Parts::Constant {
            contents,
            texts: text::texts::<T>(),
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.standard())
    }
}

/// The texts of `T` as the constants that release builds hold: for a test that holds them against those of this build.
#[doc(hidden)]
pub fn constants<T: ResponseModel>() -> [Text; Dialect::ALL.len()] {
    const { text::texts::<T>() }
}

/// The schema of `T` as JSON text, in the words of `dialect`.
///
/// # Errors
///
/// If the dialect cannot say the type, with the reason.
///
/// ```
/// use instructor_core::schema::{Dialect, schema_json};
///
/// let text = schema_json::<Vec<u8>>(Dialect::OpenAiStrict)?;
/// assert!(text.contains(r#""maximum":255"#));
/// # Ok::<(), instructor_core::schema::Inexpressible>(())
/// ```
pub fn schema_json<T: ResponseModel>(dialect: Dialect) -> Result<&'static str, Inexpressible> {
    T::SCHEMA.text(dialect)
}

/// Why a dialect has no schema for a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct Inexpressible {
    /// What cannot be said, where, and what to do.
    pub reason: &'static str,
}
