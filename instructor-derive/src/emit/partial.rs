//! Writes the typed partial of a type: the same shape, every field optional.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, Member as Place, Type};

use self::way::Way;
use super::generic::Parameters;
use crate::model::{Body, Field, Model, Payload, Variant};

mod way;

/// The items of the partial type, and the type.
pub(super) fn emit(
    model: &Model,
    parameters: &Parameters<'_>,
    private: &TokenStream,
) -> (TokenStream, TokenStream) {
    let of = |ty| partial_of(ty, private);
    match &model.body {
        Body::Converted(ty) => (TokenStream::new(), of(ty)),
        Body::Newtype { field, .. } => (TokenStream::new(), of(&field.schema_type)),
        Body::Object { fields, .. } | Body::Tuple(fields) => {
            let partial = Partial::new(model, parameters, private);
            (partial.structure(fields), partial.ty())
        }
        Body::Enum { variants, .. } => {
            let partial = Partial::new(model, parameters, private);
            (partial.enumeration(variants), partial.ty())
        }
    }
}

/// The partial of a type.
///
/// It stretches over the type exactly, like every other mention of it: the compiler tells "has no schema" once for all that
/// stand at one place.
fn partial_of(ty: &Type, private: &TokenStream) -> TokenStream {
    let (first, last) = ends(ty);
    let open = quote_spanned!(first=> <);
    let close = quote_spanned!(last=> as #private::ResponseModel>::Partial);
    quote!(#open #ty #close)
}

/// Where a type begins and ends.
fn ends(ty: &Type) -> (Span, Span) {
    let mut tokens = ty.to_token_stream().into_iter();
    let first = tokens
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    (first, last)
}

struct Partial<'a> {
    parameters: &'a Parameters<'a>,
    private: &'a TokenStream,
    ident: Ident,
    documentation: String,
}

/// What `impl Fields` is made of.
struct Parts {
    begin: TokenStream,
    /// Of an enum only.
    variant: Option<TokenStream>,
    field: Vec<TokenStream>,
    shown: Vec<TokenStream>,
}

impl<'a> Partial<'a> {
    fn new(model: &Model, parameters: &'a Parameters<'a>, private: &'a TokenStream) -> Self {
        let name = model.ident.unraw();
        Partial {
            parameters,
            private,
            ident: format_ident!("{name}Partial", span = model.ident.span()),
            documentation: format!("A [`{name}`] while it arrives: every field is optional."),
        }
    }

    fn ty(&self) -> TokenStream {
        let (private, ident) = (self.private, &self.ident);
        let (_, arguments, _) = self.parameters.used().split_for_impl();
        quote!(#private::partial::Incomplete<#ident #arguments>)
    }

    /// The type of a field.
    fn field_type(&self, field: &Field) -> TokenStream {
        let partial = partial_of(&field.schema_type, self.private);
        let (first, last) = ends(&field.schema_type);
        let open = quote_spanned!(first=> ::core::option::Option<);
        let close = quote_spanned!(last=> >);
        quote!(#open #partial #close)
    }

    fn structure(&self, fields: &[Field]) -> TokenStream {
        let (ident, documentation) = (&self.ident, &self.documentation);
        let generics = self.parameters.used();
        let where_clause = &generics.where_clause;
        let declared: Vec<_> = (fields.iter())
            .map(|field| {
                let (visibility, ty) = (&field.visibility, self.field_type(field));
                match &field.place {
                    Place::Named(ident) => quote!(#visibility #ident: #ty),
                    Place::Unnamed(_) => quote!(#visibility #ty),
                }
            })
            .collect();
        let is_named = fields
            .iter()
            .all(|field| matches!(field.place, Place::Named(_)));
        let body = if is_named {
            quote!(#where_clause { #(#declared),* })
        } else {
            quote!((#(#declared),*) #where_clause;)
        };
        let ways = Way::to_each(fields);
        let empty = ways.iter().map(Way::empty);
        let fields = self.fields(&Parts {
            begin: quote!(Self { #(#empty),* }),
            variant: None,
            field: arms(&quote!(Self), &ways, Way::slot),
            shown: arms(&quote!(Self), &ways, Way::shown),
        });
        quote! {
            #[doc = #documentation]
            pub struct #ident #generics #body

            #fields
        }
    }

    fn enumeration(&self, variants: &[Variant]) -> TokenStream {
        let (ident, documentation) = (&self.ident, &self.documentation);
        let generics = self.parameters.used();
        let where_clause = &generics.where_clause;
        let declared = variants.iter().map(|variant| self.variant(variant));
        let begin = variants.iter().enumerate().map(|(index, variant)| {
            let (name, ways) = (&variant.ident, ways(variant));
            let empty = ways.iter().map(Way::empty);
            quote!(#index => Self::#name { #(#empty),* })
        });
        let index = variants.iter().enumerate().map(|(index, variant)| {
            let name = &variant.ident;
            quote!(Self::#name { .. } => #index)
        });
        let arms_of = |found: fn(&Way) -> TokenStream| {
            let arms = variants.iter().flat_map(|variant| {
                let name = &variant.ident;
                arms(&quote!(Self::#name), &ways(variant), found)
            });
            arms.collect::<Vec<_>>()
        };
        let fields = self.fields(&Parts {
            begin: quote! {
                match variant {
                    #(#begin,)*
                    _ => return ::core::option::Option::None,
                }
            },
            variant: Some(quote!(match self { #(#index,)* })),
            field: arms_of(Way::slot),
            shown: arms_of(Way::shown),
        });
        quote! {
            #[doc = #documentation]
            pub enum #ident #generics #where_clause { #(#declared),* }

            #fields
        }
    }

    fn variant(&self, variant: &Variant) -> TokenStream {
        let name = &variant.ident;
        let fields = variant.payload.fields();
        let types = fields.iter().map(|field| self.field_type(field));
        match &variant.payload {
            Payload::Unit => quote!(#name),
            Payload::Newtype(_) | Payload::Tuple(_) => quote!(#name(#(#types),*)),
            Payload::Object(fields) => {
                let places = fields.iter().map(|field| &field.place);
                quote!(#name { #(#places: #types),* })
            }
        }
    }

    /// The one impl that a partial type has: what core does with it, it does by number.
    fn fields(&self, parts: &Parts) -> TokenStream {
        let (private, ident) = (self.private, &self.ident);
        let (impl_generics, arguments, where_clause) = self.parameters.used().split_for_impl();
        let Parts {
            begin,
            variant,
            field,
            shown,
        } = parts;
        let variant = variant.as_ref().map(|variant| {
            quote! {
                fn variant(&self) -> usize {
                    #variant
                }
            }
        });
        quote! {
            #[automatically_derived]
            impl #impl_generics #private::partial::Fields for #ident #arguments #where_clause {
                fn begin(variant: usize) -> ::core::option::Option<Self> {
                    ::core::option::Option::Some(#begin)
                }

                #variant

                fn field(
                    &mut self,
                    index: usize,
                ) -> ::core::option::Option<&mut dyn #private::partial::Slot> {
                    ::core::option::Option::Some(match (self, index) {
                        #(#field,)*
                        _ => return ::core::option::Option::None,
                    })
                }

                fn shown(
                    &self,
                    index: usize,
                ) -> ::core::option::Option<&dyn #private::partial::Shown> {
                    ::core::option::Option::Some(match (self, index) {
                        #(#shown,)*
                        _ => return ::core::option::Option::None,
                    })
                }
            }
        }
    }
}

/// The ways to what is in a variant.
fn ways(variant: &Variant) -> Vec<Way> {
    Way::to_each(variant.payload.fields())
}

/// The arms of a match that finds a field by its number.
fn arms(
    constructor: &TokenStream,
    ways: &[Way],
    found: fn(&Way) -> TokenStream,
) -> Vec<TokenStream> {
    let arms = ways.iter().enumerate().map(|(index, way)| {
        let (pattern, found) = (way.pattern(), found(way));
        quote!((#constructor { #pattern, .. }, #index) => #found)
    });
    arms.collect()
}
