//! Reads `#[validate]`, `#[llm_validate]`, `#[moderate]` and `#[response_model]`.

mod field_options;
mod llm_rule;
mod rule;
mod type_options;

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::{Error, Result};
use syn::{Attribute, Meta};

pub(crate) use field_options::{Example, FieldOptions};
pub(crate) use llm_rule::{Criterion, LlmRule, llm_rules};
pub(crate) use rule::{Bound, Choice, Count, Custom, Ip, Length, Range, Rule, rules};
pub(crate) use type_options::{TypeOptions, crate_path};

/// Refuses the rules `names` where there is no field.
pub(crate) fn refuse_rules(
    attributes: &[Attribute],
    names: &[&str],
    place: &str,
    errors: &mut Accumulator,
) {
    for name in names {
        for attribute in named(attributes, name) {
            let message = format!(
                "`{name}` cannot stand on {place}: put it on the field whose value it is about"
            );
            errors.push(Error::custom(message).with_span(attribute.path()));
        }
    }
}

/// Refuses `#[response_model(...)]` where it has no meaning.
pub(crate) fn refuse_response_model(
    attributes: &[Attribute],
    place: &str,
    errors: &mut Accumulator,
) {
    for attribute in named(attributes, "response_model") {
        let message =
            format!("`response_model` cannot stand on {place}: put it on the type or on a field");
        errors.push(Error::custom(message).with_span(attribute.path()));
    }
}

pub(crate) fn named<'a>(
    attributes: &'a [Attribute],
    name: &str,
) -> impl Iterator<Item = &'a Attribute> {
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

/// The one of `names` that `name` was probably meant to be.
pub(crate) fn nearest<'a>(name: &str, names: &[&'a str]) -> Option<&'a str> {
    let likeness = |other: &&str| strsim::jaro_winkler(name, other);
    names
        .iter()
        .copied()
        .filter(|other| likeness(other) > 0.8)
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}

/// Says that there is no `name`, and what there is.
pub(crate) fn unknown(what: &str, name: &str, names: &[&str]) -> Error {
    Error::custom(match nearest(name, names) {
        Some(nearest) => format!("there is no {what} `{name}`: did you mean `{nearest}`?"),
        None => {
            let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            format!("there is no {what} `{name}`: write {}", names.join(", "))
        }
    })
}
