//! A type as its author wrote it: attributes are read, nothing is decided.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Fields, Ident};

use crate::attr::{self, LlmRule, Rule};
use crate::doc;
use crate::serde_attr::{ContainerNames, Member, Renamed};

/// A struct or an enum.
pub(crate) struct Type {
    pub(crate) ident: Ident,
    pub(crate) description: String,
    pub(crate) serde: ContainerNames,
    pub(crate) body: Body,
}

/// The parts of a type.
pub(crate) enum Body {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
}

/// A field of a struct.
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) ty: syn::Type,
    pub(crate) description: String,
    pub(crate) serde: Member,
    pub(crate) rules: Vec<SpannedValue<Rule>>,
    pub(crate) llm_rules: Vec<SpannedValue<LlmRule>>,
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) description: String,
    pub(crate) serde: Member,
}

impl Field {
    /// Where the author names the field in JSON.
    pub(crate) fn name_span(&self) -> Span {
        name_span(&self.ident, self.serde.rename.as_ref())
    }
}

impl Variant {
    /// Where the author names the variant in JSON.
    pub(crate) fn name_span(&self) -> Span {
        name_span(&self.ident, self.serde.rename.as_ref())
    }
}

fn name_span(ident: &Ident, rename: Option<&Renamed>) -> Span {
    rename.map_or_else(|| ident.span(), SpannedValue::span)
}

impl Type {
    /// Reads a type; `None` if its shape has no parts to read.
    pub(crate) fn read(input: &DeriveInput, errors: &mut Accumulator) -> Option<Type> {
        refuse_generics(input, errors);
        attr::refuse_rules(&input.attrs, "a type", errors);
        let body = match &input.data {
            Data::Struct(data) => Body::Struct(read_fields(&input.ident, &data.fields, errors)?),
            Data::Enum(data) => Body::Enum(read_variants(data, errors)),
            Data::Union(data) => {
                errors.push(
                    Error::custom("a union has no JSON form: use a struct with named fields")
                        .with_span(&data.union_token.span),
                );
                return None;
            }
        };
        Some(Type {
            ident: input.ident.clone(),
            description: doc::description(&input.attrs),
            serde: ContainerNames::read(&input.attrs, errors),
            body,
        })
    }
}

fn refuse_generics(input: &DeriveInput, errors: &mut Accumulator) {
    if !input.generics.params.is_empty() {
        errors.push(
            Error::custom(
                "a response model cannot be generic yet: write the type out for each parameter you need",
            )
            .with_span(&input.generics.params),
        );
    }
}

fn read_fields(ident: &Ident, fields: &Fields, errors: &mut Accumulator) -> Option<Vec<Field>> {
    let fields = match fields {
        Fields::Named(fields) => &fields.named,
        Fields::Unnamed(fields) => {
            errors.push(
                Error::custom(
                    "a tuple struct has no names for the keys of a JSON object: name its fields",
                )
                .with_span(&fields.paren_token.span.join()),
            );
            return None;
        }
        Fields::Unit => {
            errors.push(
                Error::custom("a unit struct has nothing to fill in: give it named fields")
                    .with_span(ident),
            );
            return None;
        }
    };
    let read = |field: &syn::Field| {
        attr::refuse_response_model(&field.attrs, "a field", errors);
        Some(Field {
            ident: field.ident.clone()?,
            ty: field.ty.clone(),
            description: doc::description(&field.attrs),
            serde: Member::read_field(&field.attrs, errors),
            rules: attr::rules(&field.attrs, errors),
            llm_rules: attr::llm_rules(&field.attrs, errors),
        })
    };
    fields.iter().map(read).collect()
}

fn read_variants(data: &syn::DataEnum, errors: &mut Accumulator) -> Vec<Variant> {
    let mut variants = Vec::new();
    for variant in &data.variants {
        attr::refuse_rules(&variant.attrs, "a variant", errors);
        attr::refuse_response_model(&variant.attrs, "a variant", errors);
        if !matches!(variant.fields, Fields::Unit) {
            errors.push(
                Error::custom(
                    "a variant cannot carry data yet: use unit variants, or a struct with one `Option` field for each variant",
                )
                .with_span(&variant.fields.span()),
            );
        }
        variants.push(Variant {
            ident: variant.ident.clone(),
            description: doc::description(&variant.attrs),
            serde: Member::read_variant(&variant.attrs, errors),
        });
    }
    variants
}
