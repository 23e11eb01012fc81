//! Writes the description of a field.

use std::collections::HashMap;

use proc_macro2::{Literal as Number, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::generic::Parameters;
use super::literal::literal;
use super::{llm_rule, option};
use crate::model::{Bound, Field, Model, Rule};

/// The statics that hold compiled patterns.
pub(super) struct Patterns<'a> {
    /// By the address of the rule.
    names: HashMap<*const Rule, Ident>,
    rules: Vec<&'a Rule>,
}

impl<'a> Patterns<'a> {
    pub(super) fn of(model: &'a Model) -> Self {
        let mut patterns = Patterns {
            names: HashMap::new(),
            rules: Vec::new(),
        };
        let lists = model.body.lists();
        for rule in lists.into_iter().flatten().flat_map(|field| &field.rules) {
            if let Rule::Pattern { .. } = rule {
                let name = format_ident!("PATTERN_{}", patterns.rules.len());
                patterns.names.insert(rule, name);
                patterns.rules.push(rule);
            }
        }
        patterns
    }

    /// The static of a rule.
    pub(super) fn name(&self, rule: &Rule) -> Option<&Ident> {
        self.names.get(&std::ptr::from_ref(rule))
    }

    pub(super) fn statics(&self, private: &TokenStream) -> TokenStream {
        let patterns = self.rules.iter().filter_map(|rule| match rule {
            Rule::Pattern { source, span } => {
                let name = self.name(rule)?;
                Some(quote_spanned! {*span=>
                    static #name: #private::rule::Pattern = #private::rule::Pattern::new(#source);
                })
            }
            _ => None,
        });
        quote!(#(#patterns)*)
    }
}

/// The expression of a field.
pub(super) fn expression(
    field: &Field,
    patterns: &Patterns<'_>,
    parameters: &Parameters<'_>,
    private: &TokenStream,
) -> TokenStream {
    let name = literal(&field.name, private);
    let description = literal(&field.description, private);
    let edge = parameters.edge(&field.schema_type, private);
    let aliases = (!field.aliases.is_empty()).then(|| {
        let aliases = &field.aliases;
        quote!(.with_aliases(&[#(#aliases),*]))
    });
    let default = field.has_default.then(|| quote!(.with_default()));
    let flattened = field.is_flattened.then(|| quote!(.flattened()));
    let converted = field.is_converted.then(|| quote!(.converted()));
    let rules = (!field.rules.is_empty()).then(|| {
        let rules = rules(field, patterns, private);
        quote!(.with_rules(#rules))
    });
    let llm_rules = llm_rule::rules(&field.llm_rules, private);
    let examples = (!field.examples.is_empty()).then(|| {
        let examples = field.examples.iter().map(|(example, _)| example.json());
        quote!(.with_examples(&[#(#examples),*]))
    });
    quote! {
        #private::Field::new(#name, #description, #edge)
            #aliases #default #flattened #converted #rules #llm_rules #examples
    }
}

/// The rules of a field, as a slice.
pub(super) fn rules(field: &Field, patterns: &Patterns<'_>, private: &TokenStream) -> TokenStream {
    let rules = field.rules.iter().map(|rule| match rule {
        Rule::Length { min, max, .. } => {
            let (min, max) = (option(*min), option(*max));
            quote!(#private::Rule::Length { min: #min, max: #max })
        }
        Rule::Range {
            min,
            max,
            above,
            below,
        } => {
            let [min, max, above, below] =
                [min, max, above, below].map(|bound| range_bound(*bound, private));
            quote! {
                #private::Rule::Range { min: #min, max: #max, above: #above, below: #below }
            }
        }
        Rule::Pattern { source, .. } => {
            let source = literal(source, private);
            let compiled = patterns.name(rule);
            quote!(#private::Rule::Pattern { source: #source, compiled: &#compiled })
        }
        Rule::Email => quote!(#private::Rule::Email),
        Rule::Url => quote!(#private::Rule::Url),
        Rule::Contains(part) => {
            let part = literal(part, private);
            quote!(#private::Rule::Contains(#part))
        }
        Rule::DoesNotContain(part) => {
            let part = literal(part, private);
            quote!(#private::Rule::DoesNotContain(#part))
        }
    });
    quote!(&[#(#rules),*])
}

/// An optional bound of a range.
pub(super) fn range_bound(bound: Option<Bound>, private: &TokenStream) -> TokenStream {
    option(bound.map(|bound| match bound {
        Bound::Integer(value) => {
            let value = Number::i128_unsuffixed(value);
            quote!(#private::Bound::Integer(#value))
        }
        Bound::Decimal(value) => {
            // Rust writes a finite `f64` in the grammar of JSON, and so that it reads back as the same.
            let text = format!("{value:?}");
            quote!(#private::Bound::Decimal(#value, #text))
        }
    }))
}
