//! A type that was checked: everything here is right, and the impls can be written from it.

use proc_macro2::Span;
use syn::Ident;

/// A struct or an enum.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    /// The name in JSON: of the tool, and under `$defs`.
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) body: Body,
}

/// The parts of a type.
pub(crate) enum Body {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
}

/// A field that is part of the JSON.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    /// The type, with `Self` written out.
    pub(crate) ty: syn::Type,
    /// The key in JSON.
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) has_default: bool,
    pub(crate) rules: Vec<Rule>,
    pub(crate) llm_rules: Vec<LlmRule>,
}

/// A variant that is part of the JSON.
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) description: String,
}

/// A rule of `#[validate(...)]`.
pub(crate) enum Rule {
    Length {
        min: Option<u64>,
        max: Option<u64>,
    },
    Range {
        min: Option<Bound>,
        max: Option<Bound>,
    },
    Pattern {
        source: String,
        /// Where the pattern is written.
        span: Span,
        /// It means the same in JSON Schema.
        portable: bool,
    },
}

/// A bound of a range.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Integer(i128),
    Decimal(f64),
}

/// A rule of `#[llm_validate("...")]`.
pub(crate) struct LlmRule {
    pub(crate) statement: String,
    pub(crate) model: Option<String>,
    pub(crate) allow_override: bool,
}
