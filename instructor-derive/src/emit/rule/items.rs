//! The items that rules need beside the impl: compiled patterns, and functions around the user's own.

use std::collections::HashMap;

use darling::util::SpannedValue;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, PathArguments, Type};

use super::placed;
use crate::model::{Custom, Model, Rule};

/// The items of a type, and their names.
pub(in crate::emit) struct RuleItems<'a> {
    model: &'a Model,
    private: &'a TokenStream,
    /// By the address of the rule.
    names: HashMap<*const Rule, Ident>,
    items: Vec<TokenStream>,
    /// The functions that check the whole value.
    whole: Vec<Ident>,
}

impl<'a> RuleItems<'a> {
    pub(in crate::emit) fn of(model: &'a Model, private: &'a TokenStream) -> Self {
        let mut items = RuleItems {
            model,
            private,
            names: HashMap::new(),
            items: Vec::new(),
            whole: Vec::new(),
        };
        for field in model.body.lists().into_iter().flatten() {
            let ty = field.custom_type();
            items.add(&field.rules, &ty.to_token_stream(), is_option(ty));
        }
        let (ident, (_, arguments, _)) = (&model.ident, model.generics.split_for_impl());
        for custom in &model.custom {
            let name = format_ident!("whole_{}", items.whole.len());
            let function = items.function(&name, custom, &quote!(#ident #arguments), false);
            items.items.push(function);
            items.whole.push(name);
        }
        items
    }

    fn add(&mut self, rules: &[SpannedValue<Rule>], ty: &TokenStream, optional: bool) {
        let private = self.private;
        for rule in rules {
            let number = self.items.len();
            let item = match &**rule {
                Rule::Pattern { source, span } => {
                    let name = format_ident!("PATTERN_{number}");
                    let item = quote_spanned! {*span=>
                        static #name: #private::rule::Pattern = #private::rule::Pattern::new(#source);
                    };
                    Some((name, item))
                }
                Rule::Custom(custom) => {
                    let name = format_ident!("custom_{number}");
                    let item = self.function(&name, custom, ty, optional);
                    Some((name, item))
                }
                Rule::Each(rules) => {
                    let ty = quote!(<#ty as #private::rule::Items>::Item);
                    self.add(rules, &ty, false);
                    None
                }
                Rule::Keys(rules) => {
                    let ty = quote!(<#ty as #private::rule::Entries>::Key);
                    self.add(rules, &ty, false);
                    None
                }
                Rule::Values(rules) => {
                    let ty = quote!(<#ty as #private::rule::Entries>::Value);
                    self.add(rules, &ty, false);
                    None
                }
                _ => None,
            };
            if let Some((name, item)) = item {
                self.names.insert(std::ptr::from_ref(&**rule), name);
                self.items.push(item);
            }
        }
    }

    /// A function around the user's: the one place that calls it, so that a mistake in it is one error. What is in an `optional`
    /// value is checked, and not that it is there.
    fn function(
        &self,
        name: &Ident,
        custom: &Custom,
        ty: &TokenStream,
        optional: bool,
    ) -> TokenStream {
        let private = self.private;
        let function = &custom.function;
        let span = function.span().resolved_at(Span::call_site());
        let arguments = if custom.use_context {
            quote!(value, context)
        } else {
            quote!(value)
        };
        let arguments = placed(arguments, span);
        let call = quote_spanned!(span=> #private::rule::custom::fault(#function(#arguments)));
        let body = if optional {
            quote! {
                match value {
                    ::core::option::Option::Some(value) => #call,
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }
        } else {
            call
        };
        let (generics, _, where_clause) = self.model.generics.split_for_impl();
        quote! {
            fn #name #generics (
                value: &#ty,
                context: &#private::Context,
            ) -> ::core::option::Option<::std::string::String>
            #where_clause
            {
                let _ = context;
                #body
            }
        }
    }

    /// The name of the item of a rule.
    pub(super) fn name(&self, rule: &Rule) -> Option<&Ident> {
        self.names.get(&std::ptr::from_ref(rule))
    }

    /// The function of a custom rule, with its type arguments.
    pub(super) fn custom(&self, rule: &Rule) -> Option<TokenStream> {
        self.name(rule).map(|name| self.with_arguments(name))
    }

    /// The functions that check the whole value, with their type arguments.
    pub(in crate::emit) fn whole(&self) -> impl Iterator<Item = TokenStream> {
        self.whole.iter().map(|name| self.with_arguments(name))
    }

    fn with_arguments(&self, name: &Ident) -> TokenStream {
        let (_, arguments, _) = self.model.generics.split_for_impl();
        let arguments = arguments.as_turbofish();
        quote!(#name #arguments)
    }

    pub(in crate::emit) fn items(&self) -> TokenStream {
        let items = &self.items;
        quote!(#(#items)*)
    }
}

/// Whether the type is spelled `Option<...>`.
pub(in crate::emit) fn is_option(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            last.ident == "Option" && matches!(last.arguments, PathArguments::AngleBracketed(_))
        }),
        Type::Group(group) => is_option(&group.elem),
        _ => false,
    }
}
