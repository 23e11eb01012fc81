//! Writes the node of a type, and the schema of a struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use super::{option, pattern_static, pattern_statics};
use crate::model::{Body, Bound, Field, LlmRule, Model, Rule, Variant};

/// The statics `TYPE` and `NODE`.
pub(super) fn graph(model: &Model, private: &TokenStream) -> TokenStream {
    let Model {
        ident,
        name,
        description,
        body,
    } = model;
    let rust_name = ident.unraw().to_string();
    let (parts, body) = match body {
        Body::Struct(fields) => (self::fields(fields, private), quote!(Object(&FIELDS))),
        Body::Enum(variants) => (self::variants(variants, private), quote!(Enum(&VARIANTS))),
    };
    quote! {
        #parts
        static TYPE: #private::Named = #private::Named::new(
            #private::identity(
                ::core::module_path!(),
                #rust_name,
                ::core::line!(),
                ::core::column!(),
            ),
            #name,
            #description,
            #private::Body::#body,
        );
        static NODE: #private::Node = #private::Node::Named(&TYPE);
    }
}

fn variants(variants: &[Variant], private: &TokenStream) -> TokenStream {
    let count = variants.len();
    let variants = variants
        .iter()
        .map(|Variant { name, description }| quote!(#private::Variant::new(#name, #description)));
    quote!(static VARIANTS: [#private::Variant; #count] = [#(#variants),*];)
}

fn fields(fields: &[Field], private: &TokenStream) -> TokenStream {
    let patterns = pattern_statics(fields, private);
    let count = fields.len();
    let fields = fields
        .iter()
        .enumerate()
        .map(|(index, field)| self::field(index, field, private));
    quote! {
        #patterns
        static FIELDS: [#private::Field; #count] = [#(#fields),*];
    }
}

fn field(index: usize, field: &Field, private: &TokenStream) -> TokenStream {
    let Field {
        ty,
        name,
        description,
        ..
    } = field;
    // Spanned, so that "has no schema" points at the type of the field.
    let edge = quote_spanned!(ty.span()=> <#ty as #private::ResponseField>::NODE);
    let default = field.has_default.then(|| quote!(.with_default()));
    let rules = (!field.rules.is_empty()).then(|| {
        let rules = field
            .rules
            .iter()
            .map(|rule| self::rule(index, rule, private));
        quote!(.with_rules(&[#(#rules),*]))
    });
    let llm_rules = (!field.llm_rules.is_empty()).then(|| {
        let rules = field.llm_rules.iter().map(|rule| llm_rule(rule, private));
        quote!(.with_llm_rules(&[#(#rules),*]))
    });
    quote!(#private::Field::new(#name, #description, #edge) #default #rules #llm_rules)
}

fn rule(index: usize, rule: &Rule, private: &TokenStream) -> TokenStream {
    match rule {
        Rule::Length { min, max } => {
            let (min, max) = (option(*min), option(*max));
            quote!(#private::Rule::Length { min: #min, max: #max })
        }
        Rule::Range { min, max } => {
            let (min, max) = (range_bound(*min, private), range_bound(*max, private));
            quote!(#private::Rule::Range { min: #min, max: #max })
        }
        Rule::Pattern {
            source, portable, ..
        } => {
            let compiled = pattern_static(index);
            quote! {
                #private::Rule::Pattern {
                    source: #source,
                    portable: #portable,
                    compiled: &#compiled,
                }
            }
        }
    }
}

/// An optional bound of a range.
pub(super) fn range_bound(bound: Option<Bound>, private: &TokenStream) -> TokenStream {
    option(bound.map(|bound| match bound {
        Bound::Integer(value) => quote!(#private::Bound::Integer(#value)),
        Bound::Decimal(value) => {
            // Rust writes a finite `f64` in the grammar of JSON, and so that it reads back as the same.
            let text = format!("{value:?}");
            quote!(#private::Bound::Decimal(#value, #text))
        }
    }))
}

fn llm_rule(rule: &LlmRule, private: &TokenStream) -> TokenStream {
    let LlmRule {
        statement,
        model,
        allow_override,
    } = rule;
    let model = option(model.as_ref());
    quote!(#private::LlmRule::new(#statement, #model, #allow_override))
}

/// The impl of `ResponseModel`: every text is measured and written while the crate compiles.
pub(super) fn response_model(ident: &Ident, private: &TokenStream) -> TokenStream {
    quote! {
        static STANDARD: [u8; #private::Dialect::Standard.length(&TYPE)] =
            #private::Dialect::Standard.render(&TYPE);
        static OPENAI_STRICT: [u8; #private::Dialect::OpenAiStrict.length(&TYPE)] =
            #private::Dialect::OpenAiStrict.render(&TYPE);
        static SCHEMA: #private::Schema = #private::Schema::new(
            &TYPE,
            #private::Edge::to(&NODE),
            &STANDARD,
            &OPENAI_STRICT,
        );

        #[automatically_derived]
        impl #private::ResponseModel for #ident {
            const SCHEMA: &'static #private::Schema = &SCHEMA;
        }
    }
}
