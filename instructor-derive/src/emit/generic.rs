//! Types with parameters.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericParam, Generics, Ident, ImplGenerics, Type, TypeGenerics, WhereClause, WherePredicate,
    parse_quote,
};

use crate::model::{Body, Model};

/// The parameters of a type, with what the impl asks of them.
pub(super) struct Parameters<'a> {
    model: &'a Model,
    generics: Generics,
    /// Those that occur in a field, with what the fields ask of them: a type may not have a parameter that it does not use.
    used: Generics,
}

impl<'a> Parameters<'a> {
    pub(super) fn of(model: &'a Model, private: &TokenStream) -> Self {
        let mut generics = model.generics.clone();
        let mut used = model.generics.clone();
        if !generics.params.is_empty() {
            let names = used_parameters(model);
            let bounds = names.iter().map(|parameter| -> WherePredicate {
                parse_quote!(#parameter: #private::ResponseModel + #private::DeserializeOwned)
            });
            let all: Vec<Ident> = (model.generics.type_params())
                .map(|parameter| parameter.ident.clone())
                .collect();
            let clause = generics.make_where_clause();
            clause.predicates.extend(bounds.clone());
            for parameter in &all {
                clause.predicates.push(parse_quote!(#parameter: 'static));
            }
            // What serde's own impl asks for beyond that is its own affair (`bound`, `Default`).
            clause
                .predicates
                .push(parse_quote!(Self: #private::Deserializable));
            used.params = (used.params.into_iter())
                .filter(|parameter| match parameter {
                    GenericParam::Type(parameter) => names.contains(&parameter.ident),
                    _ => true,
                })
                .collect();
            let unused: Vec<&Ident> = all.iter().filter(|name| !names.contains(name)).collect();
            let clause = used.make_where_clause();
            clause.predicates = (std::mem::take(&mut clause.predicates).into_iter())
                .filter(|predicate| !mentions(predicate, &unused))
                .collect();
            clause.predicates.extend(bounds);
        }
        Parameters {
            model,
            generics,
            used,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.generics.params.is_empty()
    }

    pub(super) fn split(&self) -> (ImplGenerics<'_>, TypeGenerics<'_>, Option<&WhereClause>) {
        self.generics.split_for_impl()
    }

    pub(super) fn used(&self) -> &Generics {
        &self.used
    }

    /// `.with_arguments(...)`, if there are any.
    pub(super) fn arguments(&self, private: &TokenStream) -> Option<TokenStream> {
        let used = used_parameters(self.model);
        let arguments: Vec<_> = (self.generics.params.iter())
            .filter_map(|parameter| match parameter {
                GenericParam::Type(parameter) if used.contains(&parameter.ident) => {
                    let ident = &parameter.ident;
                    Some(quote! {
                        #private::Argument::Type(<#ident as #private::ResponseModel>::NODE)
                    })
                }
                GenericParam::Const(parameter) => {
                    let ident = &parameter.ident;
                    Some(quote!(#private::Argument::Value(#ident as u128)))
                }
                _ => None,
            })
            .collect();
        (!arguments.is_empty()).then(|| quote!(.with_arguments(&[#(#arguments),*])))
    }

    /// Whether some field mentions the type itself, so that its identity is needed by name.
    pub(super) fn is_recursive(&self, private: &TokenStream) -> bool {
        let types = types(self.model);
        types
            .into_iter()
            .any(|ty| self.enclosing(ty, private).is_some())
    }

    /// The node of a type, with mentions of the type itself written as `Enclosing`.
    pub(super) fn edge(&self, ty: &Type, private: &TokenStream) -> TokenStream {
        // Spanned, so that "has no schema" points at the type of the field.
        match self.enclosing(ty, private) {
            None => quote_spanned!(ty.span()=> <#ty as #private::ResponseModel>::NODE),
            Some(ty) => quote_spanned!(ty.span()=> <#ty as #private::ResponseModel>::NODE),
        }
    }

    /// The type with each mention of the type itself replaced; `None` if there is none.
    fn enclosing(&self, ty: &Type, private: &TokenStream) -> Option<Type> {
        struct Replace<'a> {
            itself: String,
            private: &'a TokenStream,
            replaced: bool,
        }

        impl VisitMut for Replace<'_> {
            fn visit_type_mut(&mut self, ty: &mut Type) {
                if ty.to_token_stream().to_string() == self.itself {
                    let private = self.private;
                    *ty = parse_quote!(#private::Enclosing<{ BASE }>);
                    self.replaced = true;
                    return;
                }
                visit_mut::visit_type_mut(self, ty);
            }
        }

        if self.is_empty() {
            return None;
        }
        let ident = &self.model.ident;
        let (_, arguments, _) = self.model.generics.split_for_impl();
        let mut replace = Replace {
            itself: quote!(#ident #arguments).to_string(),
            private,
            replaced: false,
        };
        let mut ty = ty.clone();
        replace.visit_type_mut(&mut ty);
        replace.replaced.then_some(ty)
    }
}

/// Whether one of these names is in the tokens.
fn mentions(tokens: &impl ToTokens, names: &[&Ident]) -> bool {
    tokens
        .to_token_stream()
        .into_iter()
        .any(|token| match token {
            TokenTree::Ident(ident) => names.contains(&&ident),
            TokenTree::Group(group) => mentions(&group.stream(), names),
            _ => false,
        })
}

/// The types of all fields.
fn types(model: &Model) -> Vec<&Type> {
    if let Body::Converted(ty) = &model.body {
        return vec![ty];
    }
    let lists = model.body.lists();
    lists
        .into_iter()
        .flatten()
        .map(|field| &field.schema_type)
        .collect()
}

/// The type parameters that occur in a field.
fn used_parameters(model: &Model) -> Vec<Ident> {
    struct Find<'a> {
        idents: Vec<&'a Ident>,
    }

    impl<'a> Visit<'a> for Find<'a> {
        fn visit_ident(&mut self, ident: &'a Ident) {
            self.idents.push(ident);
        }
    }

    let mut find = Find { idents: Vec::new() };
    for ty in types(model) {
        visit::visit_type(&mut find, ty);
    }
    (model.generics.type_params())
        .filter(|parameter| find.idents.contains(&&parameter.ident))
        .map(|parameter| parameter.ident.clone())
        .collect()
}
