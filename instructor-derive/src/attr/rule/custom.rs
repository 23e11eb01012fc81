//! `custom = path`, and its longer forms.

use darling::ast::NestedMeta;
use darling::{Error, Result};
use syn::spanned::Spanned;
use syn::{Expr, Lit, Meta, Path};

/// A function of the user's that says what is wrong with a value.
pub(crate) struct Custom {
    pub(crate) function: Path,
    /// It takes the context of the call too.
    pub(crate) use_context: bool,
}

impl Custom {
    /// Reads `custom = path`, `custom(path)`, `custom(function = path)`, each but the first also with `use_context`. `name` is
    /// what stands for `custom`.
    pub(in crate::attr) fn read(meta: &Meta, name: &str) -> Result<Self> {
        let (article, keyword) = match name {
            "custom_async" => ("an", "async "),
            _ => ("a", ""),
        };
        let form = || {
            Error::custom(format!(
                "name a function: write `{name} = path` for {article} `{keyword}fn(&T) -> Result<(), E>`, or `{name}(path, use_context)` for {article} `{keyword}fn(&T, &Context) -> Result<(), E>`"
            ))
        };
        let items = match meta {
            Meta::NameValue(meta) => {
                return Ok(Custom {
                    function: path(&meta.value).ok_or_else(|| form().with_span(&meta.value))?,
                    use_context: false,
                });
            }
            Meta::List(list) => NestedMeta::parse_meta_list(list.tokens.clone())?,
            Meta::Path(_) => return Err(form()),
        };
        let (mut function, mut use_context) = (None, false);
        for item in &items {
            match item {
                NestedMeta::Meta(Meta::Path(path)) if path.is_ident("use_context") => {
                    use_context = true;
                }
                NestedMeta::Meta(Meta::Path(path)) if function.is_none() => {
                    function = Some(path.clone());
                }
                NestedMeta::Meta(Meta::NameValue(meta))
                    if meta.path.is_ident("function") && function.is_none() =>
                {
                    function =
                        Some(path(&meta.value).ok_or_else(|| form().with_span(&meta.value))?);
                }
                // Those of the `validator` crate.
                NestedMeta::Meta(Meta::NameValue(meta))
                    if meta.path.is_ident("message") || meta.path.is_ident("code") => {}
                other => return Err(form().with_span(&other.span())),
            }
        }
        Ok(Custom {
            function: function.ok_or_else(form)?,
            use_context,
        })
    }
}

/// The function of `before = path` or `before(path)`.
pub(super) fn before(meta: &Meta) -> Result<Path> {
    let named = match meta {
        Meta::NameValue(meta) => path(&meta.value),
        Meta::List(list) => list.parse_args().ok(),
        Meta::Path(_) => None,
    };
    named.ok_or_else(|| {
        Error::custom(
            "name a function that puts the value into shape: write `before = path` for a `fn(T) -> U`, where `T` is what the model may write and `U` what is checked",
        )
    })
}

/// A path, also in quotes.
fn path(value: &Expr) -> Option<Path> {
    match value {
        Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        Expr::Group(group) => path(&group.expr),
        Expr::Lit(literal) => match &literal.lit {
            Lit::Str(text) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
