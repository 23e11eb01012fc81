//! `#[validate(...)]`

mod bound;
mod custom;

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use darling::{Error, FromMeta, Result};
use proc_macro2::{Span, TokenStream};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, LitStr, Meta, Path, Token};

pub(super) use self::bound::literal;
pub(crate) use self::bound::{Bound, Count, Length, Range};
pub(crate) use self::custom::Custom;
use super::{named, nearest};

/// The rules by name.
const RULES: [&str; 23] = [
    "length",
    "range",
    "multiple_of",
    "pattern",
    "email",
    "url",
    "uuid",
    "ip",
    "ipv4",
    "ipv6",
    "contains",
    "does_not_contain",
    "starts_with",
    "ends_with",
    "one_of",
    "unique_items",
    "each",
    "keys",
    "values",
    "custom",
    "custom_async",
    "before",
    "nested",
];

/// What rules look like, for errors.
const RULE_FORMS: &str = "`length(min = 1, max = 60)`, `range(min = 0, max = 130)`, `pattern(\"^[A-Z]+$\")`, `email`, `one_of(\"low\", \"high\")`, `each(...)`, or another rule that the documentation of `ResponseModel` lists";

/// A rule of `#[validate(...)]`.
pub(crate) enum Rule {
    Length(Length),
    Range(Range),
    Pattern(LitStr),
    Email,
    Url,
    Uuid,
    Ip(Ip),
    Contains(String),
    DoesNotContain(String),
    StartsWith(String),
    EndsWith(String),
    OneOf(Vec<SpannedValue<Choice>>),
    MultipleOf(SpannedValue<Bound>),
    UniqueItems,
    Each(Vec<SpannedValue<Rule>>),
    Keys(Vec<SpannedValue<Rule>>),
    Values(Vec<SpannedValue<Rule>>),
    Custom(Custom),
    CustomAsync(Custom),
    Before(Path),
}

/// Which addresses `ip`, `ipv4` and `ipv6` take.
#[derive(Clone, Copy)]
pub(crate) enum Ip {
    Any,
    V4,
    V6,
}

/// A value of `one_of(...)`.
#[derive(Clone, PartialEq)]
pub(crate) enum Choice {
    Text(String),
    Integer(i128),
}

/// `contains(pattern = "x")`
#[derive(FromMeta)]
struct Part {
    pattern: String,
    #[darling(default, rename = "message")]
    _message: Option<String>,
    #[darling(default, rename = "code")]
    _code: Option<String>,
}

/// The rules of all `#[validate(...)]` of a field.
pub(crate) fn rules(attributes: &[Attribute], errors: &mut Accumulator) -> Vec<SpannedValue<Rule>> {
    let mut rules = Vec::new();
    for attribute in named(attributes, "validate") {
        match &attribute.meta {
            Meta::List(list) => {
                let span = attribute.path().span();
                rules.extend(read_list(span, list.tokens.clone(), errors));
            }
            Meta::Path(path) => errors.push(no_rule(path.span())),
            Meta::NameValue(meta) => {
                let error = Error::custom("parentheses are expected here, not `=`");
                errors.push(error.with_span(meta));
            }
        }
    }
    rules
}

/// The rules in the parentheses of `validate`, which stands at `span`.
pub(super) fn read_list(
    span: Span,
    tokens: TokenStream,
    errors: &mut Accumulator,
) -> Vec<SpannedValue<Rule>> {
    let items = NestedMeta::parse_meta_list(tokens).map_err(Error::from);
    let Some(items) = errors.handle(items) else {
        return Vec::new();
    };
    if items.is_empty() {
        errors.push(no_rule(span));
    }
    let mut rules = Vec::new();
    for item in &items {
        let rule = rule(item).map_err(|error| error.with_span(item));
        let span = match item {
            NestedMeta::Meta(meta) => meta.path().span(),
            other => other.span(),
        };
        let rule = errors.handle(rule).flatten();
        rules.extend(rule.map(|rule| SpannedValue::new(rule, span)));
    }
    rules
}

fn no_rule(span: Span) -> Error {
    Error::custom(format!("there is no rule here: write {RULE_FORMS}")).with_span(&span)
}

/// A rule; `None` for `nested`, which is what happens anyway.
fn rule(item: &NestedMeta) -> Result<Option<Rule>> {
    let NestedMeta::Meta(meta) = item else {
        let message = format!("a rule is expected here: {RULE_FORMS}");
        return Err(Error::custom(message));
    };
    let path = meta.path();
    let name = path.get_ident().map(ToString::to_string);
    Ok(Some(match name.as_deref().unwrap_or_default() {
        "length" => {
            let forms = ["length(min = 1)", "length(max = 60)"];
            Rule::Length(bounds(meta, forms, Length::from_list)?)
        }
        "range" => {
            let forms = ["range(min = 0)", "range(max = 130)"];
            Rule::Range(bounds(meta, forms, Range::from_list)?)
        }
        "multiple_of" => Rule::MultipleOf(factor(meta)?),
        "pattern" => Rule::Pattern(pattern(meta)?),
        "email" => Rule::Email,
        "url" => Rule::Url,
        "uuid" => Rule::Uuid,
        "ip" => Rule::Ip(Ip::Any),
        "ipv4" => Rule::Ip(Ip::V4),
        "ipv6" => Rule::Ip(Ip::V6),
        "contains" => Rule::Contains(part(meta, "contains")?),
        "does_not_contain" => Rule::DoesNotContain(part(meta, "does_not_contain")?),
        "starts_with" => Rule::StartsWith(part(meta, "starts_with")?),
        "ends_with" => Rule::EndsWith(part(meta, "ends_with")?),
        "one_of" => Rule::OneOf(choices(meta)?),
        "unique_items" => Rule::UniqueItems,
        "each" => Rule::Each(inner(meta, "each")?),
        "keys" => Rule::Keys(inner(meta, "keys")?),
        "values" => Rule::Values(inner(meta, "values")?),
        "custom" => Rule::Custom(Custom::read(meta, "custom")?),
        "custom_async" => Rule::CustomAsync(Custom::read(meta, "custom_async")?),
        "before" => Rule::Before(custom::before(meta)?),
        "nested" => return Ok(None),
        _ => return Err(unknown_rule(path)),
    }))
}

fn unknown_rule(path: &Path) -> Error {
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let name = names.join("::");
    let message = match nearest(&name, &RULES) {
        Some(nearest) => format!("there is no rule `{name}`: did you mean `{nearest}`?"),
        None => format!("there is no rule `{name}`: write {RULE_FORMS}"),
    };
    Error::custom(message).with_span(path)
}

fn bounds<T>(
    meta: &Meta,
    [lower, upper]: [&str; 2],
    read: impl FnOnce(&[NestedMeta]) -> Result<T>,
) -> Result<T> {
    if let Meta::List(list) = meta {
        let items = NestedMeta::parse_meta_list(list.tokens.clone())?;
        if !items.is_empty() {
            return read(&items);
        }
    }
    Err(Error::custom(format!(
        "this rule needs a bound: write `{lower}`, `{upper}` or both"
    )))
}

fn pattern(meta: &Meta) -> Result<LitStr> {
    if let Meta::List(list) = meta
        && let [NestedMeta::Lit(Lit::Str(source))] =
            NestedMeta::parse_meta_list(list.tokens.clone())?.as_slice()
    {
        return Ok(source.clone());
    }
    Err(Error::custom(
        "a pattern is one string in parentheses: write `pattern(\"^[A-Z]+$\")`",
    ))
}

/// The text of `contains("x")`, `contains = "x"` or `contains(pattern = "x")`.
fn part(meta: &Meta, name: &str) -> Result<String> {
    let text = match meta {
        Meta::NameValue(meta) => match literal(&meta.value) {
            Some((Lit::Str(text), false)) => Some(text.value()),
            _ => None,
        },
        Meta::List(list) => match NestedMeta::parse_meta_list(list.tokens.clone())?.as_slice() {
            [NestedMeta::Lit(Lit::Str(text))] => Some(text.value()),
            items => Some(Part::from_list(items)?.pattern),
        },
        Meta::Path(_) => None,
    };
    text.ok_or_else(|| Error::custom(format!("say which text: write `{name}(\"x\")`")))
}

/// The number of `multiple_of(5)` or `multiple_of = 5`.
fn factor(meta: &Meta) -> Result<SpannedValue<Bound>> {
    let value = match meta {
        Meta::NameValue(meta) => Some(meta.value.clone()),
        Meta::List(list) => syn::parse2(list.tokens.clone()).ok(),
        Meta::Path(_) => None,
    };
    match value {
        Some(value) => Ok(SpannedValue::new(Bound::from_expr(&value)?, value.span())),
        None => Err(Error::custom("say of which number: write `multiple_of(5)`")),
    }
}

/// The values of `one_of("low", "high")`.
fn choices(meta: &Meta) -> Result<Vec<SpannedValue<Choice>>> {
    let form = || Error::custom("say of which values: write `one_of(\"low\", \"high\")`");
    let Meta::List(list) = meta else {
        return Err(form());
    };
    let values = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(list.tokens.clone())?;
    if values.is_empty() {
        return Err(form());
    }
    let mut errors = Error::accumulator();
    let mut choices = Vec::new();
    for value in values {
        let choice = match literal(&value) {
            Some((Lit::Str(text), false)) => Some(Choice::Text(text.value())),
            Some((Lit::Int(number), negative)) => (number.base10_parse().ok())
                .map(|value: i128| Choice::Integer(if negative { -value } else { value })),
            _ => None,
        };
        match choice {
            Some(choice) => choices.push(SpannedValue::new(choice, value.span())),
            None => errors.push(
                Error::custom("a choice is a text in quotes or a whole number").with_span(&value),
            ),
        }
    }
    errors.finish_with(choices)
}

/// The rules of `each(...)`, `keys(...)` or `values(...)`.
fn inner(meta: &Meta, name: &str) -> Result<Vec<SpannedValue<Rule>>> {
    match meta {
        Meta::List(list) if !list.tokens.is_empty() => {
            let mut errors = Error::accumulator();
            let rules = read_list(list.path.span(), list.tokens.clone(), &mut errors);
            errors.finish_with(rules)
        }
        _ => Err(Error::custom(format!(
            "say by which rules: write `{name}(length(max = 60))`"
        ))),
    }
}
