//! Expressions that lead to a field of a partial type.
//!
//! Each stretches over the field's type exactly, like every other mention of it: the compiler tells "has no schema" once for all that
//! stand at one place.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Member as Place};

use super::ends;
use crate::model::Field;

/// The way to a field.
pub(super) struct Way {
    first: Span,
    last: Span,
    place: Place,
}

impl Way {
    pub(super) fn to(field: &Field) -> Way {
        let (first, last) = ends(&field.schema_type);
        let place = at(&field.place, last);
        Way { first, last, place }
    }

    /// `Some(&self.field)`
    pub(super) fn shown(&self) -> TokenStream {
        let place = &self.place;
        self.some(&quote!(&self.#place))
    }

    /// `Some(&mut self.field)`
    pub(super) fn slot(&self) -> TokenStream {
        let place = &self.place;
        self.some(&quote!(&mut self.#place))
    }

    /// `field: None`
    pub(super) fn empty(&self) -> TokenStream {
        self.member(&self.stretched(&quote!(::core::option::Option::None)))
    }

    /// `field: self.field.clone()`
    pub(super) fn cloned(&self) -> TokenStream {
        let place = &self.place;
        self.member(&self.clone_of(&quote!(&self.#place)))
    }

    /// `field: field_0`, as a pattern.
    pub(super) fn binding(&self, index: usize) -> TokenStream {
        let bound = self.bound(index);
        self.member(&quote!(#bound))
    }

    /// `field: field_0.clone()`
    pub(super) fn cloned_binding(&self, index: usize) -> TokenStream {
        let bound = self.bound(index);
        self.member(&self.clone_of(&quote!(&*#bound)))
    }

    /// `Some(&mut *field_0)`
    pub(super) fn slot_binding(&self, index: usize) -> TokenStream {
        let bound = self.bound(index);
        self.some(&quote!(&mut *#bound))
    }

    /// `Some(&*field_0)`
    pub(super) fn shown_binding(&self, index: usize) -> TokenStream {
        let bound = self.bound(index);
        self.some(&quote!(&*#bound))
    }

    /// The name that a field of a variant is bound to.
    fn bound(&self, index: usize) -> Ident {
        format_ident!("field_{index}", span = self.last)
    }

    fn member(&self, value: &TokenStream) -> TokenStream {
        let place = at(&self.place, self.first);
        quote!(#place: #value)
    }

    fn some(&self, value: &TokenStream) -> TokenStream {
        self.call(&quote!(::core::option::Option::Some), value)
    }

    fn clone_of(&self, value: &TokenStream) -> TokenStream {
        self.call(&quote!(::core::clone::Clone::clone), value)
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

fn at(place: &Place, span: Span) -> Place {
    let mut place = place.clone();
    match &mut place {
        Place::Named(ident) => ident.set_span(span),
        Place::Unnamed(index) => index.span = span,
    }
    place
}
