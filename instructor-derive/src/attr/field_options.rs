//! `#[response_model(...)]` on a field.

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Lit, Path, Token, Type, parenthesized};

use super::rule::{self, Rule};
use super::{named, unknown};

const OPTIONS: [&str; 3] = ["schema_as", "example", "validate"];

/// What `#[response_model(...)]` says of a field.
#[derive(Default)]
pub(crate) struct FieldOptions {
    /// The type whose schema the field has.
    pub(crate) schema_as: Option<Type>,
    pub(crate) examples: Vec<SpannedValue<Example>>,
    /// `validate(...)`, in the spelling that no other derive reads.
    pub(crate) rules: Vec<SpannedValue<Rule>>,
    /// Where it stands.
    pub(crate) span: Option<Span>,
}

/// A literal of `example = ...`.
#[derive(Debug, Clone)]
pub(crate) enum Example {
    Boolean(bool),
    Integer(i128),
    Decimal(f64),
    Text(String),
    List(Vec<Example>),
}

enum FieldOption {
    SchemaAs(Type),
    Example(Expr),
    Validate(Span, TokenStream),
    Unknown(Path),
}

impl Parse for FieldOption {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path: Path = Path::parse_mod_style(input)?;
        if path.is_ident("schema_as") {
            expect_equals(input, &path, "schema_as = String")?;
            return Ok(FieldOption::SchemaAs(input.parse()?));
        }
        if path.is_ident("example") {
            expect_equals(input, &path, "example = \"text\"")?;
            return Ok(FieldOption::Example(input.parse()?));
        }
        if path.is_ident("validate") && input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            return Ok(FieldOption::Validate(path.span(), content.parse()?));
        }
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<proc_macro2::TokenTree>()?;
        }
        Ok(FieldOption::Unknown(path))
    }
}

fn expect_equals(input: ParseStream<'_>, path: &Path, form: &str) -> syn::Result<()> {
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        return Ok(());
    }
    Err(syn::Error::new(path.span(), format!("write `{form}`")))
}

impl FieldOptions {
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut options = FieldOptions::default();
        for attribute in named(attributes, "response_model") {
            options.span = Some(attribute.path().span());
            let parsed = attribute
                .parse_args_with(Punctuated::<FieldOption, Token![,]>::parse_terminated)
                .map_err(Error::from);
            for option in errors.handle(parsed).into_iter().flatten() {
                options.add(option, errors);
            }
        }
        options
    }

    fn add(&mut self, option: FieldOption, errors: &mut Accumulator) {
        match option {
            FieldOption::SchemaAs(ty) => self.schema_as = Some(ty),
            FieldOption::Example(expr) => {
                let span = expr.span();
                let example = errors.handle(Example::read(&expr));
                self.examples
                    .extend(example.map(|example| SpannedValue::new(example, span)));
            }
            FieldOption::Validate(span, tokens) => {
                self.rules.extend(rule::read_list(span, tokens, errors));
            }
            FieldOption::Unknown(path) => {
                let name = path.segments.last().map(|last| last.ident.to_string());
                let name = name.unwrap_or_default();
                let error = match name.as_str() {
                    "crate" | "providers" | "require_descriptions" | "context" => {
                        Error::custom(format!(
                            "`{name}` is said of a type, not of a field: put it above the struct or enum"
                        ))
                    }
                    _ => unknown("option", &name, &OPTIONS),
                };
                errors.push(error.with_span(&path));
            }
        }
    }
}

impl Example {
    fn read(expr: &Expr) -> Result<Self, Error> {
        if let Expr::Array(array) = expr {
            let items: Result<_, _> = array.elems.iter().map(Example::read).collect();
            return Ok(Example::List(items?));
        }
        let number = || Error::custom("this number does not fit").with_span(expr);
        match rule::literal(expr) {
            Some((Lit::Str(text), false)) => Ok(Example::Text(text.value())),
            Some((Lit::Char(letter), false)) => Ok(Example::Text(letter.value().to_string())),
            Some((Lit::Bool(value), false)) => Ok(Example::Boolean(value.value)),
            Some((Lit::Int(value), negative)) => {
                let value: i128 = value.base10_parse().map_err(|_| number())?;
                Ok(Example::Integer(if negative { -value } else { value }))
            }
            Some((Lit::Float(value), negative)) => {
                let value: f64 = value.base10_parse().map_err(|_| number())?;
                if !value.is_finite() {
                    return Err(number());
                }
                Ok(Example::Decimal(if negative { -value } else { value }))
            }
            _ => Err(Error::custom(
                "an example is a literal: a text, a number, `true`, `false`, or a list of them in brackets",
            )
            .with_span(expr)),
        }
    }

    /// The JSON text.
    pub(crate) fn json(&self) -> String {
        match self {
            Example::Boolean(value) => value.to_string(),
            Example::Integer(value) => value.to_string(),
            Example::Decimal(value) => format!("{value:?}"),
            Example::Text(text) => format!("\"{}\"", crate::emit::escaped(text)),
            Example::List(items) => {
                let items: Vec<String> = items.iter().map(Example::json).collect();
                format!("[{}]", items.join(","))
            }
        }
    }
}
