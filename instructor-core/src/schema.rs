//! The schema of a response model: a graph of static nodes built while the user's crate compiles.
//!
//! `#[derive(ResponseModel)]` puts every type in a `static`; the functions in `render` write the JSON text of each dialect
//! from it, also while compiling, for the types that are asked for. At run time a schema costs nothing: it is a
//! `&'static str` for each dialect.

pub mod graph;

mod builtin;
mod definitions;
mod dialect;
mod example;
mod foreign;
mod identity;
mod limits;
mod links;
mod literal;
mod message;
mod name;
mod render;
mod root;
#[doc(hidden)]
pub mod shape;
mod text;
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
    Argument, Body, Bound, Edge, Field, Foreign, Format, Keys, LlmRule, Named, Node, Payload, Rule,
    Scalar, Tagging, Variant,
};
pub use identity::identity;
pub use literal::Literal;

pub(crate) use render::object::Flattened;

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
    /// Some field carries `#[llm_validate]`.
    pub has_llm_rules: bool,
    /// Some rule can only be checked on the JSON, since the value is read by a function or converted.
    pub has_json_rules: bool,
    /// The texts are templates, to be completed by types that describe themselves when the program runs.
    has_foreign: bool,
    texts: [Result<&'static str, &'static str>; Dialect::ALL.len()],
}

impl Schema {
    /// The schema of `T`, in const: [`ResponseModel::SCHEMA`].
    pub(crate) const fn of<T: ResponseModel>() -> Schema {
        shape::used(T::NODE);
        let definitions = text::definitions::<T>();
        Schema {
            name: text::name::<T>(),
            description: text::description::<T>(),
            root: T::NODE,
            wrapper: root::Root::of(T::NODE).wrapper(),
            has_llm_rules: definitions.has_llm_rules(),
            has_json_rules: definitions.has_json_rules(),
            has_foreign: definitions.has_foreign() || limits::is_foreign(T::NODE),
            texts: text::texts::<T>(),
        }
    }

    /// The text in `dialect`.
    ///
    /// # Errors
    ///
    /// If the dialect cannot say the type, with the reason. [`Dialect::Standard`] can say every type.
    #[inline]
    pub fn text(&self, dialect: Dialect) -> Result<&'static str, Inexpressible> {
        let [standard, openai_strict, anthropic, gemini] = self.texts;
        let text = match dialect {
            Dialect::Standard => standard,
            Dialect::OpenAiStrict => openai_strict,
            Dialect::Anthropic => anthropic,
            Dialect::Gemini => gemini,
        };
        match text {
            Ok(template) if self.has_foreign => Ok(foreign::filled(template, self.root, dialect)),
            Ok(text) => Ok(text),
            Err(reason) => Err(Inexpressible { reason }),
        }
    }

    /// The text in [`Dialect::Standard`].
    pub fn standard(&self) -> &'static str {
        match self.text(Dialect::Standard) {
            Ok(text) => text,
            Err(error) => error.reason,
        }
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.standard())
    }
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
