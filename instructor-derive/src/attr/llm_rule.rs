//! `#[llm_validate("...")]` and `#[moderate]`

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::{Flag, SpannedValue};
use darling::{Error, FromMeta, Result};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, LitStr};

use super::{items, named, unknown};

/// `#[llm_validate("statement", each, model = "...", allow_override, on_error = accept)]`, or
/// `#[moderate(each, model = "...", on_error = accept)]`
pub(crate) struct LlmRule {
    pub(crate) criterion: Criterion,
    pub(crate) model: Option<SpannedValue<String>>,
    pub(crate) allow_override: bool,
    /// Where `each` stands.
    pub(crate) each: Option<Span>,
    pub(crate) accepts_errors: bool,
}

/// What must be true.
pub(crate) enum Criterion {
    Statement(LitStr),
    /// Where `moderate` stands.
    Moderation(Span),
}

#[derive(FromMeta)]
struct LlmOptions {
    model: Option<SpannedValue<String>>,
    allow_override: Flag,
    each: Flag,
    on_error: Option<OnError>,
}

#[derive(FromMeta)]
struct ModerationOptions {
    model: Option<SpannedValue<String>>,
    each: Flag,
    on_error: Option<OnError>,
}

/// `reject` or `accept`
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnError {
    Reject,
    Accept,
}

impl FromMeta for OnError {
    fn from_expr(expr: &Expr) -> Result<Self> {
        let name = match expr {
            Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
            _ => None,
        };
        match name.as_deref() {
            Some("reject") => Ok(OnError::Reject),
            Some("accept") => Ok(OnError::Accept),
            Some(name) => {
                Err(unknown("way out of an error", name, &["reject", "accept"]).with_span(expr))
            }
            None => Err(
                Error::custom("write `on_error = reject` or `on_error = accept`").with_span(expr),
            ),
        }
    }
}

/// All `#[llm_validate(...)]` and `#[moderate]` of a field or a type.
pub(crate) fn llm_rules(
    attributes: &[Attribute],
    errors: &mut Accumulator,
) -> Vec<SpannedValue<LlmRule>> {
    let mut rules = Vec::new();
    for (name, read) in [
        (
            "llm_validate",
            statement as fn(&Attribute) -> Result<LlmRule>,
        ),
        ("moderate", moderation),
    ] {
        for attribute in named(attributes, name) {
            let rule = read(attribute).map_err(|error| error.with_span(attribute.path()));
            if let Some(rule) = errors.handle(rule) {
                rules.push(SpannedValue::new(rule, attribute.span()));
            }
        }
    }
    rules
}

fn statement(attribute: &Attribute) -> Result<LlmRule> {
    let items = items(attribute)?;
    let [NestedMeta::Lit(Lit::Str(statement)), options @ ..] = items.as_slice() else {
        return Err(Error::custom(
            "say first what must be true of the value: `#[llm_validate(\"concise and engaging\")]`",
        ));
    };
    let options = LlmOptions::from_list(options)?;
    Ok(LlmRule {
        criterion: Criterion::Statement(statement.clone()),
        model: options.model,
        allow_override: options.allow_override.is_present(),
        each: options.each.is_present().then(|| options.each.span()),
        accepts_errors: options.on_error == Some(OnError::Accept),
    })
}

fn moderation(attribute: &Attribute) -> Result<LlmRule> {
    let options = ModerationOptions::from_list(&items(attribute)?)?;
    Ok(LlmRule {
        criterion: Criterion::Moderation(attribute.path().span()),
        model: options.model,
        allow_override: false,
        each: options.each.is_present().then(|| options.each.span()),
        accepts_errors: options.on_error == Some(OnError::Accept),
    })
}
