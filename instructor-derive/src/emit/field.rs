//! Writes the description of a field.

use proc_macro2::TokenStream;
use quote::quote;

use super::generic::Parameters;
use super::literal::literal;
use super::rule::{self, RuleItems};
use super::{function, llm_rule};
use crate::model::Field;

/// The expression of a field.
pub(super) fn expression(
    field: &Field,
    items: &RuleItems<'_>,
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
        let rules = rule::expressions(field, items, private);
        quote!(.with_rules(#rules))
    });
    let before = function::before(field, private);
    let async_rules = function::async_rules(field, private);
    let llm_rules = llm_rule::rules(&field.llm_rules, private);
    let examples = (!field.examples.is_empty()).then(|| {
        let examples = field.examples.iter().map(|(example, _)| example.json());
        quote!(.with_examples(&[#(#examples),*]))
    });
    quote! {
        #private::Field::new(#name, #description, #edge)
            #aliases #default #flattened #converted #rules #before #async_rules #llm_rules #examples
    }
}
