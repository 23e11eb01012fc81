//! What is somewhere among the fields of a schema.

use super::Definitions;
use crate::schema::graph::{Edge, Field, Node, Rule};
use crate::schema::limits::is_foreign;

/// What an answer needs beside the walk of its text.
#[derive(Debug, Clone, Copy)]
pub(in crate::schema) struct Contents {
    /// Some field or type carries an LLM rule.
    pub(in crate::schema) has_llm_rules: bool,
    /// Some field is put into shape before it is checked.
    pub(in crate::schema) has_before: bool,
    /// Some field is checked by an asynchronous function.
    pub(in crate::schema) has_async_rules: bool,
    /// Some rule can only be checked on the JSON: it stands on a field that is converted, or below one, or on the items of a set,
    /// which have their places only there.
    pub(in crate::schema) has_json_rules: bool,
    /// Some type describes itself when the program runs.
    pub(in crate::schema) has_foreign: bool,
}

impl Contents {
    /// What is below `edge`, whose types are `definitions`, the newtypes around the root included.
    pub(in crate::schema) const fn of(edge: Edge, definitions: &Definitions) -> Contents {
        let mut contents = Contents {
            has_llm_rules: false,
            has_before: false,
            has_async_rules: false,
            has_json_rules: false,
            has_foreign: is_foreign(edge),
        };
        let mut index = 0;
        while let Some(named) = definitions.get(index) {
            contents.has_llm_rules |= !named.llm_rules.is_empty();
            let mut list = 0;
            while let Some(mut fields) = named.fields(list) {
                while let [field, rest @ ..] = fields {
                    contents.has_llm_rules |= !field.llm_rules.is_empty();
                    contents.has_before |= !field.before.is_empty();
                    contents.has_async_rules |= !field.async_rules.is_empty();
                    contents.has_foreign |= is_foreign(field.edge);
                    contents.has_json_rules |= field.is_converted
                        && (has_rules(field) || Definitions::below(field.edge, named).has_rules());
                    contents.has_json_rules |= has_rules_of_a_set(field.edge, field.rules);
                    fields = rest;
                }
                list += 1;
            }
            index += 1;
        }
        contents
    }
}

impl Definitions {
    const fn has_rules(&self) -> bool {
        let mut index = 0;
        while let Some(named) = self.get(index) {
            if !named.custom.is_empty() {
                return true;
            }
            let mut list = 0;
            while let Some(mut fields) = named.fields(list) {
                while let [field, rest @ ..] = fields {
                    if has_rules(field) {
                        return true;
                    }
                    fields = rest;
                }
                list += 1;
            }
            index += 1;
        }
        false
    }
}

const fn has_rules(field: &Field) -> bool {
    !field.rules.is_empty()
}

/// Whether there are rules for the items of a set.
const fn has_rules_of_a_set(mut edge: Edge, mut rules: &[Rule]) -> bool {
    while !rules.is_empty() {
        match edge.node() {
            Node::Nullable(inner) => edge = *inner,
            Node::Array { items, unique, .. } => {
                rules = Rule::of_items(rules);
                if *unique {
                    return !rules.is_empty();
                }
                edge = *items;
            }
            Node::Map { values, .. } => {
                rules = Rule::of_values(rules);
                edge = *values;
            }
            _ => return false,
        }
    }
    false
}
