//! Reads `#[validate]`, `#[llm_validate]` and `#[response_model]`.

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::{Flag, SpannedValue};
use darling::{Error, FromMeta, Result};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, LitStr, Meta, Path, UnOp, parse_quote};

/// The rules of `#[validate(...)]` by name.
const RULES: [&str; 3] = ["length", "range", "pattern"];

/// What each rule looks like, for errors.
const RULE_FORMS: &str =
    "`length(min = 1, max = 60)`, `range(min = 0, max = 130)` or `pattern(\"^[A-Z]+$\")`";

/// A rule of `#[validate(...)]`.
pub(crate) enum Rule {
    Length(Length),
    Range(Range),
    Pattern(LitStr),
}

/// `length(min = 1, max = 60)`
#[derive(FromMeta)]
pub(crate) struct Length {
    pub(crate) min: Option<SpannedValue<Count>>,
    pub(crate) max: Option<SpannedValue<Count>>,
}

/// `range(min = 0, max = 130)`
#[derive(FromMeta)]
pub(crate) struct Range {
    pub(crate) min: Option<SpannedValue<Bound>>,
    pub(crate) max: Option<SpannedValue<Bound>>,
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

#[derive(FromMeta)]
struct ResponseModelOptions {
    #[darling(rename = "crate")]
    crate_path: Option<Path>,
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
fn literal(expr: &Expr) -> Option<(&Lit, bool)> {
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

/// The path of the facade: `::instructor`, or the one of `#[response_model(crate = ...)]`.
pub(crate) fn crate_path(attributes: &[Attribute], errors: &mut Accumulator) -> Path {
    let mut path = None;
    for attribute in named(attributes, "response_model") {
        let options = items(attribute)
            .and_then(|items| ResponseModelOptions::from_list(&items))
            .map_err(|error| error.with_span(attribute.path()));
        if let Some(options) = errors.handle(options) {
            path = options.crate_path.or(path);
        }
    }
    path.unwrap_or_else(|| parse_quote!(::instructor))
}

/// The rules of all `#[validate(...)]` of a field.
pub(crate) fn rules(attributes: &[Attribute], errors: &mut Accumulator) -> Vec<SpannedValue<Rule>> {
    let mut rules = Vec::new();
    for attribute in named(attributes, "validate") {
        let Some(items) = errors.handle(items(attribute)) else {
            continue;
        };
        if items.is_empty() {
            errors.push(
                Error::custom(format!("there is no rule here: write {RULE_FORMS}"))
                    .with_span(attribute.path()),
            );
        }
        for item in &items {
            let rule = rule(item).map_err(|error| error.with_span(item));
            rules.extend(
                errors
                    .handle(rule)
                    .map(|rule| SpannedValue::new(rule, rule_span(item))),
            );
        }
    }
    rules
}

fn rule(item: &NestedMeta) -> Result<Rule> {
    let NestedMeta::Meta(meta) = item else {
        return Err(Error::custom(format!(
            "a rule is expected here: {RULE_FORMS}"
        )));
    };
    let path = meta.path();
    if path.is_ident("length") {
        let length = bounds(
            meta,
            "length(min = 1)",
            "length(max = 60)",
            Length::from_list,
        )?;
        Ok(Rule::Length(length))
    } else if path.is_ident("range") {
        let range = bounds(meta, "range(min = 0)", "range(max = 130)", Range::from_list)?;
        Ok(Rule::Range(range))
    } else if path.is_ident("pattern") {
        pattern(meta).map(Rule::Pattern)
    } else {
        Err(unknown_rule(path))
    }
}

fn unknown_rule(path: &Path) -> Error {
    let name = path_name(path);
    let likeness = |rule: &&str| strsim::jaro_winkler(&name, rule);
    let nearest = RULES
        .into_iter()
        .filter(|rule| likeness(rule) > 0.8)
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let message = match nearest {
        Some(nearest) => format!("there is no rule `{name}`: did you mean `{nearest}`?"),
        None => format!("there is no rule `{name}`: write {RULE_FORMS}"),
    };
    Error::custom(message).with_span(path)
}

fn path_name(path: &Path) -> String {
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    names.join("::")
}

fn bounds<T>(
    meta: &Meta,
    lower: &str,
    upper: &str,
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

fn rule_span(item: &NestedMeta) -> proc_macro2::Span {
    match item {
        NestedMeta::Meta(meta) => meta.path().span(),
        other => other.span(),
    }
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

/// Refuses rules where there is no field.
pub(crate) fn refuse_rules(attributes: &[Attribute], place: &str, errors: &mut Accumulator) {
    for name in ["validate", "llm_validate"] {
        for attribute in named(attributes, name) {
            let message = format!(
                "`{name}` cannot stand on {place}: put it on the field whose value it is about"
            );
            errors.push(Error::custom(message).with_span(attribute.path()));
        }
    }
}

/// Refuses `#[response_model(...)]` where there is no type.
pub(crate) fn refuse_response_model(
    attributes: &[Attribute],
    place: &str,
    errors: &mut Accumulator,
) {
    for attribute in named(attributes, "response_model") {
        let message =
            format!("`response_model` cannot stand on {place}: put it on the struct or enum");
        errors.push(Error::custom(message).with_span(attribute.path()));
    }
}

fn named<'a>(attributes: &'a [Attribute], name: &str) -> impl Iterator<Item = &'a Attribute> {
    attributes
        .iter()
        .filter(move |attribute| attribute.path().is_ident(name))
}

/// The items in the parentheses of an attribute; none if it has no parentheses.
pub(crate) fn items(attribute: &Attribute) -> Result<Vec<NestedMeta>> {
    match &attribute.meta {
        Meta::Path(_) => Ok(Vec::new()),
        Meta::List(list) => Ok(NestedMeta::parse_meta_list(list.tokens.clone())?),
        Meta::NameValue(meta) => {
            Err(Error::custom("parentheses are expected here, not `=`").with_span(meta))
        }
    }
}
