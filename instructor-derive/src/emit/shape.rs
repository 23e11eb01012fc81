//! Writes the checks of what the derive cannot see, since it knows types only by their spelling. Each is an expression that
//! panics while the crate is compiled, and stands at the token to edit.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, Type};

use crate::attr::Example;
use crate::model::{Body, Criterion, Field, LlmRule, Model, Payload, Rule, Tagging};

/// Types whose arguments ask nothing of a provider.
const CONTAINERS: [&str; 12] = [
    "Option",
    "Vec",
    "Box",
    "Rc",
    "Arc",
    "Cow",
    "HashMap",
    "BTreeMap",
    "HashSet",
    "BTreeSet",
    "VecDeque",
    "PhantomData",
];

/// The checks of a type; `named` is the expression of its description.
pub(super) fn checks(
    model: &Model,
    named: &TokenStream,
    private: &TokenStream,
) -> Vec<TokenStream> {
    let mut checks = Vec::new();
    if !model.dialects.is_empty() {
        let check = quote!(#private::shape::within_limits_of_type(#named));
        checks.push(at(&model.ident, check));
    }
    for rule in model.all_llm_rules() {
        checks.extend(template(rule, private));
    }
    if let Some(span) = model.tools {
        let check = quote!(#private::shape::tools(#named));
        checks.push(stretched(check, span, span));
    }
    for (list, fields) in model.body.lists().into_iter().enumerate() {
        for (index, field) in fields.iter().enumerate() {
            let ty = &field.schema_type;
            if !model.dialects.is_empty() {
                let check = quote!(#private::shape::within_limits(#named, #list, #index));
                checks.push(at(ty, check));
            }
            if field.is_flattened {
                let check = quote!(#private::shape::flattened(#named, #list, #index));
                checks.push(at(ty, check));
            }
            checks.extend(field_checks(model, list, index, field, named, private));
        }
    }
    if let Body::Enum {
        variants, tagging, ..
    } = &model.body
    {
        for (list, variant) in variants.iter().enumerate() {
            let is_buffered = !matches!(tagging, Tagging::External) || variant.is_untagged;
            let fields = variant.payload.fields();
            for (index, field) in fields.iter().enumerate().filter(|_| is_buffered) {
                let check = quote!(#private::shape::buffered(#named, #list, #index));
                checks.push(at(&field.schema_type, check));
            }
            if let (Tagging::Internal { .. }, Payload::Newtype(field), false) =
                (tagging, &variant.payload, variant.is_untagged)
            {
                let check = quote!(#private::shape::internally_tagged(#named, #list));
                checks.push(at(&field.schema_type, check));
            }
        }
    }
    checks
}

/// A call that stands where `place` does, so that the compiler points there when it panics.
fn at(place: &impl ToTokens, call: TokenStream) -> TokenStream {
    let mut tokens = place.to_token_stream().into_iter();
    let first = tokens
        .next()
        .map_or_else(|| place.span(), |token| token.span());
    let last = tokens.last().map_or(first, |token| token.span());
    stretched(call, first, last)
}

/// A call from `first`, its arguments at `last`. The names in it mean what they do where the derive stands.
fn stretched(call: TokenStream, first: Span, last: Span) -> TokenStream {
    let (first, last) = (
        first.resolved_at(Span::call_site()),
        last.resolved_at(Span::call_site()),
    );
    let place = |mut token: TokenTree| {
        token.set_span(if matches!(token, TokenTree::Group(_)) {
            last
        } else {
            first
        });
        token
    };
    call.into_iter().map(place).collect()
}

fn field_checks(
    model: &Model,
    list: usize,
    index: usize,
    field: &Field,
    named: &TokenStream,
    private: &TokenStream,
) -> Vec<TokenStream> {
    let mut checks = Vec::new();
    // A generic type may ask for providers itself, and only here are its arguments known.
    if model.generics.params.is_empty() && may_be_generic_model(&field.schema_type) {
        let ty = &field.schema_type;
        let check = quote!(#private::shape::used(<#ty as #private::ResponseModel>::NODE));
        checks.push(at(ty, check));
    }
    for rule in &field.rules {
        if let Rule::Length { .. } = **rule {
            let span = rule.span();
            let check = quote!(#private::shape::length(#named, #list, #index));
            checks.push(stretched(check, span, span));
        }
    }
    for rule in &field.llm_rules {
        let is_each = rule.each.is_some();
        if let Some(span) = rule.each {
            let check = quote!(#private::shape::each(#named, #list, #index));
            checks.push(stretched(check, span, span));
        }
        if let Criterion::Moderation(span) = rule.criterion {
            let check = quote!(#private::shape::moderated(#named, #list, #index, #is_each));
            checks.push(stretched(check, span, span));
        }
    }
    for (example, span) in &field.examples {
        let example = self::example(example, private);
        let check = quote!(#private::shape::example(#named, #list, #index, #example));
        checks.push(stretched(check, *span, *span));
    }
    checks
}

/// Variables need a template engine, which only the crate that is compiled against knows to have.
fn template(rule: &LlmRule, private: &TokenStream) -> Option<TokenStream> {
    let Criterion::Template { span, .. } = rule.criterion else {
        return None;
    };
    Some(stretched(quote!(#private::shape::template()), span, span))
}

fn example(example: &Example, private: &TokenStream) -> TokenStream {
    match example {
        Example::Boolean(value) => quote!(#private::Example::Boolean(#value)),
        Example::Integer(value) => {
            let value = proc_macro2::Literal::i128_unsuffixed(*value);
            quote!(#private::Example::Integer(#value))
        }
        Example::Decimal(value) => quote!(#private::Example::Decimal(#value)),
        Example::Text(text) => quote!(#private::Example::Text(#text)),
        Example::List(items) => {
            let items = items.iter().map(|item| self::example(item, private));
            quote!(#private::Example::List(&[#(#items),*]))
        }
    }
}

/// Whether a generic type of the user's is somewhere in the type.
fn may_be_generic_model(ty: &Type) -> bool {
    let Type::Path(path) = ty else {
        return false;
    };
    let Some(last) = path.path.segments.last() else {
        return false;
    };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return false;
    };
    let is_container = CONTAINERS.iter().any(|name| last.ident == name);
    !is_container
        || arguments.args.iter().any(|argument| match argument {
            GenericArgument::Type(ty) => may_be_generic_model(ty),
            _ => false,
        })
}
