//! Writes impls that say nothing, for a type with mistakes: its users then compile, and only the mistakes are reported.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Path};

use crate::emit::anonymous;

/// Stub impls of the traits that the derive would have implemented.
pub(crate) fn emit(input: &DeriveInput, crate_path: &Path) -> TokenStream {
    let private = quote!(#crate_path::__private);
    let ident = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let response_model = matches!(input.data, Data::Struct(_)).then(|| {
        // A bound on a type parameter would be one more error; `Self` needs none.
        let bound = (!input.generics.params.is_empty()).then(
            || quote!(where Self: #private::DeserializeOwned + ::core::marker::Send + 'static),
        );
        quote! {
            static SCHEMA: #private::Schema =
                #private::Schema::new(&TYPE, #private::Edge::to(&NODE), &[], &[]);

            #[automatically_derived]
            impl #impl_generics #private::ResponseModel for #ident #type_generics #bound {
                const SCHEMA: &'static #private::Schema = &SCHEMA;
            }
        }
    });
    anonymous(&quote! {
        static TYPE: #private::Named =
            #private::Named::new(0, "", "", #private::Body::Object(&[]));
        static NODE: #private::Node = #private::Node::Named(&TYPE);

        #[automatically_derived]
        impl #impl_generics #private::ResponseField for #ident #type_generics #where_clause {
            const NODE: #private::Edge = #private::Edge::to(&NODE);
        }

        #response_model
    })
}
