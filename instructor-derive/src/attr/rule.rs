//! `#[validate(...)]`

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use darling::{Error, FromMeta, Result};
use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, LitStr, Meta, Path, UnOp};

use super::{named, nearest};

/// The rules by name.
const RULES: [&str; 8] = [
    "length",
    "range",
    "pattern",
    "email",
    "url",
    "contains",
    "does_not_contain",
    "nested",
];

/// What each rule looks like, for errors.
const RULE_FORMS: &str = "`length(min = 1, max = 60)`, `range(min = 0, max = 130)`, `pattern(\"^[A-Z]+$\")`, `email`, `url`, `contains(\"x\")` or `does_not_contain(\"x\")`";

/// A rule of `#[validate(...)]`.
pub(crate) enum Rule {
    Length(Length),
    Range(Range),
    Pattern(LitStr),
    Email,
    Url,
    Contains(String),
    DoesNotContain(String),
}

/// `length(min = 1, max = 60)`. `message` and `code` are the `validator` crate's.
#[derive(FromMeta)]
pub(crate) struct Length {
    pub(crate) min: Option<SpannedValue<Count>>,
    pub(crate) max: Option<SpannedValue<Count>>,
    pub(crate) equal: Option<SpannedValue<Count>>,
    #[darling(default, rename = "message")]
    _message: Option<String>,
    #[darling(default, rename = "code")]
    _code: Option<String>,
}

/// `range(min = 0, max = 130)`
#[derive(FromMeta)]
pub(crate) struct Range {
    pub(crate) min: Option<SpannedValue<Bound>>,
    pub(crate) max: Option<SpannedValue<Bound>>,
    pub(crate) exclusive_min: Option<SpannedValue<Bound>>,
    pub(crate) exclusive_max: Option<SpannedValue<Bound>>,
    #[darling(default, rename = "message")]
    _message: Option<String>,
    #[darling(default, rename = "code")]
    _code: Option<String>,
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

/// A number of characters, items or entries.
#[derive(Clone, Copy)]
pub(crate) struct Count(pub(crate) u64);

/// A bound of a range.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Integer(i128),
    Decimal(f64),
}

impl FromMeta for Count {
    fn from_expr(expr: &Expr) -> Result<Self> {
        match literal(expr) {
            Some((Lit::Int(number), false)) => number.base10_parse().ok().map(Count),
            _ => None,
        }
        .ok_or_else(|| {
            let message = "a length is a whole number from 0 to 2^64 - 1, such as `60`";
            Error::custom(message).with_span(expr)
        })
    }
}

impl FromMeta for Bound {
    fn from_expr(expr: &Expr) -> Result<Self> {
        match literal(expr) {
            Some((Lit::Int(number), negative)) => number
                .base10_parse()
                .ok()
                .map(|value: i128| Bound::Integer(if negative { -value } else { value })),
            Some((Lit::Float(number), negative)) => number
                .base10_parse()
                .ok()
                .filter(|value: &f64| value.is_finite())
                .map(|value| Bound::Decimal(if negative { -value } else { value })),
            _ => None,
        }
        .ok_or_else(|| {
            let message =
                "a bound is a number that fits `i128` or `f64`, such as `0`, `-40` or `0.5`";
            Error::custom(message).with_span(expr)
        })
    }
}

/// The literal in `expr`, and whether there is a minus before it.
pub(super) fn literal(expr: &Expr) -> Option<(&Lit, bool)> {
    match expr {
        Expr::Lit(literal) => Some((&literal.lit, false)),
        Expr::Group(group) => literal(&group.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => match literal(&unary.expr) {
            Some((literal, false)) => Some((literal, true)),
            _ => None,
        },
        _ => None,
    }
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
    Ok(Some(if path.is_ident("length") {
        let forms = ["length(min = 1)", "length(max = 60)"];
        Rule::Length(bounds(meta, forms, Length::from_list)?)
    } else if path.is_ident("range") {
        let forms = ["range(min = 0)", "range(max = 130)"];
        Rule::Range(bounds(meta, forms, Range::from_list)?)
    } else if path.is_ident("pattern") {
        Rule::Pattern(pattern(meta)?)
    } else if path.is_ident("email") {
        Rule::Email
    } else if path.is_ident("url") {
        Rule::Url
    } else if path.is_ident("contains") {
        Rule::Contains(part(meta)?)
    } else if path.is_ident("does_not_contain") {
        Rule::DoesNotContain(part(meta)?)
    } else if path.is_ident("nested") {
        return Ok(None);
    } else {
        return Err(unknown_rule(path));
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
fn part(meta: &Meta) -> Result<String> {
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
    text.ok_or_else(|| Error::custom("say which text: write `contains(\"x\")`"))
}
