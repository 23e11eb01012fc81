//! A type as its author wrote it: attributes are read, nothing is decided.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, GenericParam, Generics, Ident, Member as Place, Visibility};

use crate::attr::{self, FieldOptions, LlmRule, Rule, TypeOptions};
use crate::doc;
use crate::serde_attr::{Container, Member};

/// A struct or an enum.
pub(crate) struct Type {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) description: String,
    pub(crate) options: TypeOptions,
    /// About the whole value.
    pub(crate) llm_rules: Vec<SpannedValue<LlmRule>>,
    pub(crate) serde: Container,
    pub(crate) body: Body,
}

/// The parts of a type.
pub(crate) enum Body {
    Struct(Parts),
    Enum(Vec<Variant>),
}

/// The fields of a struct or of a variant.
pub(crate) struct Parts {
    pub(crate) style: Style,
    pub(crate) fields: Vec<Field>,
}

/// Whether fields have names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Unnamed,
    Unit,
}

/// A field.
pub(crate) struct Field {
    pub(crate) place: Place,
    pub(crate) visibility: Visibility,
    pub(crate) ty: syn::Type,
    pub(crate) description: String,
    pub(crate) serde: Member,
    pub(crate) options: FieldOptions,
    pub(crate) rules: Vec<SpannedValue<Rule>>,
    pub(crate) llm_rules: Vec<SpannedValue<LlmRule>>,
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) description: String,
    pub(crate) serde: Member,
    pub(crate) parts: Parts,
}

impl Field {
    /// The Rust name, without `r#`; the number of a field without a name.
    pub(crate) fn rust_name(&self) -> String {
        match &self.place {
            Place::Named(ident) => syn::ext::IdentExt::unraw(ident).to_string(),
            Place::Unnamed(index) => index.index.to_string(),
        }
    }

    /// Where the author names the field in JSON.
    pub(crate) fn name_span(&self) -> Span {
        match &self.serde.rename {
            Some(rename) => rename.span(),
            None => self.place_span(),
        }
    }

    /// Where the field is named, or its type if it has no name.
    pub(crate) fn place_span(&self) -> Span {
        match &self.place {
            Place::Named(ident) => ident.span(),
            Place::Unnamed(_) => self.ty.span(),
        }
    }
}

impl Variant {
    /// Where the author names the variant in JSON.
    pub(crate) fn name_span(&self) -> Span {
        self.serde
            .rename
            .as_ref()
            .map_or_else(|| self.ident.span(), SpannedValue::span)
    }
}

impl Type {
    /// Reads a type; `None` if its shape has no parts to read.
    pub(crate) fn read(input: &DeriveInput, errors: &mut Accumulator) -> Option<Type> {
        refuse_lifetimes(input, errors);
        attr::refuse_rules(&input.attrs, &["validate", "moderate"], "a type", errors);
        let body = match &input.data {
            Data::Struct(data) => {
                let parts = Parts::read(&data.fields, errors);
                if parts.style == Style::Unit {
                    errors.push(
                        Error::custom("a unit struct has nothing to fill in: give it fields")
                            .with_span(&input.ident),
                    );
                    return None;
                }
                Body::Struct(parts)
            }
            Data::Enum(data) => Body::Enum(read_variants(data, errors)),
            Data::Union(data) => {
                errors.push(
                    Error::custom("a union has no JSON form: use an enum")
                        .with_span(&data.union_token.span),
                );
                return None;
            }
        };
        Some(Type {
            ident: input.ident.clone(),
            generics: input.generics.clone(),
            description: doc::description(&input.attrs),
            options: TypeOptions::read(&input.attrs, errors),
            llm_rules: attr::llm_rules(&input.attrs, errors),
            serde: Container::read(&input.attrs, errors),
            body,
        })
    }
}

fn refuse_lifetimes(input: &DeriveInput, errors: &mut Accumulator) {
    for parameter in &input.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            errors.push(
                Error::custom(
                    "an answer is read from text that is gone afterwards, so it cannot borrow: own the text, with `String`, `Box<str>` or `Cow<'static, str>`",
                )
                .with_span(lifetime),
            );
        }
    }
}

impl Parts {
    fn read(fields: &Fields, errors: &mut Accumulator) -> Parts {
        let style = match fields {
            Fields::Named(_) => Style::Named,
            Fields::Unnamed(_) => Style::Unnamed,
            Fields::Unit => Style::Unit,
        };
        let fields = fields
            .members()
            .zip(fields)
            .map(|(place, field)| {
                let options = FieldOptions::read(&field.attrs, errors);
                Field {
                    place,
                    visibility: field.vis.clone(),
                    ty: field.ty.clone(),
                    description: doc::description(&field.attrs),
                    serde: Member::read_field(&field.attrs, errors),
                    rules: attr::rules(&field.attrs, errors),
                    llm_rules: attr::llm_rules(&field.attrs, errors),
                    options,
                }
            })
            .collect();
        Parts { style, fields }
    }
}

fn read_variants(data: &syn::DataEnum, errors: &mut Accumulator) -> Vec<Variant> {
    let mut variants = Vec::new();
    for variant in &data.variants {
        let rules = ["validate", "llm_validate", "moderate"];
        attr::refuse_rules(&variant.attrs, &rules, "a variant", errors);
        attr::refuse_response_model(&variant.attrs, "a variant", errors);
        variants.push(Variant {
            ident: variant.ident.clone(),
            description: doc::description(&variant.attrs),
            serde: Member::read_variant(&variant.attrs, errors),
            parts: Parts::read(&variant.fields, errors),
        });
    }
    variants
}
