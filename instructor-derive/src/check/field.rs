//! Checks the fields of a struct or of a variant.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use syn::visit_mut::{self, VisitMut};
use syn::{Generics, Ident, Type};

use super::names::{Names, texts};
use super::rule::{self, Rules};
use super::{llm_rule, undescribed};
use crate::case::Case;
use crate::model::Field;
use crate::written::{self, Style};

/// What the fields of one type have in common.
pub(super) struct Fields<'a> {
    pub(super) owner: &'a Ident,
    pub(super) generics: &'a Generics,
    /// Each must have a doc comment.
    pub(super) documented: bool,
}

impl Fields<'_> {
    /// Checks the fields that are part of the JSON.
    pub(super) fn check(
        &self,
        parts: written::Parts,
        case: Option<Case>,
        has_default: bool,
        errors: &mut Accumulator,
    ) -> Vec<Field> {
        let mut names = Names::new("field");
        let mut fields = Vec::new();
        for field in parts.fields {
            if field.serde.skipped {
                refuse_on_skipped(&field, errors);
                continue;
            }
            if parts.style == Style::Named && !field.serde.flatten {
                let rust_name = field.rust_name();
                names.add(
                    &json_name(&field, case),
                    &rust_name,
                    field.name_span(),
                    errors,
                );
                names.add_aliases(&field.serde.aliases, &rust_name, errors);
            }
            let name = match parts.style {
                Style::Named if !field.serde.flatten => json_name(&field, case),
                _ => String::new(),
            };
            let mut field = self.field(field, name, errors);
            field.has_default |= has_default;
            fields.push(field);
        }
        fields
    }

    fn field(&self, field: written::Field, name: String, errors: &mut Accumulator) -> Field {
        if self.documented && field.description.is_empty() {
            errors.push(undescribed("the field").with_span(&field.place_span()));
        }
        if field.serde.flatten {
            refuse_on_flattened(&field, errors);
        }
        if let (Some((function, span)), None) = (&field.serde.function, &field.options.schema_as) {
            errors.push(
                Error::custom(format!(
                    "`#[serde({function})]` is a function, and no schema can say what it reads: add `#[response_model(schema_as = Type)]` with a type that reads the same JSON"
                ))
                .with_span(span),
            );
        }
        let is_converted = field.serde.function.is_some() || field.options.schema_as.is_some();
        let schema_type = field.options.schema_as.unwrap_or_else(|| field.ty.clone());
        let mut written_rules = field.rules;
        written_rules.extend(field.options.rules);
        let Rules {
            rules,
            async_rules,
            before,
        } = rule::check_field_rules(written_rules, is_converted, self.owner, errors);
        for example in &field.options.examples {
            rule::check_example(example, &rules, errors);
        }
        Field {
            schema_type: self.with_self_written_out(schema_type),
            ty: field.ty,
            name,
            aliases: texts(field.serde.aliases),
            description: field.description,
            has_default: field.serde.has_default,
            is_flattened: field.serde.flatten,
            is_converted,
            rules,
            async_rules,
            before,
            llm_rules: llm_rule::check_llm_rules(field.llm_rules, errors),
            examples: field
                .options
                .examples
                .into_iter()
                .map(|example| {
                    let span = example.span();
                    (example.into_inner(), span)
                })
                .collect(),
            place: field.place,
            visibility: field.visibility,
        }
    }

    /// `Vec<Self>` as `Vec<Tree>`: the generated statics stand where `Self` means nothing.
    fn with_self_written_out(&self, mut ty: Type) -> Type {
        struct WriteOut<'a>(&'a Ident, &'a Generics);

        impl VisitMut for WriteOut<'_> {
            fn visit_type_mut(&mut self, ty: &mut Type) {
                if let Type::Path(path) = ty
                    && path.qself.is_none()
                    && path.path.is_ident("Self")
                {
                    let (ident, (_, arguments, _)) = (self.0, self.1.split_for_impl());
                    *ty = syn::parse_quote!(#ident #arguments);
                    return;
                }
                visit_mut::visit_type_mut(self, ty);
            }
        }

        WriteOut(self.owner, self.generics).visit_type_mut(&mut ty);
        ty
    }
}

/// The name serde reads: that of `rename`, else that of `rename_all`, else the Rust name.
fn json_name(field: &written::Field, case: Option<Case>) -> String {
    match (&field.serde.rename, case) {
        (Some(rename), _) => rename.to_string(),
        (None, Some(case)) => case.field(&field.rust_name()),
        (None, None) => field.rust_name(),
    }
}

fn refuse_on_skipped(field: &written::Field, errors: &mut Accumulator) {
    let rules = field.rules.iter().chain(&field.options.rules);
    let spans = rules
        .map(SpannedValue::span)
        .chain(field.llm_rules.iter().map(SpannedValue::span));
    for span in spans {
        errors.push(
            Error::custom(
                "a skipped field is no part of the answer, so there is nothing to check: remove the rule or the `skip`",
            )
            .with_span(&span),
        );
    }
    if let (Some(span), true) = (
        field.options.span,
        field.options.schema_as.is_some() || !field.options.examples.is_empty(),
    ) {
        errors.push(
            Error::custom(
                "a skipped field is no part of the answer, so it has no schema: remove this or the `skip`",
            )
            .with_span(&span),
        );
    }
}

fn refuse_on_flattened(field: &written::Field, errors: &mut Accumulator) {
    let rules = field.rules.iter().chain(&field.options.rules);
    let spans = rules
        .map(SpannedValue::span)
        .chain(field.llm_rules.iter().map(SpannedValue::span));
    for span in spans {
        errors.push(
            Error::custom(
                "a flattened field has no value of its own in the answer: put the rule on a field inside of it",
            )
            .with_span(&span),
        );
    }
    if let (Some(span), true) = (field.options.span, !field.options.examples.is_empty()) {
        errors.push(
            Error::custom(
                "a flattened field has no value of its own in the answer: put the example on a field inside of it",
            )
            .with_span(&span),
        );
    }
}
