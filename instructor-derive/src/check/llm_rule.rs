//! Checks the rules that a service judges.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use syn::LitStr;

use crate::attr;
use crate::model::{Criterion, LlmRule};
use crate::template;

/// Checks the rules of `#[llm_validate("...")]` and `#[moderate]`.
pub(super) fn check_llm_rules(
    written: Vec<SpannedValue<attr::LlmRule>>,
    errors: &mut Accumulator,
) -> Vec<LlmRule> {
    let mut rules = Vec::new();
    for rule in written {
        let rule = rule.into_inner();
        if let Some(model) = rule.model.as_ref().filter(|model| model.trim().is_empty()) {
            errors.push(
                Error::custom(
                    "an empty name is no model: name one, such as \"gpt-4o-mini\", or leave `model` out to use the one of the call",
                )
                .with_span(&model.span()),
            );
        }
        let criterion = match rule.criterion {
            attr::Criterion::Moderation(span) => Some(Criterion::Moderation(span)),
            attr::Criterion::Statement(statement) => errors.handle(check_statement(&statement)),
        };
        rules.extend(criterion.map(|criterion| LlmRule {
            criterion,
            model: rule.model.map(SpannedValue::into_inner),
            allow_override: rule.allow_override,
            each: rule.each,
            accepts_errors: rule.accepts_errors,
        }));
    }
    rules
}

fn check_statement(statement: &LitStr) -> Result<Criterion, Error> {
    let source = statement.value();
    if source.trim().is_empty() {
        return Err(Error::custom(
            "an empty statement cannot be judged: say what must be true, such as \"concise and engaging\"",
        )
        .with_span(statement));
    }
    let variables =
        template::variables(&source).map_err(|fault| Error::custom(fault).with_span(statement))?;
    Ok(match variables {
        None => Criterion::Statement(source),
        Some(variables) => Criterion::Template {
            source,
            variables,
            span: statement.span(),
        },
    })
}

/// Refuses `each` on a rule about a whole type.
pub(super) fn refuse_each(rules: &[LlmRule], errors: &mut Accumulator) {
    for span in rules.iter().filter_map(|rule| rule.each) {
        errors.push(
            Error::custom(
                "a rule above a type is about the whole value: put one with `each` on the field whose items it is about",
            )
            .with_span(&span),
        );
    }
}
