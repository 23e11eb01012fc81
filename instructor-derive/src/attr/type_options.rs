//! `#[response_model(...)]` on a type.

use darling::Error;
use darling::error::Accumulator;
use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Ident, Meta, Path, Token, Type, parenthesized, parse_quote};

use super::{Custom, named, unknown};

const OPTIONS: [&str; 6] = [
    "providers",
    "require_descriptions",
    "validate",
    "context",
    "tools",
    "crate",
];

/// The providers and the names of their dialects.
const PROVIDERS: [(&str, &str); 3] = [
    ("openai", "OpenAiStrict"),
    ("anthropic", "Anthropic"),
    ("gemini", "Gemini"),
];

/// What `#[response_model(...)]` says of a type.
#[derive(Default)]
pub(crate) struct TypeOptions {
    /// The names of the dialects that must be able to say it.
    pub(crate) dialects: Vec<Ident>,
    pub(crate) require_descriptions: bool,
    /// The type of `.context(...)`, whose fields the templates of rules may name.
    pub(crate) context: Option<Type>,
    /// Where `tools` stands: each variant of the enum is a tool of its own.
    pub(crate) tools: Option<Span>,
    /// What checks the whole value.
    pub(crate) custom: Vec<Custom>,
}

enum TypeOption {
    Crate(Path),
    Providers(Span, Vec<Ident>),
    RequireDescriptions,
    Context(Type),
    Tools(Span),
    Validate(Meta),
    Unknown(Path),
}

impl Parse for TypeOption {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![crate]) && input.peek2(Token![=]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            return Ok(TypeOption::Crate(Path::parse_mod_style(input)?));
        }
        let path: Path = Path::parse_mod_style(input)?;
        if path.is_ident("providers") {
            if !input.peek(syn::token::Paren) {
                return Err(syn::Error::new(
                    path.span(),
                    "name the providers in parentheses: `providers(openai, anthropic)`",
                ));
            }
            let content;
            parenthesized!(content in input);
            let names = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
            return Ok(TypeOption::Providers(
                path.span(),
                names.into_iter().collect(),
            ));
        }
        if path.is_ident("require_descriptions") {
            return Ok(TypeOption::RequireDescriptions);
        }
        if path.is_ident("context") {
            if !input.peek(Token![=]) {
                return Err(syn::Error::new(path.span(), "write `context = Type`"));
            }
            input.parse::<Token![=]>()?;
            return Ok(TypeOption::Context(input.parse()?));
        }
        if path.is_ident("tools") {
            return Ok(TypeOption::Tools(path.span()));
        }
        if path.is_ident("validate") {
            if input.peek(Token![=]) {
                let eq_token = input.parse()?;
                let value = input.parse()?;
                let meta = syn::MetaNameValue {
                    path,
                    eq_token,
                    value,
                };
                return Ok(TypeOption::Validate(Meta::NameValue(meta)));
            }
            if !input.peek(syn::token::Paren) {
                return Ok(TypeOption::Validate(Meta::Path(path)));
            }
            let content;
            let delimiter = syn::MacroDelimiter::Paren(parenthesized!(content in input));
            let tokens = content.parse()?;
            let meta = syn::MetaList {
                path,
                delimiter,
                tokens,
            };
            return Ok(TypeOption::Validate(Meta::List(meta)));
        }
        // What comes after an unknown name is not looked at.
        while !input.is_empty() && !input.peek(Token![,]) {
            input.parse::<proc_macro2::TokenTree>()?;
        }
        Ok(TypeOption::Unknown(path))
    }
}

impl TypeOptions {
    pub(crate) fn read(attributes: &[Attribute], errors: &mut Accumulator) -> Self {
        let mut options = TypeOptions::default();
        for option in written(attributes, errors) {
            match option {
                TypeOption::Crate(_) => {}
                TypeOption::Context(ty) => options.context = Some(ty),
                TypeOption::RequireDescriptions => options.require_descriptions = true,
                TypeOption::Tools(span) => options.tools = Some(span),
                TypeOption::Validate(meta) => {
                    let custom = Custom::read(&meta, "validate")
                        .map_err(|error| error.with_span(&meta.path().span()));
                    options.custom.extend(errors.handle(custom));
                }
                TypeOption::Providers(span, names) => {
                    if names.is_empty() {
                        errors.push(
                            Error::custom("name a provider: `openai`, `anthropic` or `gemini`")
                                .with_span(&span),
                        );
                    }
                    for name in names {
                        options.dialects.extend(errors.handle(dialect(&name)));
                    }
                }
                TypeOption::Unknown(path) => {
                    let name = path.segments.last().map(|last| last.ident.to_string());
                    errors.push(
                        unknown("option", &name.unwrap_or_default(), &OPTIONS).with_span(&path),
                    );
                }
            }
        }
        options
    }
}

fn dialect(name: &Ident) -> Result<Ident, Error> {
    match PROVIDERS.iter().find(|(provider, _)| name == provider) {
        Some((_, dialect)) => Ok(Ident::new(dialect, name.span())),
        None => {
            let names = PROVIDERS.map(|(provider, _)| provider);
            Err(unknown("provider", &name.to_string(), &names).with_span(name))
        }
    }
}

/// The path of the facade: `::instructor`, or the one of `#[response_model(crate = ...)]`.
pub(crate) fn crate_path(attributes: &[Attribute]) -> Path {
    let parse = |attribute: &Attribute| {
        attribute.parse_args_with(Punctuated::<TypeOption, Token![,]>::parse_terminated)
    };
    // Errors are told when the options are read as a whole.
    let options = named(attributes, "response_model").filter_map(|attribute| parse(attribute).ok());
    options
        .flatten()
        .find_map(|option| match option {
            TypeOption::Crate(path) => Some(path),
            _ => None,
        })
        .unwrap_or_else(|| parse_quote!(::instructor))
}

fn written(attributes: &[Attribute], errors: &mut Accumulator) -> Vec<TypeOption> {
    let mut options = Vec::new();
    for attribute in named(attributes, "response_model") {
        let parsed = attribute
            .parse_args_with(Punctuated::<TypeOption, Token![,]>::parse_terminated)
            .map_err(Error::from);
        if let Some(parsed) = errors.handle(parsed) {
            options.extend(parsed);
        }
    }
    options
}
