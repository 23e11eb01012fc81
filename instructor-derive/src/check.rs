//! Turns a type as written into a type that is right, or says everything that is wrong with it.

mod field;
mod llm_rule;
mod names;
mod rule;
mod tools;

use darling::Error;
use darling::error::Accumulator;
use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;

use self::field::Fields;
use self::names::Names;
use crate::case::Case;
use crate::model::{Body, Model, Payload, Tagging, Variant};
use crate::serde_attr::{Container, Renamed};
use crate::written::{self, Style};

/// What providers accept as the name of a tool.
const NAME_LENGTH: usize = 64;

/// Checks a type. What is returned is used only if there are no errors.
pub(crate) fn check(written: written::Type, errors: &mut Accumulator) -> Model {
    let name = type_name(&written.ident, written.serde.rename.as_ref(), errors);
    let documented = written.options.require_descriptions;
    if documented && written.description.is_empty() {
        errors.push(undescribed("the type").with_span(&written.ident));
    }
    let fields = Fields {
        owner: &written.ident,
        generics: &written.generics,
        documented,
    };
    let serde = &written.serde;
    let has_tools = written.options.tools.is_some();
    if let Some(span) = written.options.tools {
        tools::check(&written, span, errors);
    }
    let body = match (serde.from.clone(), written.body) {
        (Some(ty), _) => Body::Converted(Box::new(ty)),
        (None, written::Body::Struct(parts)) => structure(&fields, parts, serde, errors),
        (None, written::Body::Enum(variants)) => Body::Enum {
            variants: check_variants(&fields, variants, serde, has_tools, errors),
            tagging: tagging(serde),
            closed: serde.deny_unknown_fields,
        },
    };
    let llm_rules = llm_rule::check_llm_rules(written.llm_rules, errors);
    llm_rule::refuse_each(&llm_rules, errors);
    let custom = (written.options.custom.into_iter())
        .map(|custom| rule::check_custom(custom, &written.ident))
        .collect();
    Model {
        custom,
        name,
        description: written.description,
        dialects: written.options.dialects,
        llm_rules,
        context: written.options.context,
        tools: written.options.tools,
        body,
        ident: written.ident,
        generics: written.generics,
    }
}

/// The error for a part without a doc comment.
fn undescribed(what: &str) -> Error {
    Error::custom(format!(
        "`require_descriptions` asks for a doc comment here: say in a sentence what {what} means"
    ))
}

fn type_name(ident: &Ident, rename: Option<&Renamed>, errors: &mut Accumulator) -> String {
    let (name, span) = match rename {
        Some(rename) => (rename.to_string(), rename.span()),
        None => (ident.unraw().to_string(), ident.span()),
    };
    tool_name(&name, span, errors);
    name
}

/// Refuses a name that no tool can have.
fn tool_name(name: &str, span: Span, errors: &mut Accumulator) {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > NAME_LENGTH || !name.bytes().all(legal) {
        errors.push(
            Error::custom(format!(
                "`{name}` cannot be the name of a tool: providers accept 1 to {NAME_LENGTH} of the characters `a-z`, `A-Z`, `0-9`, `_` and `-`. Choose one with `#[serde(rename = \"...\")]`"
            ))
            .with_span(&span),
        );
    }
}

fn structure(
    fields: &Fields<'_>,
    parts: written::Parts,
    serde: &Container,
    errors: &mut Accumulator,
) -> Body {
    let (style, count) = (parts.style, parts.fields.len());
    let mut checked = fields.check(parts, serde.rename_all, serde.has_default, errors);
    // What serde says of `transparent` with several fields is its own error.
    let newtype = serde.transparent || (style == Style::Unnamed && count == 1);
    if newtype
        && checked.len() == 1
        && let Some(field) = checked.pop()
    {
        return Body::Newtype {
            field: Box::new(field),
            transparent: serde.transparent,
        };
    }
    match style {
        Style::Named => Body::Object {
            fields: checked,
            closed: serde.deny_unknown_fields,
        },
        Style::Unnamed | Style::Unit => Body::Tuple(checked),
    }
}

fn tagging(serde: &Container) -> Tagging {
    match (&serde.tag, &serde.content, serde.untagged) {
        (_, _, true) => Tagging::Untagged,
        (Some(tag), Some(content), _) => Tagging::Adjacent {
            tag: tag.to_string(),
            content: content.to_string(),
        },
        (Some(tag), None, _) => Tagging::Internal {
            tag: tag.to_string(),
        },
        (None, ..) => Tagging::External,
    }
}

fn check_variants(
    fields: &Fields<'_>,
    written: Vec<written::Variant>,
    container: &Container,
    has_tools: bool,
    errors: &mut Accumulator,
) -> Vec<Variant> {
    let mut names = Names::new("variant");
    let mut variants = Vec::new();
    for variant in written {
        if variant.serde.skipped {
            continue;
        }
        if fields.documented && variant.description.is_empty() {
            errors.push(undescribed("the variant").with_span(&variant.ident));
        }
        let span = variant.name_span();
        let rust_name = variant.ident.unraw().to_string();
        let name = match (&variant.serde.rename, container.rename_all) {
            (Some(rename), _) => rename.to_string(),
            (None, Some(case)) => case.variant(&rust_name),
            (None, None) => rust_name.clone(),
        };
        if has_tools {
            tool_name(&name, span, errors);
        }
        let has_name = !container.untagged && !variant.serde.untagged;
        if has_name {
            names.add(&name, &rust_name, span, errors);
            names.add_aliases(&variant.serde.aliases, &rust_name, errors);
        }
        let case = variant.serde.rename_all.or(container.rename_all_fields);
        variants.push(Variant {
            payload: payload(fields, variant.parts, case, errors),
            ident: variant.ident,
            name,
            aliases: names::texts(variant.serde.aliases),
            description: variant.description,
            is_untagged: variant.serde.untagged,
            is_other: variant.serde.other,
        });
    }
    if variants.is_empty() {
        errors.push(
            Error::custom(
                "an enum without variants has no value: add one that the model can choose",
            )
            .with_span(fields.owner),
        );
    }
    variants
}

fn payload(
    fields: &Fields<'_>,
    parts: written::Parts,
    case: Option<Case>,
    errors: &mut Accumulator,
) -> Payload {
    let (style, count) = (parts.style, parts.fields.len());
    let mut checked = fields.check(parts, case, false, errors);
    match style {
        Style::Unit => Payload::Unit,
        Style::Named => Payload::Object(checked),
        Style::Unnamed => match (count, checked.pop()) {
            (1, Some(field)) => Payload::Newtype(Box::new(field)),
            (_, last) => {
                checked.extend(last);
                Payload::Tuple(checked)
            }
        },
    }
}
