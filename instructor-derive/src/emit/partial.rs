//! Writes the typed partial of a type: the same shape, every field optional.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Ident, Member as Place, Type};

use self::way::Way;
use super::generic::Parameters;
use crate::model::{Body, Field, Model, Payload, Variant};

mod shape;
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
    model: &'a Model,
    parameters: &'a Parameters<'a>,
    private: &'a TokenStream,
    ident: Ident,
    documentation: String,
}

impl<'a> Partial<'a> {
    fn new(model: &'a Model, parameters: &'a Parameters<'a>, private: &'a TokenStream) -> Self {
        let name = model.ident.unraw();
        Partial {
            model,
            parameters,
            private,
            ident: format_ident!("{name}Partial", span = model.ident.span()),
            documentation: format!("A [`{name}`] while it arrives: every field is optional."),
        }
    }

    fn ty(&self) -> TokenStream {
        let ident = &self.ident;
        let (_, arguments, _) = self.parameters.used().split_for_impl();
        quote!(#ident #arguments)
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
        let is_named = is_named(fields);
        let body = if is_named {
            quote!(#where_clause { #(#declared),* })
        } else {
            quote!((#(#declared),*) #where_clause;)
        };
        let private = self.private;
        let form = if is_named { "Object" } else { "List" };
        let shape = self.shape(form, &quote!(Tag::None), fields);
        let start = Ident::new(form, Span::call_site());
        let ways = Way::to_each(fields);
        let empty = ways.iter().map(Way::empty);
        let patterns = ways.iter().map(Way::pattern);
        let cloned = ways.iter().map(Way::cloned);
        let slots = arms(&quote!(Self), &ways, Way::slot);
        let shown = arms(&quote!(Self), &ways, Way::shown);
        let impls = self.impls(&Parts {
            begin: quote! {
                match start {
                    #private::partial::Start::#start => {
                        ::core::option::Option::Some(#ident { #(#empty),* })
                    }
                    _ => ::core::option::Option::None,
                }
            },
            clone: quote!(match self { Self { #(#patterns),* } => Self { #(#cloned),* } }),
            field: quote!(match (self, index) {
                #(#slots,)*
                _ => ::core::option::Option::None,
            }),
            shape,
            shown: quote!(match (self, index) {
                #(#shown,)*
                _ => ::core::option::Option::None,
            }),
        });
        quote! {
            #[doc = #documentation]
            pub struct #ident #generics #body

            #impls
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
            quote!(#index => ::core::option::Option::Some(Self::#name { #(#empty),* }))
        });
        let cloned = variants.iter().map(|variant| {
            let (name, ways) = (&variant.ident, ways(variant));
            let patterns = ways.iter().map(Way::pattern);
            let cloned = ways.iter().map(Way::cloned);
            quote!(Self::#name { #(#patterns),* } => Self::#name { #(#cloned),* })
        });
        let arms_of = |found: fn(&Way) -> TokenStream| {
            let arms = variants.iter().flat_map(|variant| {
                let name = &variant.ident;
                arms(&quote!(Self::#name), &ways(variant), found)
            });
            arms.collect::<Vec<_>>()
        };
        let (slots, shown) = (arms_of(Way::slot), arms_of(Way::shown));
        let shapes = variants.iter().map(|variant| {
            let name = &variant.ident;
            let form = match &variant.payload {
                Payload::Unit => "Unit",
                Payload::Newtype(_) => "Newtype",
                Payload::Tuple(_) => "List",
                Payload::Object(_) => "Object",
            };
            let shape = self.shape_of(
                &name.unraw().to_string(),
                form,
                &self.tag(variant),
                variant.payload.fields(),
            );
            quote!(Self::#name { .. } => #shape)
        });
        let private = self.private;
        let impls = self.impls(&Parts {
            begin: quote! {
                match start {
                    #private::partial::Start::Variant(index) => match index {
                        #(#begin,)*
                        _ => ::core::option::Option::None,
                    },
                    _ => ::core::option::Option::None,
                }
            },
            clone: quote!(match self { #(#cloned,)* }),
            field: quote!(match (self, index) {
                #(#slots,)*
                _ => ::core::option::Option::None,
            }),
            shape: quote!(match self { #(#shapes,)* }),
            shown: quote!(match (self, index) {
                #(#shown,)*
                _ => ::core::option::Option::None,
            }),
        });
        quote! {
            #[doc = #documentation]
            pub enum #ident #generics #where_clause { #(#declared),* }

            #impls
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

    fn impls(&self, parts: &Parts) -> TokenStream {
        let (private, ident) = (self.private, &self.ident);
        let (impl_generics, arguments, where_clause) = self.parameters.used().split_for_impl();
        let target = quote!(#ident #arguments #where_clause);
        let Parts {
            begin,
            clone,
            field,
            shape,
            shown,
        } = parts;
        quote! {
            #[automatically_derived]
            impl #impl_generics #private::partial::PartialValue for #target {
                fn begin(start: #private::partial::Start<'_>) -> ::core::option::Option<Self> {
                    #begin
                }

                fn field(
                    &mut self,
                    index: usize,
                ) -> ::core::option::Option<&mut dyn #private::partial::Slot> {
                    #field
                }
            }

            #[automatically_derived]
            impl #impl_generics #private::partial::Fields for #target {
                fn shape(&self) -> &'static #private::partial::Shape {
                    #shape
                }

                fn shown(
                    &self,
                    index: usize,
                ) -> ::core::option::Option<&dyn #private::partial::Shown> {
                    #shown
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::clone::Clone for #target {
                fn clone(&self) -> Self {
                    #clone
                }
            }

            #[automatically_derived]
            impl #impl_generics ::core::fmt::Debug for #target {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #private::partial::debug(self, f)
                }
            }

            #[automatically_derived]
            impl #impl_generics #private::Serialize for #target {
                fn serialize<__S: #private::Serializer>(
                    &self,
                    serializer: __S,
                ) -> ::core::result::Result<__S::Ok, __S::Error> {
                    #private::partial::serialize(self, serializer)
                }
            }
        }
    }
}

/// The bodies of a partial type's methods.
struct Parts {
    begin: TokenStream,
    clone: TokenStream,
    field: TokenStream,
    shape: TokenStream,
    shown: TokenStream,
}

fn is_named(fields: &[Field]) -> bool {
    fields
        .iter()
        .all(|field| matches!(field.place, Place::Named(_)))
}

/// The ways to what is in a variant.
fn ways(variant: &Variant) -> Vec<Way> {
    Way::to_each(variant.payload.fields())
}

/// The arms of a match that finds a field by its place.
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
