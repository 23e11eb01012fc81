//! Reads `#[serde(...)]`.
//!
//! The schema must say what serde accepts. So every attribute is honoured, or known to concern serialising only, or refused.

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use darling::{Error, Result};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, LitStr, Meta};

use crate::attr;
use crate::case::Case;

/// A name that serde is told to use.
pub(crate) type Renamed = SpannedValue<String>;

/// Attributes that change nothing about what is deserialised, or only what the compiler asks of type parameters.
const ACCEPTED: [&str; 8] = [
    "skip_serializing",
    "skip_serializing_if",
    "serialize_with",
    "into",
    "getter",
    "expecting",
    "crate",
    "bound",
];

/// Attributes that the schema cannot follow, and what to do instead.
const REFUSED: [(&str, &str); 4] = [
    (
        "borrow",
        "own the text, with `String` or `Cow<'static, str>`",
    ),
    (
        "field_identifier",
        "remove it: a response model is a value, not the name of a field",
    ),
    (
        "remote",
        "describe the JSON with a type of your own, and name it with `#[response_model(schema_as = ...)]` on the fields that are read with it",
    ),
    (
        "variant_identifier",
        "remove it, since unit variants are strings already",
    ),
];

/// What serde is told about a type.
#[derive(Default)]
pub(crate) struct Container {
    pub(crate) rename: Option<Renamed>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) rename_all_fields: Option<Case>,
    /// Absent keys are taken from `Default`.
    pub(crate) has_default: bool,
    pub(crate) deny_unknown_fields: bool,
    pub(crate) transparent: bool,
    pub(crate) tag: Option<Renamed>,
    pub(crate) content: Option<Renamed>,
    pub(crate) untagged: bool,
    /// The type of `from` or `try_from`.
    pub(crate) from: Option<syn::Type>,
}

/// What serde is told about a field or a variant.
#[derive(Default)]
pub(crate) struct Member {
    pub(crate) rename: Option<Renamed>,
    pub(crate) aliases: Vec<Renamed>,
    /// Of the fields of a variant.
    pub(crate) rename_all: Option<Case>,
    /// An absent key has a value.
    pub(crate) has_default: bool,
    /// Not part of the JSON.
    pub(crate) skipped: bool,
    pub(crate) flatten: bool,
    pub(crate) untagged: bool,
    /// Taken for every name that serde does not know.
    pub(crate) other: bool,
    /// Where a function is named that reads the value.
    pub(crate) function: Option<(String, Span)>,
}

impl Container {
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut container = Container::default();
        for meta in metas(attributes, errors) {
            match name(&meta).as_str() {
                "rename" => container.rename = errors.handle(deserialized_name(&meta)).flatten(),
                "rename_all" => container.rename_all = case(&meta),
                "rename_all_fields" => container.rename_all_fields = case(&meta),
                "default" => container.has_default = true,
                "deny_unknown_fields" => container.deny_unknown_fields = true,
                "transparent" => container.transparent = true,
                "untagged" => container.untagged = true,
                "tag" => container.tag = errors.handle(deserialized_name(&meta)).flatten(),
                "content" => container.content = errors.handle(deserialized_name(&meta)).flatten(),
                "from" | "try_from" => {
                    let text = errors.handle(deserialized_name(&meta)).flatten();
                    // Anything but a type is an error of serde's own derive.
                    container.from =
                        text.and_then(|text| LitStr::new(&text, text.span()).parse().ok());
                }
                other => refuse(other, &meta, errors),
            }
        }
        container
    }
}

impl Member {
    pub(crate) fn read_field(attributes: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut field = Member::default();
        for meta in metas(attributes, errors) {
            match name(&meta).as_str() {
                "default" => field.has_default = true,
                "flatten" => field.flatten = true,
                function @ ("with" | "deserialize_with") => {
                    field.function = Some((function.to_owned(), meta.span()));
                }
                other => field.read(other, &meta, errors),
            }
        }
        field
    }

    pub(crate) fn read_variant(attributes: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut variant = Member::default();
        for meta in metas(attributes, errors) {
            match name(&meta).as_str() {
                "rename_all" => variant.rename_all = case(&meta),
                "untagged" => variant.untagged = true,
                "other" => variant.other = true,
                function @ ("with" | "deserialize_with") => errors.push(
                    Error::custom(format!(
                        "`#[serde({function})]` on a variant cannot be said in a schema: put it on a field of the variant, with `#[response_model(schema_as = ...)]`"
                    ))
                    .with_span(&meta.path().span()),
                ),
                other => variant.read(other, &meta, errors),
            }
        }
        variant
    }

    fn read(&mut self, name: &str, meta: &Meta, errors: &mut Accumulator) {
        match name {
            "rename" => self.rename = errors.handle(deserialized_name(meta)).flatten(),
            "alias" => {
                self.aliases
                    .extend(errors.handle(deserialized_name(meta)).flatten());
            }
            "skip" | "skip_deserializing" => self.skipped = true,
            other => refuse(other, meta, errors),
        }
    }
}

fn metas(attributes: &[Attribute], errors: &mut Accumulator) -> Vec<Meta> {
    let mut metas = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("serde") {
            let items = errors.handle(attr::items(attribute)).unwrap_or_default();
            // Anything but a meta is an error of serde's own derive.
            metas.extend(items.into_iter().filter_map(|item| match item {
                NestedMeta::Meta(meta) => Some(meta),
                _ => None,
            }));
        }
    }
    metas
}

fn name(meta: &Meta) -> String {
    meta.path()
        .get_ident()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// The case in `rename_all = "case"`. One that serde does not know is its own error.
fn case(meta: &Meta) -> Option<Case> {
    let name = deserialized_name(meta).ok().flatten()?;
    Case::from_name(&name)
}

/// The name in `rename = "name"` or `rename(deserialize = "name")`; `None` if it concerns serialising only.
fn deserialized_name(meta: &Meta) -> Result<Option<Renamed>> {
    match meta {
        Meta::NameValue(meta) => text(&meta.value).map(Some),
        Meta::List(list) => {
            for item in NestedMeta::parse_meta_list(list.tokens.clone())? {
                if let NestedMeta::Meta(Meta::NameValue(meta)) = item
                    && meta.path.is_ident("deserialize")
                {
                    return text(&meta.value).map(Some);
                }
            }
            Ok(None)
        }
        Meta::Path(_) => Ok(None), // An error of serde's own derive.
    }
}

fn text(value: &Expr) -> Result<Renamed> {
    match value {
        Expr::Lit(expr) => match &expr.lit {
            Lit::Str(text) => Ok(SpannedValue::new(text.value(), text.span())),
            _ => Err(Error::custom("a name is a string literal").with_span(value)),
        },
        Expr::Group(group) => text(&group.expr),
        _ => Err(Error::custom("a name is a string literal").with_span(value)),
    }
}

fn refuse(name: &str, meta: &Meta, errors: &mut Accumulator) {
    if ACCEPTED.contains(&name) {
        return;
    }
    let advice = REFUSED
        .iter()
        .find(|(refused, _)| *refused == name)
        .map(|(_, advice)| *advice);
    let message = match advice {
        Some(advice) => format!("`#[serde({name})]` cannot be said in a schema: {advice}"),
        None => format!(
            "`#[serde({name})]` is not known here, so it may change the JSON in a way the schema does not say: remove it"
        ),
    };
    errors.push(Error::custom(message).with_span(&meta.path().span()));
}
