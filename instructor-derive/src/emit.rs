//! Writes the impls of a type that was checked.
//!
//! What is written has no `unsafe`, names everything by its full path, and stands in one anonymous constant, so that it
//! neither meets nor makes a name of the user's.

mod enumeration;
mod field;
mod function;
mod generic;
mod key;
mod literal;
mod llm_rule;
mod partial;
mod rule;
mod shape;
mod validate;

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Ident, Path};

use self::generic::Parameters;
use self::literal::literal;
use self::rule::RuleItems;
use crate::model::{Body, Model};

pub(crate) use literal::escaped;

/// The name of the constant that a type with parameters keeps its description in. The compiler prints it where generic types
/// contain each other.
const GENERIC: &str = "MUTUALLY_RECURSIVE_GENERIC_TYPES_HAVE_NO_SCHEMA";

/// The impl of `ResponseModel`.
pub(crate) fn emit(model: &Model, crate_path: &Path) -> TokenStream {
    let private = quote!(#crate_path::__private);
    let items = RuleItems::of(model, &private);
    let parameters = Parameters::of(model, &private);
    let named = named(model, &items, &parameters, &private);
    let (partial, partial_type) = partial::emit(model, &parameters, &private);
    let key = key::implementation(model, &private);
    let validate = validate::method(model, &items, &private);
    let variables = llm_rule::variables(model);
    let ident = &model.ident;
    let (impl_generics, type_generics, where_clause) = parameters.split();
    let statics = items.items();

    let (description, checks, node) = if parameters.is_empty() {
        let checks = shape::checks(model, &quote!(&TYPE), &private);
        let description = quote! {
            static TYPE: #private::Named = #named;
            static NODE: #private::Node = #private::Node::Named(&TYPE);
        };
        let checks = quote!(#(const _: () = #checks;)*);
        (description, checks, quote!(#private::Edge::to(&NODE)))
    } else {
        let constant = Ident::new(GENERIC, ident.span());
        let described = quote!(<Self as Described>::#constant);
        let checks = shape::checks(model, &described, &private);
        let base = parameters.is_recursive(&private).then(|| {
            let identity = identity(model, &private);
            quote!(const BASE: u64 = #identity;)
        });
        let description = quote! {
            #base
            trait Described {
                const #constant: &'static #private::Named;
            }

            impl #impl_generics Described for #ident #type_generics #where_clause {
                const #constant: &'static #private::Named = &#named;
            }
        };
        let node = quote! {
            {
                #(#checks;)*
                #private::Edge::to(&#private::Node::Named(#described))
            }
        };
        (description, TokenStream::new(), node)
    };
    anonymous(&quote! {
        #statics
        #description
        #checks
        #variables
        #partial

        #[automatically_derived]
        impl #impl_generics #private::ResponseModel for #ident #type_generics #where_clause {
            const NODE: #private::Edge = #node;
            type Partial = #partial_type;
            #validate
        }

        #key
    })
}

/// The expression that describes the type.
fn named(
    model: &Model,
    items: &RuleItems<'_>,
    parameters: &Parameters<'_>,
    private: &TokenStream,
) -> TokenStream {
    let name = &model.name;
    let description = literal(&model.description, private);
    let body = body(&model.body, items, parameters, private);
    let identity = if parameters.is_recursive(private) {
        quote!(BASE)
    } else {
        identity(model, private)
    };
    let arguments = parameters.arguments(private);
    let dialects = (!model.dialects.is_empty()).then(|| {
        let dialects = &model.dialects;
        quote!(.with_dialects(&[#(#private::Dialect::#dialects),*]))
    });
    let llm_rules = llm_rule::rules(&model.llm_rules, private);
    let tools = model.tools.map(|_| quote!(.with_tools()));
    let whole: Vec<_> = items.whole().collect();
    let custom = (!whole.is_empty()).then(|| {
        quote! {
            .with_custom(&[#(|json, context| {
                #private::rule::custom::of_json(json, context, #whole)
            }),*])
        }
    });
    quote! {
        #private::Named::new(#identity, #name, #description, #body)
            #arguments #dialects #llm_rules #tools #custom
    }
}

/// The expression of what tells the type from others.
fn identity(model: &Model, private: &TokenStream) -> TokenStream {
    let rust_name = model.ident.unraw().to_string();
    quote! {
        #private::identity(::core::module_path!(), #rust_name, ::core::line!(), ::core::column!())
    }
}

fn body(
    body: &Body,
    items: &RuleItems<'_>,
    parameters: &Parameters<'_>,
    private: &TokenStream,
) -> TokenStream {
    let field = |field| field::expression(field, items, parameters, private);
    match body {
        Body::Object { fields, closed } => {
            let fields = fields.iter().map(field);
            quote!(#private::Body::Object { fields: &[#(#fields),*], closed: #closed })
        }
        Body::Tuple(fields) => {
            let fields = fields.iter().map(field);
            quote!(#private::Body::Tuple(&[#(#fields),*]))
        }
        Body::Newtype {
            field: inner,
            transparent,
        } => {
            let inner = field(inner);
            quote!(#private::Body::Newtype { field: &#inner, transparent: #transparent })
        }
        Body::Converted(ty) => {
            let edge = parameters.edge(ty, private);
            let empty = quote!(#private::Literal::EMPTY);
            quote! {
                #private::Body::Newtype {
                    field: &#private::Field::new(#empty, #empty, #edge).converted(),
                    transparent: true,
                }
            }
        }
        Body::Enum {
            variants,
            tagging,
            closed,
        } => {
            let variants = variants
                .iter()
                .map(|variant| enumeration::variant(variant, items, parameters, private));
            let tagging = enumeration::tagging(tagging, private);
            quote! {
                #private::Body::Enum {
                    variants: &[#(#variants),*],
                    tagging: #tagging,
                    closed: #closed,
                }
            }
        }
    }
}

/// Items in a scope of their own.
pub(crate) fn anonymous(items: &TokenStream) -> TokenStream {
    // A field may be deprecated, private or undocumented, and a partial type is there even if nobody streams.
    quote! {
        #[doc(hidden)]
        #[allow(
            clippy::absolute_paths,
            clippy::all,
            clippy::pedantic,
            dead_code,
            deprecated,
            missing_debug_implementations,
            missing_docs,
            private_interfaces,
            unreachable_code,
            unused_lifetimes,
            unused_qualifications,
        )]
        const _: () = { #items };
    }
}

/// `Some(value)` or `None`, by their full paths.
fn option(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
