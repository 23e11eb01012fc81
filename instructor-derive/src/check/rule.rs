//! Checks the rules of one field.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Span;
use syn::{Ident, LitStr, Path};

use crate::attr::{self, Example};
use crate::model::{Bound, Choices, Custom, Rule};
use crate::pattern;

/// What is written in `#[validate(...)]` of a field.
pub(crate) struct Rules {
    pub(crate) rules: Vec<SpannedValue<Rule>>,
    pub(crate) async_rules: Vec<Custom>,
    pub(crate) before: Vec<Path>,
}

/// Checks what is written in `#[validate(...)]` of a field, which is `converted` if a function reads it.
pub(crate) fn check_field_rules(
    written: Vec<SpannedValue<attr::Rule>>,
    converted: bool,
    owner: &Ident,
    errors: &mut Accumulator,
) -> Rules {
    let (mut rules, mut async_rules, mut before) = (Vec::new(), Vec::new(), Vec::new());
    for rule in written {
        let span = rule.span();
        match rule.into_inner() {
            attr::Rule::CustomAsync(_) if converted => errors.push(
                Error::custom(
                    "a function reads this field, and `custom_async` is given a value that is read from its JSON: use `custom`, or check the value after the call",
                )
                .with_span(&span),
            ),
            attr::Rule::CustomAsync(custom) => async_rules.push(check_custom(custom, owner)),
            attr::Rule::Before(function) => before.push(with_owner(function, owner)),
            rule => rules.push(SpannedValue::new(rule, span)),
        }
    }
    Rules {
        rules: check_rules(rules, owner, errors),
        async_rules,
        before,
    }
}

/// Checks the rules of `#[validate(...)]`: bounds in order, patterns that parse, each rule once.
fn check_rules(
    written: Vec<SpannedValue<attr::Rule>>,
    owner: &Ident,
    errors: &mut Accumulator,
) -> Vec<SpannedValue<Rule>> {
    let mut seen = Vec::new();
    let mut rules = Vec::new();
    for rule in written {
        let span = rule.span();
        let rule = rule.into_inner();
        let kind = std::mem::discriminant(&rule);
        if seen.contains(&kind) && !matches!(rule, attr::Rule::Custom(_)) {
            errors.push(
                Error::custom("this field has such a rule already: write it once").with_span(&span),
            );
            continue;
        }
        seen.push(kind);
        let rule = check_rule(rule, owner)
            .map(|rule| SpannedValue::new(rule, span))
            .map_err(|error| error.with_span(&span));
        rules.extend(errors.handle(rule));
    }
    rules
}

fn check_inner(
    written: Vec<SpannedValue<attr::Rule>>,
    owner: &Ident,
) -> Result<Vec<SpannedValue<Rule>>, Error> {
    let mut errors = Error::accumulator();
    let rules = check_rules(written, owner, &mut errors);
    errors.finish_with(rules)
}

fn check_rule(rule: attr::Rule, owner: &Ident) -> Result<Rule, Error> {
    match rule {
        attr::Rule::Length(length) => check_length(&length),
        attr::Rule::Range(range) => check_range(&range),
        attr::Rule::Pattern(source) => check_pattern(&source),
        attr::Rule::Email => Ok(Rule::Email),
        attr::Rule::Url => Ok(Rule::Url),
        attr::Rule::Contains(part) => Ok(Rule::Contains(part)),
        attr::Rule::DoesNotContain(part) => Ok(Rule::DoesNotContain(part)),
        attr::Rule::StartsWith(prefix) => Ok(Rule::StartsWith(prefix)),
        attr::Rule::EndsWith(suffix) => Ok(Rule::EndsWith(suffix)),
        attr::Rule::Uuid => Ok(Rule::Uuid),
        attr::Rule::Ip(version) => Ok(Rule::Ip(version)),
        attr::Rule::OneOf(choices) => check_choices(&choices),
        attr::Rule::MultipleOf(factor) => check_factor(factor),
        attr::Rule::UniqueItems => Ok(Rule::UniqueItems),
        attr::Rule::Each(rules) => check_inner(rules, owner).map(Rule::Each),
        attr::Rule::Keys(rules) => check_inner(rules, owner).map(Rule::Keys),
        attr::Rule::Values(rules) => check_inner(rules, owner).map(Rule::Values),
        attr::Rule::Custom(custom) => Ok(Rule::Custom(check_custom(custom, owner))),
        attr::Rule::CustomAsync(_) => Err(outside("custom_async")),
        attr::Rule::Before(_) => Err(outside("before")),
    }
}

/// `Self::check` as `Person::check`: the generated functions stand where `Self` means nothing.
pub(super) fn check_custom(custom: attr::Custom, owner: &Ident) -> Custom {
    Custom {
        function: with_owner(custom.function, owner),
        use_context: custom.use_context,
    }
}

fn with_owner(mut function: Path, owner: &Ident) -> Path {
    if let Some(first) = function.segments.first_mut()
        && first.ident == "Self"
    {
        first.ident = Ident::new(&owner.to_string(), first.ident.span());
    }
    function
}

fn outside(name: &str) -> Error {
    Error::custom(format!(
        "`{name}` is said of a field and not of what is in it: move it out of the parentheses and let the function go through the items"
    ))
}

fn check_choices(written: &[SpannedValue<attr::Choice>]) -> Result<Rule, Error> {
    let mut errors = Error::accumulator();
    let (mut texts, mut integers) = (Vec::new(), Vec::new());
    for (index, choice) in written.iter().enumerate() {
        let earlier = written.iter().take(index);
        if earlier.into_iter().any(|other| **other == **choice) {
            let error = Error::custom("this value was named already: name it once");
            errors.push(error.with_span(&choice.span()));
        }
        match (&**choice, texts.is_empty(), integers.is_empty()) {
            (attr::Choice::Text(text), _, true) => texts.push(text.clone()),
            (attr::Choice::Integer(value), true, _) => integers.push(*value),
            _ => {
                let error = Error::custom(
                    "no field is both text and number: name values of one kind, texts in quotes or whole numbers",
                );
                errors.push(error.with_span(&choice.span()));
            }
        }
    }
    errors.finish_with(Rule::OneOf(if texts.is_empty() {
        Choices::Integers(integers)
    } else {
        Choices::Texts(texts)
    }))
}

fn check_factor(written: SpannedValue<attr::Bound>) -> Result<Rule, Error> {
    let factor = Bound::from(*written);
    if !Bound::Integer(0).is_below(factor) {
        return Err(Error::custom(
            "the multiples of a number are those of its absolute value, and of 0 there are none: write a number above 0",
        )
        .with_span(&written.span()));
    }
    Ok(Rule::MultipleOf(factor))
}

fn check_length(length: &attr::Length) -> Result<Rule, Error> {
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
    Ok(Rule::Length { min, max })
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
    rules: &[SpannedValue<Rule>],
    errors: &mut Accumulator,
) {
    let Example::Text(text) = &**example else {
        return;
    };
    for rule in rules {
        if let Rule::Pattern { source, .. } = &**rule
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
