//! `#[llm_validate("...")]`

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::{Flag, SpannedValue};
use darling::{Error, FromMeta, Result};
use syn::spanned::Spanned;
use syn::{Attribute, Lit, LitStr};

use super::{items, named};

/// `#[llm_validate("statement", model = "...", allow_override)]`
pub(crate) struct LlmRule {
    pub(crate) statement: LitStr,
    pub(crate) model: Option<SpannedValue<String>>,
    pub(crate) allow_override: bool,
}

#[derive(FromMeta)]
struct LlmOptions {
    model: Option<SpannedValue<String>>,
    allow_override: Flag,
}

/// All `#[llm_validate(...)]` of a field.
pub(crate) fn llm_rules(
    attributes: &[Attribute],
    errors: &mut Accumulator,
) -> Vec<SpannedValue<LlmRule>> {
    let mut rules = Vec::new();
    for attribute in named(attributes, "llm_validate") {
        let rule = llm_rule(attribute).map_err(|error| error.with_span(attribute.path()));
        if let Some(rule) = errors.handle(rule) {
            rules.push(SpannedValue::new(rule, attribute.span()));
        }
    }
    rules
}

fn llm_rule(attribute: &Attribute) -> Result<LlmRule> {
    let items = items(attribute)?;
    let [NestedMeta::Lit(Lit::Str(statement)), options @ ..] = items.as_slice() else {
        return Err(Error::custom(
            "say first what must be true of the field: `#[llm_validate(\"concise and engaging\")]`",
        ));
    };
    let options = LlmOptions::from_list(options)?;
    Ok(LlmRule {
        statement: statement.clone(),
        model: options.model,
        allow_override: options.allow_override.is_present(),
    })
}
