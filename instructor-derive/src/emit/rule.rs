//! Writes rules: as the schema has them, and as calls that check a typed value.

mod items;

use darling::util::SpannedValue;
use proc_macro2::{Group, Literal as Number, Span, TokenStream, TokenTree};
use quote::quote;

pub(super) use self::items::{RuleItems, is_option};
use super::literal::literal;
use super::option;
use crate::attr::Ip;
use crate::model::{Bound, Choices, Field, Rule};

/// The rules of a field as the schema has them, a slice. What a function of the user's finds in a value that another function
/// reads, no JSON can tell.
pub(super) fn expressions(
    field: &Field,
    items: &RuleItems<'_>,
    private: &TokenStream,
) -> TokenStream {
    let told =
        |rule: &&SpannedValue<Rule>| !(field.is_converted && matches!(***rule, Rule::Custom(_)));
    slice(field.rules.iter().filter(told), items, private)
}

fn slice<'a>(
    rules: impl Iterator<Item = &'a SpannedValue<Rule>>,
    items: &RuleItems<'_>,
    private: &TokenStream,
) -> TokenStream {
    let inner = |rules: &[SpannedValue<Rule>]| slice(rules.iter(), items, private);
    let rules = rules.map(|rule| match &**rule {
        Rule::Length { min, max } => {
            let (min, max) = (option(*min), option(*max));
            quote!(#private::Rule::Length { min: #min, max: #max })
        }
        Rule::Range {
            min,
            max,
            above,
            below,
        } => {
            let [min, max, above, below] =
                [min, max, above, below].map(|bound| range_bound(*bound, private));
            quote! {
                #private::Rule::Range { min: #min, max: #max, above: #above, below: #below }
            }
        }
        Rule::Pattern { source, .. } => {
            let source = literal(source, private);
            let compiled = items.name(rule);
            quote!(#private::Rule::Pattern { source: #source, compiled: &#compiled })
        }
        Rule::Email => quote!(#private::Rule::Email),
        Rule::Url => quote!(#private::Rule::Url),
        Rule::Contains(part) => {
            let part = literal(part, private);
            quote!(#private::Rule::Contains(#part))
        }
        Rule::DoesNotContain(part) => {
            let part = literal(part, private);
            quote!(#private::Rule::DoesNotContain(#part))
        }
        Rule::StartsWith(prefix) => {
            let prefix = literal(prefix, private);
            quote!(#private::Rule::StartsWith(#prefix))
        }
        Rule::EndsWith(suffix) => {
            let suffix = literal(suffix, private);
            quote!(#private::Rule::EndsWith(#suffix))
        }
        Rule::Uuid => quote!(#private::Rule::Uuid),
        Rule::Ip(version) => {
            let version = ip_version(*version, private);
            quote!(#private::Rule::Ip(#version))
        }
        Rule::OneOf(Choices::Texts(texts)) => {
            let texts = texts.iter().map(|text| literal(text, private));
            quote!(#private::Rule::OneOf(#private::Choices::Texts(&[#(#texts),*])))
        }
        Rule::OneOf(Choices::Integers(integers)) => {
            let integers = integers.iter().map(|value| Number::i128_unsuffixed(*value));
            quote!(#private::Rule::OneOf(#private::Choices::Integers(&[#(#integers),*])))
        }
        Rule::MultipleOf(factor) => {
            let factor = bound(*factor, private);
            quote!(#private::Rule::MultipleOf(#factor))
        }
        Rule::UniqueItems => quote!(#private::Rule::UniqueItems),
        Rule::Each(rules) => {
            let rules = inner(rules);
            quote!(#private::Rule::Each(#rules))
        }
        Rule::Keys(rules) => {
            let rules = inner(rules);
            quote!(#private::Rule::Keys(#rules))
        }
        Rule::Values(rules) => {
            let rules = inner(rules);
            quote!(#private::Rule::Values(#rules))
        }
        Rule::Custom(_) => {
            let function = items.custom(rule);
            quote! {
                #private::Rule::Custom(|json, context| {
                    #private::rule::custom::of_json(json, context, #function)
                })
            }
        }
    });
    quote!(&[#(#rules),*])
}

/// The checks of `value`, a reference. In each it stands where the rule does, so that "has no length" points there.
pub(super) fn checks<'a>(
    rules: impl Iterator<Item = &'a SpannedValue<Rule>>,
    value: &TokenStream,
    items: &RuleItems<'_>,
    private: &TokenStream,
) -> TokenStream {
    let inner = |rules: &[SpannedValue<Rule>]| {
        let item = quote!(item);
        checks(rules.iter(), &item, items, private)
    };
    let rules = rules.map(|rule| {
 let value = placed(value.clone(), rule.span().resolved_at(Span::call_site()));
 match &**rule {
        Rule::Length { min, max } => {
            let (min, max) = (option(*min), option(*max));
            quote!(#private::rule::length::check(#value, #min, #max, path, checks);)
        }
        Rule::Range {
            min,
            max,
            above,
            below,
        } => {
            let [min, max, above, below] =
                [min, max, above, below].map(|bound| range_bound(*bound, private));
            quote! {
                #private::rule::range::check(#value, #min, #max, #above, #below, path, checks);
            }
        }
        Rule::Pattern { .. } => {
            let pattern = items.name(rule);
            quote!(#private::rule::pattern::check(#value, &#pattern, path, checks);)
        }
        Rule::Email => quote!(#private::rule::email::check(#value, path, checks);),
        Rule::Url => quote!(#private::rule::url::check(#value, path, checks);),
        Rule::Contains(part) => {
            quote!(#private::rule::contains::check(#value, #part, path, checks);)
        }
        Rule::DoesNotContain(part) => {
            quote!(#private::rule::does_not_contain::check(#value, #part, path, checks);)
        }
        Rule::StartsWith(prefix) => {
            quote!(#private::rule::starts_with::check(#value, #prefix, path, checks);)
        }
        Rule::EndsWith(suffix) => {
            quote!(#private::rule::ends_with::check(#value, #suffix, path, checks);)
        }
        Rule::Uuid => quote!(#private::rule::uuid::check(#value, path, checks);),
        Rule::Ip(version) => {
            let version = ip_version(*version, private);
            quote!(#private::rule::ip::check(#value, #version, path, checks);)
        }
        Rule::OneOf(Choices::Texts(texts)) => {
            quote!(#private::rule::one_of::check_text(#value, &[#(#texts),*], path, checks);)
        }
        Rule::OneOf(Choices::Integers(integers)) => {
            let integers = integers.iter().map(|value| Number::i128_unsuffixed(*value));
            quote!(#private::rule::one_of::check_number(#value, &[#(#integers),*], path, checks);)
        }
        Rule::MultipleOf(factor) => {
            let factor = bound(*factor, private);
            quote!(#private::rule::multiple_of::check(#value, #factor, path, checks);)
        }
        Rule::UniqueItems => quote!(#private::rule::unique_items::check(#value, path, checks);),
        Rule::Each(rules) => {
            let rules = inner(rules);
            quote! {
                #private::rule::each::check(#value, path, checks, |item, path, checks| { #rules });
            }
        }
        Rule::Keys(rules) => {
            let rules = inner(rules);
            quote! {
                #private::rule::entries::check_keys(#value, path, checks, |item, path, checks| {
                    #rules
                });
            }
        }
        Rule::Values(rules) => {
            let rules = inner(rules);
            quote! {
                #private::rule::entries::check_values(#value, path, checks, |item, path, checks| {
                    #rules
                });
            }
        }
        Rule::Custom(_) => {
            let function = items.custom(rule);
            quote! {
                #private::rule::custom::check(#function(#value, checks.context()), path, checks);
            }
        }
    }});
    quote!(#(#rules)*)
}

pub(super) fn placed(tokens: TokenStream, span: Span) -> TokenStream {
    let place = |mut token: TokenTree| {
        if let TokenTree::Group(group) = &token {
            token = Group::new(group.delimiter(), placed(group.stream(), span)).into();
        }
        token.set_span(span);
        token
    };
    tokens.into_iter().map(place).collect()
}

/// An optional bound of a range.
fn range_bound(written: Option<Bound>, private: &TokenStream) -> TokenStream {
    option(written.map(|written| bound(written, private)))
}

fn bound(bound: Bound, private: &TokenStream) -> TokenStream {
    match bound {
        Bound::Integer(value) => {
            let value = Number::i128_unsuffixed(value);
            quote!(#private::Bound::Integer(#value))
        }
        Bound::Decimal(value) => {
            // Rust writes a finite `f64` in the grammar of JSON, and so that it reads back as the same.
            let text = format!("{value:?}");
            quote!(#private::Bound::Decimal(#value, #text))
        }
    }
}

fn ip_version(version: Ip, private: &TokenStream) -> TokenStream {
    match version {
        Ip::Any => quote!(#private::IpVersion::Any),
        Ip::V4 => quote!(#private::IpVersion::V4),
        Ip::V6 => quote!(#private::IpVersion::V6),
    }
}
