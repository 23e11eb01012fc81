//! Writes the `validate` method of a struct.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::schema::range_bound;
use super::{option, pattern_static};
use crate::model::{Field, Rule};

/// Checks each field in the order of declaration: its own rules, then what is in it.
pub(super) fn method(fields: &[Field], private: &TokenStream) -> TokenStream {
    if fields.is_empty() {
        return TokenStream::new();
    }
    let checks = fields
        .iter()
        .enumerate()
        .map(|(index, field)| check(index, field, private));
    quote! {
        fn validate(
            &self,
            path: &#private::Path<'_>,
            errors: &mut #private::ValidationErrors,
        ) {
            #(#checks)*
        }
    }
}

fn check(index: usize, field: &Field, private: &TokenStream) -> TokenStream {
    let Field {
        ident, ty, name, ..
    } = field;
    // Spanned, so that "has no length" points at the field.
    let value = quote_spanned!(ty.span()=> &self.#ident);
    let parts = quote_spanned!(ty.span()=> <#ty as #private::ResponseField>::validate);
    let rules = field.rules.iter().map(|rule| match rule {
        Rule::Length { min, max } => {
            let (min, max) = (option(*min), option(*max));
            quote!(#private::rule::length::check(#value, #min, #max, &path, errors);)
        }
        Rule::Range { min, max } => {
            let (min, max) = (range_bound(*min, private), range_bound(*max, private));
            quote!(#private::rule::range::check(#value, #min, #max, &path, errors);)
        }
        Rule::Pattern { .. } => {
            let pattern = pattern_static(index);
            quote!(#private::rule::pattern::check(#value, &#pattern, &path, errors);)
        }
    });
    quote! {
        {
            let path = path.key(#name);
            #(#rules)*
            #parts(&self.#ident, &path, errors);
        }
    }
}
