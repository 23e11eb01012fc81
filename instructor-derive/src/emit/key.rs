//! Writes the impl of `MapKey` of a type that may be the key of a map.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Body, Field, Model, Payload, Tagging, Variant};

/// The impl, if serde writes the type as a text alone, as far as can be seen.
pub(super) fn implementation(model: &Model, private: &TokenStream) -> Option<TokenStream> {
    // The impl for a generic type would ask of its arguments what its other uses do not need.
    if !model.generics.params.is_empty() {
        return None;
    }
    match &model.body {
        Body::Enum {
            variants,
            tagging: Tagging::External,
            ..
        } if variants.iter().all(is_name) => Some(of_an_enum(model, variants, private)),
        Body::Newtype { field, .. } if is_plain(field) => Some(of_a_newtype(model, field, private)),
        _ => None,
    }
}

/// Of two names for one variant, or names that no variant has, a map would keep one entry and lose the others.
fn is_name(variant: &Variant) -> bool {
    let has_one_name = variant.aliases.is_empty() && !variant.is_other;
    matches!(variant.payload, Payload::Unit) && !variant.is_untagged && has_one_name
}

/// A key has no place where a rule could be told, or a wrong value be judged.
fn is_plain(field: &Field) -> bool {
    !field.is_converted && field.rules.is_empty() && field.llm_rules.is_empty()
}

fn of_an_enum(model: &Model, variants: &[Variant], private: &TokenStream) -> TokenStream {
    let ident = &model.ident;
    let arms = variants.iter().map(|variant| {
        let (ident, name) = (&variant.ident, &variant.name);
        quote!(Self::#ident => #name)
    });
    quote! {
        #[automatically_derived]
        impl #private::MapKey for #ident {
            const KEYS: #private::Keys = #private::Keys::Typed(#private::Edge::to(&NODE));

            #[allow(unreachable_patterns)]
            fn json(&self) -> ::std::borrow::Cow<'_, str> {
                // Variants that serde skips are in no answer.
                ::std::borrow::Cow::Borrowed(match self {
                    #(#arms,)*
                    _ => "",
                })
            }
        }
    }
}

fn of_a_newtype(model: &Model, field: &Field, private: &TokenStream) -> TokenStream {
    let (ident, place, ty) = (&model.ident, &field.place, &field.ty);
    // Whether the inner type is a key, the compiler finds out where the outer one is used as one: a bound that names a
    // lifetime may be false.
    quote! {
        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #private::MapKey for #ident
        where
            for<'key> #ty: #private::MapKey,
        {
            const KEYS: #private::Keys = <#ty as #private::MapKey>::KEYS;

            fn json(&self) -> ::std::borrow::Cow<'_, str> {
                <#ty as #private::MapKey>::json(&self.#place)
            }
        }
    }
}
