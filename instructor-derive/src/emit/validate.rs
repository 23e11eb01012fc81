//! Writes the `check_rules` method.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Member as Place;
use syn::spanned::Spanned;

use super::rule::{self, RuleItems};
use crate::model::{Body, Field, Model, Payload, Tagging, Variant};

/// Checks each field in the order of declaration: its own rules, then what is in it. Nothing if there is nothing to check.
pub(super) fn method(model: &Model, items: &RuleItems<'_>, private: &TokenStream) -> TokenStream {
    let statements = match &model.body {
        // What was read is gone: core checks the rules on the JSON.
        Body::Converted(_) => TokenStream::new(),
        Body::Object { fields, .. } | Body::Tuple(fields) => {
            let checks = fields
                .iter()
                .enumerate()
                .filter(|(_, field)| field.is_checked());
            let checks = checks.map(|(index, field)| {
                let place = &field.place;
                check(field, index, &quote!(&self.#place), items, private)
            });
            quote!(#(#checks)*)
        }
        Body::Newtype { field, .. } if !field.is_checked() => TokenStream::new(),
        Body::Newtype { field, .. } => {
            let place = &field.place;
            at_same_path(field, &quote!(&self.#place), items, private)
        }
        Body::Enum {
            variants, tagging, ..
        } => {
            let arms: Vec<_> = variants
                .iter()
                .filter_map(|variant| arm(variant, tagging, items, private))
                .collect();
            if arms.is_empty() {
                TokenStream::new()
            } else {
                quote! {
                    #[allow(unreachable_patterns)]
                    match self {
                        #(#arms)*
                        _ => {}
                    }
                }
            }
        }
    };
    let whole: Vec<_> = items.whole().collect();
    if statements.is_empty() && whole.is_empty() {
        return TokenStream::new();
    }
    // The whole is checked only if its parts are right.
    let (before, whole) = if whole.is_empty() {
        (None, None)
    } else {
        let check = quote! {
            if checks.len() == before {
                #(#private::rule::custom::check(#whole(self, checks.context()), path, checks);)*
            }
        };
        (Some(quote!(let before = checks.len();)), Some(check))
    };
    quote! {
        fn check_rules(
            &self,
            path: &#private::Path<'_>,
            checks: &mut #private::Checks<'_>,
        ) {
            #before
            #statements
            #whole
        }
    }
}

fn arm(
    variant: &Variant,
    tagging: &Tagging,
    items: &RuleItems<'_>,
    private: &TokenStream,
) -> Option<TokenStream> {
    let fields = variant.payload.fields();
    if !fields.iter().any(Field::is_checked) {
        return None;
    }
    let checked = || {
        let fields = fields.iter().enumerate();
        fields.filter(|(_, field)| field.is_checked())
    };
    let bindings = checked().map(|(index, field)| {
        let (place, name) = (&field.place, format_ident!("field_{index}"));
        quote!(#place: #name)
    });
    let is_newtype = matches!(variant.payload, Payload::Newtype(_));
    let checks = checked().map(|(index, field)| {
        let name = format_ident!("field_{index}");
        let value = quote!(#name);
        if is_newtype {
            at_same_path(field, &value, items, private)
        } else {
            check(field, index, &value, items, private)
        }
    });
    let path = if variant.is_untagged {
        None
    } else {
        match tagging {
            Tagging::External => Some(&variant.name),
            Tagging::Adjacent { content, .. } => Some(content),
            Tagging::Internal { .. } | Tagging::Untagged => None,
        }
    };
    let path = path.map(|key| quote!(let path = &path.key(#key);));
    let ident = &variant.ident;
    Some(quote! {
        Self::#ident { #(#bindings,)* .. } => {
            #path
            #(#checks)*
        }
    })
}

/// The check of a field that has a path of its own.
fn check(
    field: &Field,
    index: usize,
    value: &TokenStream,
    items: &RuleItems<'_>,
    private: &TokenStream,
) -> TokenStream {
    let checks = at_same_path(field, value, items, private);
    let path = match &field.place {
        _ if field.is_flattened => return checks,
        Place::Named(_) => {
            let name = &field.name;
            quote!(path.key(#name))
        }
        Place::Unnamed(_) => quote!(path.index(#index)),
    };
    quote! {
        {
            let path = &#path;
            #checks
        }
    }
}

/// The check of a field whose path is that of what is around it.
fn at_same_path(
    field: &Field,
    value: &TokenStream,
    items: &RuleItems<'_>,
    private: &TokenStream,
) -> TokenStream {
    let ty = &field.ty;
    let parts = quote_spanned!(ty.span()=> <#ty as #private::ResponseModel>::check_rules);
    if field.is_converted {
        // The other rules are about the JSON.
        return rule::checks(field.customs(), value, items, private);
    }
    let rules = rule::checks(field.rules.iter(), value, items, private);
    quote! {
        #rules
        #parts(#value, path, checks);
    }
}
