//! Writes the description of a field.

use std::collections::HashMap;

use darling::util::SpannedValue;
use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;

use super::generic::Parameters;
use super::literal::literal;
use super::{option, rule};
use crate::model::{Field, LlmRule, Model, Rule};

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
        for field in lists.into_iter().flatten() {
            patterns.add(&field.rules);
        }
        patterns
    }

    fn add(&mut self, rules: &'a [SpannedValue<Rule>]) {
        for rule in rules {
            let rule: &Rule = rule;
            if let Rule::Pattern { .. } = rule {
                let name = format_ident!("PATTERN_{}", self.rules.len());
                self.names.insert(rule, name);
                self.rules.push(rule);
            }
            self.add(rule.inner());
        }
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
        let rules = rule::expressions(&field.rules, patterns, private);
        quote!(.with_rules(#rules))
    });
    let llm_rules = (!field.llm_rules.is_empty()).then(|| {
        let rules = field.llm_rules.iter().map(|rule| llm_rule(rule, private));
        quote!(.with_llm_rules(&[#(#rules),*]))
    });
    let examples = (!field.examples.is_empty()).then(|| {
        let examples = field.examples.iter().map(|(example, _)| example.json());
        quote!(.with_examples(&[#(#examples),*]))
    });
    quote! {
        #private::Field::new(#name, #description, #edge)
            #aliases #default #flattened #converted #rules #llm_rules #examples
    }
}

fn llm_rule(rule: &LlmRule, private: &TokenStream) -> TokenStream {
    let LlmRule {
        statement,
        model,
        allow_override,
    } = rule;
    let model = option(model.as_ref());
    quote!(#private::LlmRule::new(#statement, #model, #allow_override))
}
