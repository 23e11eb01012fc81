//! Expressions that lead to a field of a partial type.
//!
//! Each stretches over the field's type exactly, like every other mention of it: the compiler tells "has no schema" once for all that
//! stand at one place.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Member as Place};

use super::ends;
use crate::model::Field;

/// The way to a field. It is bound by a pattern, since `self` is another word inside of a macro of the user's.
pub(super) struct Way {
    first: Span,
    last: Span,
    place: Place,
    bound: Ident,
}

impl Way {
    /// The ways to all fields of a struct or a variant.
    pub(super) fn to_each(fields: &[Field]) -> Vec<Way> {
        let ways = fields.iter().enumerate().map(|(index, field)| {
            let (first, last) = ends(&field.schema_type);
            let place = match &field.place {
                Place::Named(ident) => Place::Named(ident.clone()),
                // A partial type has no place for what is skipped.
                Place::Unnamed(_) => Place::Unnamed(index.into()),
            };
            let bound = format_ident!("field_{index}", span = last);
            Way {
                first,
                last,
                place,
                bound,
            }
        });
        ways.collect()
    }

    /// `Some(&*field_0)`
    pub(super) fn shown(&self) -> TokenStream {
        let bound = &self.bound;
        self.some(&quote!(&*#bound))
    }

    /// `Some(&mut *field_0)`
    pub(super) fn slot(&self) -> TokenStream {
        let bound = &self.bound;
        self.some(&quote!(&mut *#bound))
    }

    /// `field: None`
    pub(super) fn empty(&self) -> TokenStream {
        self.member(&self.stretched(&quote!(::core::option::Option::None)))
    }

    /// `field: field_0.clone()`
    pub(super) fn cloned(&self) -> TokenStream {
        let bound = &self.bound;
        self.member(&self.call(&quote!(::core::clone::Clone::clone), &quote!(&*#bound)))
    }

    /// `field: field_0`, as a pattern.
    pub(super) fn pattern(&self) -> TokenStream {
        let bound = &self.bound;
        self.member(&quote!(#bound))
    }

    fn member(&self, value: &TokenStream) -> TokenStream {
        let mut place = self.place.clone();
        match &mut place {
            // It stays the name that it is, also in a type that a macro writes.
            Place::Named(ident) => ident.set_span(ident.span().located_at(self.first)),
            Place::Unnamed(index) => index.span = self.first,
        }
        quote!(#place: #value)
    }

    fn some(&self, value: &TokenStream) -> TokenStream {
        self.call(&quote!(::core::option::Option::Some), value)
    }

    fn call(&self, function: &TokenStream, argument: &TokenStream) -> TokenStream {
        let (function, argument) = (self.stretched(function), self.stretched(argument));
        let argument = quote_spanned!(self.last=> (#argument));
        quote!(#function #argument)
    }

    /// The tokens from the beginning of the type to its end.
    fn stretched(&self, tokens: &TokenStream) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        for token in &mut tokens {
            token.set_span(self.first);
        }
        if let Some(token) = tokens.last_mut() {
            token.set_span(self.last);
        }
        tokens.into_iter().collect()
    }
}
