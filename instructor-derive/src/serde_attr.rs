//! Reads `#[serde(...)]`.
//!
//! The schema must say what serde accepts. So every attribute is honoured, or known to concern serialising only, or refused.

use darling::ast::NestedMeta;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use darling::{Error, Result};
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, LitStr, Meta};

use crate::attr;
use crate::case::Case;

/// A name that serde is told to use.
pub(crate) type Renamed = SpannedValue<String>;

/// Attributes that change nothing about what is deserialised (`content` only beside `tag`, which is refused).
const ACCEPTED: [&str; 8] = [
    "content",
    "skip_serializing",
    "skip_serializing_if",
    "serialize_with",
    "into",
    "getter",
    "expecting",
    "crate",
];

/// Attributes that change the JSON in a way the schema cannot say yet, and what to do instead.
const REFUSED: [(&str, &str); 16] = [
    (
        "alias",
        "choose one name, with `#[serde(rename = \"...\")]`",
    ),
    ("borrow", "own the text, with `String`"),
    (
        "bound",
        "remove it, since a response model has no type parameters",
    ),
    (
        "deny_unknown_fields",
        "remove it, and keys that the type does not have are ignored",
    ),
    (
        "deserialize_with",
        "give the field a type of its own that derives `ResponseModel`",
    ),
    (
        "flatten",
        "write the fields out, or keep them in a field of their own",
    ),
    (
        "from",
        "derive `ResponseModel` on the type it converts from, and convert the answer afterwards",
    ),
    (
        "other",
        "add a variant, such as `Unknown`, that the model can choose",
    ),
    (
        "remote",
        "derive on a type of your own and convert it afterwards",
    ),
    (
        "rename_all_fields",
        "remove it, since variants have no fields",
    ),
    (
        "tag",
        "use unit variants, or a struct with one `Option` field for each variant",
    ),
    ("transparent", "use the inner type itself"),
    (
        "try_from",
        "derive `ResponseModel` on the type it converts from, and convert the answer afterwards",
    ),
    (
        "untagged",
        "use unit variants, or a struct with one `Option` field for each variant",
    ),
    (
        "variant_identifier",
        "remove it, since unit variants are strings",
    ),
    (
        "with",
        "give the field a type of its own that derives `ResponseModel`",
    ),
];

/// What serde is told about a type.
#[derive(Default)]
pub(crate) struct ContainerNames {
    pub(crate) rename: Option<Renamed>,
    pub(crate) rename_all: Option<Case>,
    /// Absent keys are taken from `Default`.
    pub(crate) has_default: bool,
}

/// What serde is told about a field or a variant.
#[derive(Default)]
pub(crate) struct Member {
    pub(crate) rename: Option<Renamed>,
    /// An absent key has a value.
    pub(crate) has_default: bool,
    /// Not part of the JSON.
    pub(crate) skipped: bool,
}

impl ContainerNames {
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut container = ContainerNames::default();
        for meta in metas(attributes, errors) {
            match name(&meta).as_str() {
                "rename" => container.rename = errors.handle(deserialized_name(&meta)).flatten(),
                "rename_all" => {
                    let case = deserialized_name(&meta).ok().flatten();
                    container.rename_all = case.and_then(|name| Case::from_name(&name));
                }
                "default" => container.has_default = true,
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
                other => field.read(other, &meta, errors),
            }
        }
        field
    }

    pub(crate) fn read_variant(attributes: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut variant = Member::default();
        for meta in metas(attributes, errors) {
            variant.read(&name(&meta), &meta, errors);
        }
        variant
    }

    fn read(&mut self, name: &str, meta: &Meta, errors: &mut Accumulator) {
        match name {
            "rename" => self.rename = errors.handle(deserialized_name(meta)).flatten(),
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
            Lit::Str(text) => Ok(spanned(text)),
            _ => Err(Error::custom("a name is a string literal").with_span(value)),
        },
        Expr::Group(group) => text(&group.expr),
        _ => Err(Error::custom("a name is a string literal").with_span(value)),
    }
}

fn spanned(text: &LitStr) -> Renamed {
    SpannedValue::new(text.value(), text.span())
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
        Some(advice) => format!("`#[serde({name})]` cannot be said in a schema yet: {advice}"),
        None => format!(
            "`#[serde({name})]` is not known here, so it may change the JSON in a way the schema does not say: remove it"
        ),
    };
    errors.push(Error::custom(message).with_span(&meta.path().span()));
}
