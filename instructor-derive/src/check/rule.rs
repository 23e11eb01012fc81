//! Checks the rules of one field.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Span;
use syn::LitStr;

use crate::attr::{self, Example};
use crate::model::{Bound, Rule};
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
        rules.extend(errors.handle(check_rule(rule, span)));
    }
    rules
}

fn check_rule(rule: attr::Rule, span: Span) -> Result<Rule, Error> {
    match rule {
        attr::Rule::Length(length) => check_length(&length, span),
        attr::Rule::Range(range) => check_range(&range),
        attr::Rule::Pattern(source) => check_pattern(&source),
        attr::Rule::Email => Ok(Rule::Email),
        attr::Rule::Url => Ok(Rule::Url),
        attr::Rule::Contains(part) => Ok(Rule::Contains(part)),
        attr::Rule::DoesNotContain(part) => Ok(Rule::DoesNotContain(part)),
    }
}

fn check_length(length: &attr::Length, span: Span) -> Result<Rule, Error> {
    let value = |written: Option<SpannedValue<attr::Count>>| written.map(|written| written.0);
    if let Some(equal) = length.equal {
        if length.min.or(length.max).is_some() {
            return Err(
                Error::custom("`equal` says both bounds: remove `min` and `max`")
                    .with_span(&equal.span()),
            );
        }
        let equal = Some(equal.0);
        return Ok(Rule::Length {
            min: equal,
            max: equal,
            span,
        });
    }
    let (min, max) = (value(length.min), value(length.max));
    if let (Some(low), Some(high), Some(written)) = (min, max, length.max)
        && high < low
    {
        return Err(crossed(low, high, written.span()));
    }
    if min.is_none() && max.is_none() {
        return Err(Error::custom(
            "this rule needs a bound: write `length(min = 1)`, `length(max = 60)` or both",
        ));
    }
    Ok(Rule::Length { min, max, span })
}

fn check_range(range: &attr::Range) -> Result<Rule, Error> {
    let value =
        |written: Option<SpannedValue<attr::Bound>>| written.map(|bound| Bound::from(*bound));
    let (min, max) = (value(range.min), value(range.max));
    let (above, below) = (value(range.exclusive_min), value(range.exclusive_max));
    if let (Some(low), Some(high), Some(written)) = (min, max, range.max)
        && high.is_below(low)
    {
        return Err(crossed(low, high, written.span()));
    }
    if let (Some(low), Some(high), Some(written)) = (
        above.or(min),
        below.or(max),
        range.exclusive_max.or(range.max),
    ) && (above.is_some() || below.is_some())
        && !low.is_below(high)
    {
        return Err(Error::custom(format!(
            "no value passes: there is none between {low} and {high}"
        ))
        .with_span(&written.span()));
    }
    if [min, max, above, below].iter().all(Option::is_none) {
        return Err(Error::custom(
            "this rule needs a bound: write `range(min = 0)`, `range(max = 130)` or both",
        ));
    }
    Ok(Rule::Range {
        min,
        max,
        above,
        below,
    })
}

fn crossed(low: impl std::fmt::Display, high: impl std::fmt::Display, span: Span) -> Error {
    Error::custom(format!(
        "no value passes: `max = {high}` is below `min = {low}`; swap them"
    ))
    .with_span(&span)
}

fn check_pattern(source: &LitStr) -> Result<Rule, Error> {
    pattern::check(&source.value()).map_err(|fault| Error::custom(fault).with_span(source))?;
    Ok(Rule::Pattern {
        source: source.value(),
        span: source.span(),
    })
}

/// Holds an example against the patterns of its field. The other rules are held against it when the crate is compiled, since
/// they depend on the type.
pub(super) fn check_example(
    example: &SpannedValue<Example>,
    rules: &[Rule],
    errors: &mut Accumulator,
) {
    let Example::Text(text) = &**example else {
        return;
    };
    for rule in rules {
        if let Rule::Pattern { source, .. } = rule
            && !pattern::matches(source, text)
        {
            errors.push(
                Error::custom(format!(
                    "the example does not match the pattern `{source}` beside it"
                ))
                .with_span(&example.span()),
            );
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
