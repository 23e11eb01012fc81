//! Writes the impls of a type that was checked.
//!
//! What is written has no `unsafe`, names everything by its full path, and stands in one anonymous constant, so that it
//! neither meets nor makes a name of the user's.

mod schema;
mod validate;

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Path};

use crate::model::{Body, Field, Model, Rule};

/// The impls of `ResponseField`, and of `ResponseModel` for a struct.
pub(crate) fn emit(model: &Model, crate_path: &Path) -> TokenStream {
    let private = quote!(#crate_path::__private);
    let ident = &model.ident;
    let graph = schema::graph(model, &private);
    let validate = match &model.body {
        Body::Struct(fields) => validate::method(fields, &private),
        Body::Enum(_) => TokenStream::new(),
    };
    let response_model = match &model.body {
        Body::Struct(_) => schema::response_model(ident, &private),
        Body::Enum(_) => TokenStream::new(),
    };
    anonymous(&quote! {
        #graph

        #[automatically_derived]
        impl #private::ResponseField for #ident {
            const NODE: #private::Edge = #private::Edge::to(&NODE);
            #validate
        }

        #response_model
    })
}

/// Items in a scope of their own.
pub(crate) fn anonymous(items: &TokenStream) -> TokenStream {
    // A large schema is more than the compiler likes to evaluate, and a field may be deprecated.
    quote! {
        #[doc(hidden)]
        #[allow(
            clippy::absolute_paths,
            deprecated,
            long_running_const_eval,
            unused_qualifications,
        )]
        const _: () = { #items };
    }
}

/// The static that holds the pattern of the field at `index`, which has at most one.
fn pattern_static(index: usize) -> Ident {
    format_ident!("PATTERN_{index}")
}

/// The statics of all patterns.
fn pattern_statics(fields: &[Field], private: &TokenStream) -> TokenStream {
    let patterns = fields.iter().enumerate().flat_map(|(index, field)| {
        field.rules.iter().filter_map(move |rule| match rule {
            Rule::Pattern { source, span, .. } => {
                let name = pattern_static(index);
                Some(quote_spanned! {*span=>
                    static #name: #private::rule::Pattern = #private::rule::Pattern::new(#source);
                })
            }
            Rule::Length { .. } | Rule::Range { .. } => None,
        })
    });
    quote!(#(#patterns)*)
}

/// `Some(value)` or `None`, by their full paths.
fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
