//! Writes the description of an enum.

use proc_macro2::TokenStream;
use quote::quote;

use super::field;
use super::generic::Parameters;
use super::literal::literal;
use super::rule::RuleItems;
use crate::model::{Payload, Tagging, Variant};

/// The expression of a variant.
pub(super) fn variant(
    variant: &Variant,
    items: &RuleItems<'_>,
    parameters: &Parameters<'_>,
    private: &TokenStream,
) -> TokenStream {
    let name = literal(&variant.name, private);
    let description = literal(&variant.description, private);
    let expression = |field| field::expression(field, items, parameters, private);
    let aliases = (!variant.aliases.is_empty()).then(|| {
        let aliases = &variant.aliases;
        quote!(.with_aliases(&[#(#aliases),*]))
    });
    let payload = match &variant.payload {
        Payload::Unit => None,
        Payload::Newtype(field) => {
            let field = expression(field);
            Some(quote!(.with_payload(#private::Payload::Newtype(&#field))))
        }
        Payload::Tuple(fields) => {
            let fields = fields.iter().map(expression);
            Some(quote!(.with_payload(#private::Payload::Tuple(&[#(#fields),*]))))
        }
        Payload::Object(fields) => {
            let fields = fields.iter().map(expression);
            Some(quote!(.with_payload(#private::Payload::Object(&[#(#fields),*]))))
        }
    };
    let untagged = variant.is_untagged.then(|| quote!(.untagged()));
    let other = variant.is_other.then(|| quote!(.other()));
    quote!(#private::Variant::new(#name, #description) #aliases #payload #untagged #other)
}

/// The expression of how a value says which variant it is.
pub(super) fn tagging(tagging: &Tagging, private: &TokenStream) -> TokenStream {
    match tagging {
        Tagging::External => quote!(#private::Tagging::External),
        Tagging::Untagged => quote!(#private::Tagging::Untagged),
        Tagging::Internal { tag } => {
            let tag = literal(tag, private);
            quote!(#private::Tagging::Internal { tag: #tag })
        }
        Tagging::Adjacent { tag, content } => {
            let (tag, content) = (literal(tag, private), literal(content, private));
            quote!(#private::Tagging::Adjacent { tag: #tag, content: #content })
        }
    }
}
