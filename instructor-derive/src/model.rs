//! A type that was checked: everything here is right, and the impls can be written from it.

use proc_macro2::Span;
use syn::{Generics, Ident, Member as Place, Type, Visibility};

use crate::attr::Example;

/// A struct or an enum.
pub(crate) struct Model {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The name in JSON: of the tool, and under `$defs`.
    pub(crate) name: String,
    pub(crate) description: String,
    /// The names of the dialects that must be able to say it.
    pub(crate) dialects: Vec<Ident>,
    /// About the whole value.
    pub(crate) llm_rules: Vec<LlmRule>,
    /// The type whose fields the templates of rules may name.
    pub(crate) context: Option<Type>,
    /// Where `tools` stands, if the variants are tools of their own.
    pub(crate) tools: Option<Span>,
    pub(crate) body: Body,
}

/// The parts of a type.
pub(crate) enum Body {
    Object {
        fields: Vec<Field>,
        closed: bool,
    },
    Tuple(Vec<Field>),
    Newtype {
        field: Box<Field>,
        transparent: bool,
    },
    /// `from` and `try_from`: the type it is read as.
    Converted(Box<Type>),
    Enum {
        variants: Vec<Variant>,
        tagging: Tagging,
        closed: bool,
    },
}

/// How a value of an enum says which variant it is.
pub(crate) enum Tagging {
    External,
    Internal { tag: String },
    Adjacent { tag: String, content: String },
    Untagged,
}

/// A field that is part of the JSON.
pub(crate) struct Field {
    pub(crate) place: Place,
    pub(crate) visibility: Visibility,
    /// The type.
    pub(crate) ty: Type,
    /// The type whose schema it has, with `Self` written out.
    pub(crate) schema_type: Type,
    /// The key in JSON; empty without a name.
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) description: String,
    pub(crate) has_default: bool,
    pub(crate) is_flattened: bool,
    /// A function reads it, so its rules are checked on the JSON.
    pub(crate) is_converted: bool,
    pub(crate) rules: Vec<Rule>,
    pub(crate) llm_rules: Vec<LlmRule>,
    pub(crate) examples: Vec<(Example, Span)>,
}

/// A variant that is part of the JSON.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) description: String,
    pub(crate) is_untagged: bool,
    pub(crate) is_other: bool,
    pub(crate) payload: Payload,
}

/// What is in a variant.
pub(crate) enum Payload {
    Unit,
    Newtype(Box<Field>),
    Tuple(Vec<Field>),
    Object(Vec<Field>),
}

impl Payload {
    pub(crate) fn fields(&self) -> &[Field] {
        match self {
            Payload::Unit => &[],
            Payload::Newtype(field) => std::slice::from_ref(field),
            Payload::Tuple(fields) | Payload::Object(fields) => fields,
        }
    }
}

impl Body {
    /// The lists of fields: one of a struct, one for each variant of an enum.
    pub(crate) fn lists(&self) -> Vec<&[Field]> {
        match self {
            Body::Object { fields, .. } | Body::Tuple(fields) => vec![fields],
            Body::Newtype { field, .. } => vec![std::slice::from_ref(field)],
            Body::Converted(_) => Vec::new(),
            Body::Enum { variants, .. } => variants
                .iter()
                .map(|variant| variant.payload.fields())
                .collect(),
        }
    }
}

/// A rule of `#[validate(...)]`.
pub(crate) enum Rule {
    Length {
        min: Option<u64>,
        max: Option<u64>,
        /// Where the rule is written.
        span: Span,
    },
    Range {
        min: Option<Bound>,
        max: Option<Bound>,
        above: Option<Bound>,
        below: Option<Bound>,
    },
    Pattern {
        source: String,
        /// Where the pattern is written.
        span: Span,
    },
    Email,
    Url,
    Contains(String),
    DoesNotContain(String),
}

/// A bound of a range.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Integer(i128),
    Decimal(f64),
}

/// A rule of `#[llm_validate("...")]` or `#[moderate]`.
pub(crate) struct LlmRule {
    pub(crate) criterion: Criterion,
    pub(crate) model: Option<String>,
    pub(crate) allow_override: bool,
    /// Where `each` stands.
    pub(crate) each: Option<Span>,
    pub(crate) accepts_errors: bool,
}

/// What must be true of a value.
pub(crate) enum Criterion {
    Statement(String),
    Template {
        source: String,
        /// The variables that it puts in, as far as they can be told.
        variables: Vec<String>,
        span: Span,
    },
    /// Where `moderate` stands.
    Moderation(Span),
}

impl Model {
    /// The rules that a service judges: of the type, and of its fields.
    pub(crate) fn all_llm_rules(&self) -> impl Iterator<Item = &LlmRule> {
        let fields = self.body.lists().into_iter().flatten();
        self.llm_rules
            .iter()
            .chain(fields.flat_map(|field| &field.llm_rules))
    }
}
