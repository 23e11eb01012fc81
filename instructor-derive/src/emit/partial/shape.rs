//! What a partial type looks like, to people and as JSON.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, Member as Place};

use super::Partial;
use crate::model::{Body, Field, Tagging, Variant};

impl Partial<'_> {
    pub(super) fn shape(&self, form: &str, tag: &TokenStream, fields: &[Field]) -> TokenStream {
        self.shape_of(&self.ident.unraw().to_string(), form, tag, fields)
    }

    pub(super) fn shape_of(
        &self,
        name: &str,
        form: &str,
        tag: &TokenStream,
        fields: &[Field],
    ) -> TokenStream {
        let private = self.private;
        let form = Ident::new(form, Span::call_site());
        let fields = fields.iter().map(|field| {
            let rust = match &field.place {
                Place::Named(ident) => ident.unraw().to_string(),
                Place::Unnamed(_) => String::new(),
            };
            let (key, is_flattened) = (&field.name, field.is_flattened);
            quote!((#rust, #key, #is_flattened))
        });
        quote! {
            &#private::partial::Shape {
                name: #name,
                form: #private::partial::Form::#form,
                tag: #private::partial::#tag,
                fields: &[#(#fields),*],
            }
        }
    }

    /// How the JSON of a variant says which one it is.
    pub(super) fn tag(&self, variant: &Variant) -> TokenStream {
        let Body::Enum { tagging, .. } = &self.model.body else {
            return quote!(Tag::None);
        };
        let name = &variant.name;
        match tagging {
            _ if variant.is_untagged => quote!(Tag::None),
            Tagging::Untagged => quote!(Tag::None),
            Tagging::External => quote!(Tag::External(#name)),
            Tagging::Internal { tag } => quote!(Tag::Internal(#tag, #name)),
            Tagging::Adjacent { tag, content } => quote!(Tag::Adjacent(#tag, #content, #name)),
        }
    }
}
