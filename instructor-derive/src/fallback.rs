//! Writes an impl that says nothing, for a type with mistakes: its users then compile, and only the mistakes are reported.

use darling::ast::NestedMeta;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Path, parse_quote};

use crate::attr;
use crate::emit::anonymous;

/// A stub of the impl that the derive would have written.
pub(crate) fn emit(input: &DeriveInput, crate_path: &Path) -> TokenStream {
    // serde has no impl either, and the stub would be one more error.
    if matches!(input.data, Data::Union(_)) || is_remote(input) {
        return TokenStream::new();
    }
    let private = quote!(#crate_path::__private);
    let ident = &input.ident;
    let mut generics = input.generics.clone();
    if !generics.params.is_empty() {
        let clause = generics.make_where_clause();
        // A bound on a type parameter would be one more error; `Self` needs none.
        clause
            .predicates
            .push(parse_quote!(Self: #private::Deserializable + 'static));
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    anonymous(&quote! {
        static TYPE: #private::Named = #private::Named::new(
            0,
            "",
            #private::Literal::EMPTY,
            #private::Body::Object { fields: &[], closed: false },
        );
        static NODE: #private::Node = #private::Node::Named(&TYPE);

        #[automatically_derived]
        impl #impl_generics #private::ResponseModel for #ident #type_generics #where_clause {
            const NODE: #private::Edge = #private::Edge::to(&NODE);
            type Partial = ();
        }
    })
}

/// Whether serde writes functions for the type and no impl.
fn is_remote(input: &DeriveInput) -> bool {
    input.attrs.iter().any(|attribute| {
        let items = attr::items(attribute).unwrap_or_default();
        attribute.path().is_ident("serde")
            && items.iter().any(
                |item| matches!(item, NestedMeta::Meta(meta) if meta.path().is_ident("remote")),
            )
    })
}
