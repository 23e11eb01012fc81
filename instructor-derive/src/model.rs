//! A type that was checked: everything here is right, and the impls can be written from it.

use darling::util::SpannedValue;
use proc_macro2::Span;
use syn::{Generics, Ident, Member as Place, Path, Type, Visibility};

use crate::attr::{Example, Ip};

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
    /// What checks the whole value.
    pub(crate) custom: Vec<Custom>,
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
    pub(crate) rules: Vec<SpannedValue<Rule>>,
    /// What checks the value and may wait.
    pub(crate) async_rules: Vec<Custom>,
    /// What puts the value into shape before anything is checked.
    pub(crate) before: Vec<Path>,
    pub(crate) llm_rules: Vec<LlmRule>,
    pub(crate) examples: Vec<(Example, Span)>,
}

impl Field {
    /// The functions that check the value, but for those in parentheses.
    pub(crate) fn customs(&self) -> impl Iterator<Item = &SpannedValue<Rule>> {
        self.rules
            .iter()
            .filter(|rule| matches!(***rule, Rule::Custom(_)))
    }

    /// Whether there is something to check of the typed value.
    pub(crate) fn is_checked(&self) -> bool {
        !self.is_converted || self.customs().next().is_some()
    }

    /// The type that custom rules are about.
    pub(crate) fn custom_type(&self) -> &Type {
        if self.is_converted {
            &self.ty
        } else {
            &self.schema_type
        }
    }
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
    Uuid,
    Ip(Ip),
    Contains(String),
    DoesNotContain(String),
    StartsWith(String),
    EndsWith(String),
    OneOf(Choices),
    MultipleOf(Bound),
    UniqueItems,
    Each(Vec<SpannedValue<Rule>>),
    Keys(Vec<SpannedValue<Rule>>),
    Values(Vec<SpannedValue<Rule>>),
    Custom(Custom),
}

/// A function of the user's that says what is wrong with a value.
pub(crate) struct Custom {
    /// With `Self` written out.
    pub(crate) function: Path,
    pub(crate) use_context: bool,
}

/// The values of `one_of(...)`.
pub(crate) enum Choices {
    Texts(Vec<String>),
    Integers(Vec<i128>),
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
