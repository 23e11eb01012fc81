//! Checks the rules of one field.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Span;
use syn::LitStr;

use crate::attr;
use crate::model::{Bound, LlmRule, Rule};
use crate::pattern;

/// Checks the rules of `#[validate(...)]`: bounds in order, patterns that parse, each rule once.
pub(crate) fn check_rules(
    written: Vec<SpannedValue<attr::Rule>>,
    errors: &mut Accumulator,
) -> Vec<Rule> {
    let mut seen = Vec::new();
    let mut rules = Vec::new();
    for rule in written {
        let span = rule.span();
        let rule = rule.into_inner();
        let kind = std::mem::discriminant(&rule);
        if seen.contains(&kind) {
            errors.push(
                Error::custom("this field has such a rule already: write it once").with_span(&span),
            );
            continue;
        }
        seen.push(kind);
        rules.extend(errors.handle(check_rule(rule)));
    }
    rules
}

fn check_rule(rule: attr::Rule) -> Result<Rule, Error> {
    match rule {
        attr::Rule::Length(length) => check_length(&length),
        attr::Rule::Range(range) => check_range(&range),
        attr::Rule::Pattern(source) => check_pattern(&source),
    }
}

fn check_length(length: &attr::Length) -> Result<Rule, Error> {
    let min = length.min.map(|min| min.0);
    let max = length.max.map(|max| max.0);
    if let (Some(low), Some(high), Some(written)) = (min, max, length.max)
        && high < low
    {
        return Err(crossed(low, high, written.span()));
    }
    Ok(Rule::Length { min, max })
}

fn check_range(range: &attr::Range) -> Result<Rule, Error> {
    let min = range.min.map(|min| Bound::from(*min));
    let max = range.max.map(|max| Bound::from(*max));
    if let (Some(low), Some(high), Some(written)) = (min, max, range.max)
        && high.is_below(low)
    {
        return Err(crossed(low, high, written.span()));
    }
    Ok(Rule::Range { min, max })
}

fn crossed(low: impl std::fmt::Display, high: impl std::fmt::Display, span: Span) -> Error {
    Error::custom(format!(
        "no value passes: `max = {high}` is below `min = {low}`; swap them"
    ))
    .with_span(&span)
}

fn check_pattern(source: &LitStr) -> Result<Rule, Error> {
    let text = source.value();
    match pattern::is_portable(&text) {
        Ok(portable) => Ok(Rule::Pattern {
            source: text,
            span: source.span(),
            portable,
        }),
        Err(fault) => {
            let message = format!("this is no regular expression of the `regex` crate: {fault}");
            Err(Error::custom(message).with_span(source))
        }
    }
}

impl From<attr::Bound> for Bound {
    fn from(written: attr::Bound) -> Self {
        match written {
            attr::Bound::Integer(value) => Bound::Integer(value),
            attr::Bound::Decimal(value) => Bound::Decimal(value),
        }
    }
}

impl Bound {
    fn is_below(self, other: Bound) -> bool {
        match (self, other) {
            (Bound::Integer(this), Bound::Integer(other)) => this < other,
            _ => self.as_f64() < other.as_f64(),
        }
    }

    fn as_f64(self) -> f64 {
        match self {
            Bound::Integer(value) => value as f64,
            Bound::Decimal(value) => value,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bound::Integer(value) => value.fmt(f),
            Bound::Decimal(value) => std::fmt::Debug::fmt(value, f),
        }
    }
}

/// Checks the rules of `#[llm_validate("...")]`.
pub(crate) fn check_llm_rules(
    written: Vec<SpannedValue<attr::LlmRule>>,
    errors: &mut Accumulator,
) -> Vec<LlmRule> {
    let mut rules = Vec::new();
    for rule in written {
        let rule = rule.into_inner();
        let statement = rule.statement.value();
        if statement.trim().is_empty() {
            errors.push(
                Error::custom(
                    "an empty statement cannot be judged: say what must be true, such as \"concise and engaging\"",
                )
                .with_span(&rule.statement),
            );
        }
        if let Some(model) = rule.model.as_ref().filter(|model| model.trim().is_empty()) {
            errors.push(
                Error::custom(
                    "an empty name is no model: name one, such as \"gpt-4o-mini\", or leave `model` out to use the one of the call",
                )
                .with_span(&model.span()),
            );
        }
        rules.push(LlmRule {
            statement,
            model: rule.model.map(SpannedValue::into_inner),
            allow_override: rule.allow_override,
        });
    }
    rules
}
