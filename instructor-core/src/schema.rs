//! The schema of a response model: a graph of static nodes built while the user's crate compiles.
//!
//! `#[derive(ResponseModel)]` puts every type in a `static`; the functions in [`render`] write the JSON text of each
//! dialect from it, also while compiling. At run time a schema costs nothing: it is one `&'static str`.

pub mod graph;
pub mod render;

mod builtin;
mod definitions;
mod limits;
mod writer;

pub use graph::{Body, Bound, Edge, Field, LlmRule, Named, Node, Rule, Scalar, Variant};
pub use render::Dialect;

/// The schema of a response model, ready to be sent.
#[derive(Debug)]
#[non_exhaustive]
pub struct Schema {
    /// The name of the response model, also the name of the tool.
    pub name: &'static str,
    /// The doc comment of the response model; empty if there is none. The texts below leave it out of their root, since
    /// every wire has its own place for it.
    pub description: &'static str,
    /// The graph the texts were rendered from.
    pub root: Edge,
    /// JSON Schema 2020-12 with every keyword: for dialects and models that do not constrain decoding.
    pub standard: &'static str,
    /// The same for OpenAI's `strict: true`: every key required, objects closed, no keyword outside its list. `None` if
    /// the type cannot be said that way (open maps, or over a limit); it is then sent without `strict`.
    pub openai_strict: Option<&'static str>,
    /// Some field carries `#[llm_validate]`.
    pub has_llm_rules: bool,
}

impl Schema {
    /// The schema of `root` with its rendered texts; an empty `openai_strict` says that there is none. Called by generated
    /// code, in const.
    #[doc(hidden)]
    pub const fn new(
        root: &'static Named,
        edge: Edge,
        standard: &'static [u8],
        openai_strict: &'static [u8],
    ) -> Schema {
        Schema {
            name: root.name,
            description: root.description,
            root: edge,
            standard: writer::text(standard),
            openai_strict: if openai_strict.is_empty() {
                None
            } else {
                Some(writer::text(openai_strict))
            },
            has_llm_rules: definitions::Definitions::of(root).has_llm_rules(),
        }
    }
}
