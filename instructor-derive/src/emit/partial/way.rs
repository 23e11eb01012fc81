//! Expressions that lead to a field of a partial type.
//!
//! Each stretches over the field's type exactly, like every other mention of it: the compiler tells "has no schema" once for all that
//! stand at one place.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Index, Member as Place};

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
                // It stays the name that it is, also in a type that a macro writes.
                Place::Named(ident) => {
                    let mut ident = ident.clone();
                    ident.set_span(ident.span().located_at(first));
                    Place::Named(ident)
                }
                // A partial type has no place for what is skipped.
                Place::Unnamed(_) => Place::Unnamed(Index {
                    index: u32::try_from(index).unwrap_or(u32::MAX),
                    span: first,
                }),
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

    /// `&*field_0`
    pub(super) fn shown(&self) -> TokenStream {
        let bound = &self.bound;
        let open = quote_spanned!(self.first=> &*);
        quote!(#open #bound)
    }

    /// `&mut *field_0`
    pub(super) fn slot(&self) -> TokenStream {
        let bound = &self.bound;
        let open = quote_spanned!(self.first=> &mut *);
        quote!(#open #bound)
    }

    /// `field: None`
    pub(super) fn empty(&self) -> TokenStream {
        let (place, first) = (&self.place, self.first);
        let open = quote_spanned!(first=> ::core::option::Option::);
        let close = quote_spanned!(self.last=> None);
        quote!(#place: #open #close)
    }

    /// `field: field_0`, as a pattern.
    pub(super) fn pattern(&self) -> TokenStream {
        let (place, bound) = (&self.place, &self.bound);
        quote!(#place: #bound)
    }
}
