//! Turns a type as written into a type that is right, or says everything that is wrong with it.

mod rule;

use std::collections::HashMap;

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};

use crate::case::Case;
use crate::model::{Body, Field, Model, Variant};
use crate::serde_attr::{ContainerNames, Renamed};
use crate::written;

/// What providers accept as the name of a tool.
const NAME_LENGTH: usize = 64;

/// Checks a type. What is returned is used only if there are no errors.
pub(crate) fn check(written: written::Type, errors: &mut Accumulator) -> Model {
    let ident = &written.ident;
    let name = type_name(ident, written.serde.rename.as_ref(), errors);
    let body = match written.body {
        written::Body::Struct(fields) => {
            Body::Struct(check_fields(ident, fields, &written.serde, errors))
        }
        written::Body::Enum(variants) => {
            Body::Enum(check_variants(ident, variants, &written.serde, errors))
        }
    };
    Model {
        ident: written.ident.clone(),
        name,
        description: written.description,
        body,
    }
}

fn type_name(ident: &Ident, rename: Option<&Renamed>, errors: &mut Accumulator) -> String {
    let (name, span) = match rename {
        Some(rename) => (rename.to_string(), rename.span()),
        None => (ident.unraw().to_string(), ident.span()),
    };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || name.len() > NAME_LENGTH || !name.bytes().all(legal) {
        errors.push(
            Error::custom(format!(
                "`{name}` cannot be the name of a tool: providers accept 1 to {NAME_LENGTH} of the characters `a-z`, `A-Z`, `0-9`, `_` and `-`. Choose one with `#[serde(rename = \"...\")]`"
            ))
            .with_span(&span),
        );
    }
    name
}

fn check_fields(
    owner: &Ident,
    written: Vec<written::Field>,
    container: &ContainerNames,
    errors: &mut Accumulator,
) -> Vec<Field> {
    let mut names = Names::new("field");
    let mut fields = Vec::new();
    for field in written {
        if field.serde.skipped {
            refuse_rules_of_skipped(&field, errors);
            continue;
        }
        let span = field.name_span();
        let name = json_name(&field.ident, field.serde.rename, container, Case::field);
        names.add(&name, &field.ident, span, errors);
        fields.push(Field {
            ty: with_self_written_out(field.ty, owner),
            name,
            description: field.description,
            has_default: field.serde.has_default || container.has_default,
            rules: rule::check_rules(field.rules, errors),
            llm_rules: rule::check_llm_rules(field.llm_rules, errors),
            ident: field.ident,
        });
    }
    fields
}

fn check_variants(
    owner: &Ident,
    written: Vec<written::Variant>,
    container: &ContainerNames,
    errors: &mut Accumulator,
) -> Vec<Variant> {
    let mut names = Names::new("variant");
    let mut variants = Vec::new();
    for variant in written {
        if variant.serde.skipped {
            continue;
        }
        let span = variant.name_span();
        let name = json_name(
            &variant.ident,
            variant.serde.rename,
            container,
            Case::variant,
        );
        names.add(&name, &variant.ident, span, errors);
        variants.push(Variant {
            name,
            description: variant.description,
        });
    }
    if variants.is_empty() {
        errors.push(
            Error::custom(
                "an enum without variants has no value: add one that the model can choose",
            )
            .with_span(owner),
        );
    }
    variants
}

/// The name serde reads: that of `rename`, else that of `rename_all`, else the Rust name.
fn json_name(
    ident: &Ident,
    rename: Option<Renamed>,
    container: &ContainerNames,
    apply: impl FnOnce(Case, &str) -> String,
) -> String {
    let name = ident.unraw().to_string();
    match (rename, container.rename_all) {
        (Some(rename), _) => rename.into_inner(),
        (None, Some(case)) => apply(case, &name),
        (None, None) => name,
    }
}

/// The JSON names met so far, each with its Rust name.
struct Names {
    what: &'static str,
    seen: HashMap<String, String>,
}

impl Names {
    fn new(what: &'static str) -> Self {
        Names {
            what,
            seen: HashMap::new(),
        }
    }

    fn add(&mut self, name: &str, ident: &Ident, span: Span, errors: &mut Accumulator) {
        if let Some(first) = self.seen.insert(name.to_owned(), ident.unraw().to_string()) {
            let what = self.what;
            errors.push(
                Error::custom(format!(
                    "this {what} is called `{name}` in JSON, as is the {what} `{first}`: rename one of them"
                ))
                .with_span(&span),
            );
        }
    }
}

fn refuse_rules_of_skipped(field: &written::Field, errors: &mut Accumulator) {
    let spans = field.rules.iter().map(SpannedValue::span);
    for span in spans.chain(field.llm_rules.iter().map(SpannedValue::span)) {
        errors.push(
            Error::custom(
                "a skipped field is no part of the answer, so there is nothing to check: remove the rule or the `skip`",
            )
            .with_span(&span),
        );
    }
}

/// `Vec<Self>` as `Vec<Tree>`: the generated statics stand where `Self` means nothing.
fn with_self_written_out(mut ty: syn::Type, owner: &Ident) -> syn::Type {
    struct WriteOut<'a>(&'a Ident);

    impl VisitMut for WriteOut<'_> {
        fn visit_ident_mut(&mut self, ident: &mut Ident) {
            if ident == "Self" {
                *ident = Ident::new(&self.0.to_string(), ident.span());
            }
        }
    }

    visit_mut::visit_type_mut(&mut WriteOut(owner), &mut ty);
    ty
}
