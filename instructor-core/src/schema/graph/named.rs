//! Types with a derive.

use super::{Edge, Field, LlmRule, Node};
use crate::rule::custom;
use crate::schema::dialect::Dialect;
use crate::schema::identity;
use crate::schema::literal::Literal;

/// A type with `#[derive(ResponseModel)]`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Named {
    /// Identity: a hash of module path, name, place in the source and type arguments. Equal ids are the same type.
    pub id: u64,
    /// Identity without the type arguments.
    pub base: u64,
    /// The type's name (or the one given by `#[serde(rename)]`), without arguments. Letters, digits, `_` and `-`.
    pub name: &'static str,
    /// The type arguments of a generic type.
    pub arguments: &'static [Argument],
    /// Its doc comment; empty if there is none.
    pub description: Literal,
    /// Its parts.
    pub body: Body,
    /// The dialects that must be able to say it, by `#[response_model(providers(...))]`.
    pub dialects: &'static [Dialect],
    /// The rules of `#[llm_validate("...")]` about the whole value.
    pub llm_rules: &'static [LlmRule],
    /// An enum whose variants are tools of their own when it is the answer, by `#[response_model(tools)]`.
    pub has_tools: bool,
    /// `#[response_model(validate = ...)]`: what functions of the user's find in the whole value.
    pub custom: &'static [custom::JsonFunction],
}

/// An argument of a generic type.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Argument {
    /// A type.
    Type(Edge),
    /// The value of a const parameter.
    Value(u128),
}

impl Named {
    /// A type that is not generic.
    pub const fn new(base: u64, name: &'static str, description: Literal, body: Body) -> Named {
        Named {
            id: base,
            base,
            name,
            arguments: &[],
            description,
            body,
            dialects: &[],
            llm_rules: &[],
            has_tools: false,
            custom: &[],
        }
    }

    /// The same type with these arguments, which become part of its identity.
    #[must_use]
    pub const fn with_arguments(mut self, arguments: &'static [Argument]) -> Named {
        self.id = identity::with_arguments(self.base, arguments);
        self.arguments = arguments;
        self
    }

    /// The same type; that one of `dialects` cannot say it is a compile error.
    #[must_use]
    pub const fn with_dialects(mut self, dialects: &'static [Dialect]) -> Named {
        self.dialects = dialects;
        self
    }

    /// The same type, with these LLM rules about the whole value.
    #[must_use]
    pub const fn with_llm_rules(mut self, llm_rules: &'static [LlmRule]) -> Named {
        self.llm_rules = llm_rules;
        self
    }

    /// The same enum, each variant a tool of its own.
    #[must_use]
    pub const fn with_tools(mut self) -> Named {
        self.has_tools = true;
        self
    }

    /// The same type, with functions that check the whole value.
    #[must_use]
    pub const fn with_custom(mut self, custom: &'static [custom::JsonFunction]) -> Named {
        self.custom = custom;
        self
    }

    /// The type that this one looks like: itself, or what is in a newtype; `None` if that is no type with a derive.
    pub(crate) const fn innermost(&'static self) -> Option<&'static Named> {
        let mut named = self;
        while let Body::Newtype { field, .. } = named.body {
            match field.edge.node() {
                Node::Named(inner) => named = inner,
                _ => return None,
            }
        }
        Some(named)
    }

    /// The lists of fields: one of a struct, one for each variant of an enum (empty for a unit variant).
    pub const fn fields(&self, list: usize) -> Option<&'static [Field]> {
        match (self.body, list) {
            (Body::Object { fields, .. } | Body::Tuple(fields), 0) => Some(fields),
            (Body::Newtype { field, .. }, 0) => Some(std::slice::from_ref(field)),
            (Body::Enum { variants, .. }, _) => {
                let Some((_, rest)) = variants.split_at_checked(list) else {
                    return None;
                };
                match rest {
                    [variant, ..] => Some(variant.payload.fields()),
                    [] => None,
                }
            }
            _ => None,
        }
    }
}

/// The parts of a [`Named`] type.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Body {
    /// A struct with named fields.
    Object {
        /// The fields.
        fields: &'static [Field],
        /// `#[serde(deny_unknown_fields)]`
        closed: bool,
    },
    /// A struct with two or more fields without names.
    Tuple(&'static [Field]),
    /// A struct that looks like its one field.
    Newtype {
        /// The field, which has no name.
        field: &'static Field,
        /// serde asks the inner type what an absent key means: `#[serde(transparent)]`, `from` and `try_from`.
        transparent: bool,
    },
    /// An enum.
    Enum {
        /// The variants, without those that are skipped.
        variants: &'static [Variant],
        /// How a value says which variant it is.
        tagging: Tagging,
        /// `#[serde(deny_unknown_fields)]`
        closed: bool,
    },
}

/// How a value of an enum says which variant it is.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Tagging {
    /// `"Unit"` or `{"Variant": ...}`
    External,
    /// `{"tag": "Variant", ...}`
    Internal {
        /// The key of the variant's name.
        tag: Literal,
    },
    /// `{"tag": "Variant", "content": ...}`
    Adjacent {
        /// The key of the variant's name.
        tag: Literal,
        /// The key of what is in it.
        content: Literal,
    },
    /// Not at all: serde takes the first variant that fits.
    Untagged,
}

/// A variant of an enum.
#[derive(Debug)]
#[non_exhaustive]
pub struct Variant {
    /// The name in JSON.
    pub name: Literal,
    /// Other names that serde accepts.
    pub aliases: &'static [&'static str],
    /// Its doc comment; empty if there is none.
    pub description: Literal,
    /// What is in it.
    pub payload: Payload,
    /// `#[serde(untagged)]` on this variant alone.
    pub untagged: bool,
    /// `#[serde(other)]`: serde takes it for every name that it does not know.
    pub is_other: bool,
}

impl Variant {
    /// The unit variant written `name` in JSON.
    pub const fn new(name: Literal, description: Literal) -> Variant {
        Variant {
            name,
            aliases: &[],
            description,
            payload: Payload::Unit,
            untagged: false,
            is_other: false,
        }
    }

    /// The same variant with other names that serde accepts.
    #[must_use]
    pub const fn with_aliases(mut self, aliases: &'static [&'static str]) -> Variant {
        self.aliases = aliases;
        self
    }

    /// The same variant with something in it.
    #[must_use]
    pub const fn with_payload(mut self, payload: Payload) -> Variant {
        self.payload = payload;
        self
    }

    /// The same variant, which serde takes for every name that it does not know.
    #[must_use]
    pub const fn other(mut self) -> Variant {
        self.is_other = true;
        self
    }

    /// The same variant without its name: serde takes it if what is in it fits.
    #[must_use]
    pub const fn untagged(mut self) -> Variant {
        self.untagged = true;
        self
    }
}

/// What is in a variant.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Payload {
    /// Nothing.
    Unit,
    /// One field without a name.
    Newtype(&'static Field),
    /// Several fields without names.
    Tuple(&'static [Field]),
    /// Named fields.
    Object(&'static [Field]),
}

impl Payload {
    /// The fields, with names or without.
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Payload::Unit => &[],
            Payload::Newtype(field) => std::slice::from_ref(field),
            Payload::Tuple(fields) | Payload::Object(fields) => fields,
        }
    }
}
