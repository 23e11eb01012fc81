//! Writes the functions of the user's own that are given JSON: `before` and `custom_async`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::rule::{is_option, placed};
use crate::model::Field;

/// The functions that put the value of a field into shape; nothing if there are none.
pub(super) fn before(field: &Field, private: &TokenStream) -> Option<TokenStream> {
    let functions = field.before.iter().map(|function| {
        let span = function.span().resolved_at(Span::call_site());
        let private = placed(private.clone(), span);
        quote_spanned!(span=> |json| #private::rule::before::apply(json, #function))
    });
    (!field.before.is_empty()).then(|| quote!(.with_before(&[#(#functions),*])))
}

/// The asynchronous functions that check the value of a field; nothing if there are none. What is in an `Option` is checked, and
/// not that it is there.
pub(super) fn async_rules(field: &Field, private: &TokenStream) -> Option<TokenStream> {
    let ty = field.custom_type();
    let functions = field.async_rules.iter().map(|custom| {
        let function = &custom.function;
        let span = function.span().resolved_at(Span::call_site());
        let arguments = if custom.use_context {
            quote!(&value, &context)
        } else {
            quote!(&value)
        };
        let arguments = placed(arguments, span);
        let call = quote_spanned! {span=>
            #private::rule::custom::fault(#function(#arguments).await)
        };
        let value = if is_option(ty) {
            quote!(value?)
        } else {
            quote!(value)
        };
        quote_spanned! {span=>
            |json, context| #private::rule::custom::pending(json, context, |value: #ty, context| {
                async move {
                    let _ = &context;
                    let value = #value;
                    #call
                }
            })
        }
    });
    (!field.async_rules.is_empty()).then(|| quote!(.with_async_rules(&[#(#functions),*])))
}
