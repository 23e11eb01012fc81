//! The names that members of a type have in JSON: each only once.

use std::collections::HashMap;

use darling::Error;
use darling::error::Accumulator;
use darling::util::SpannedValue;
use proc_macro2::Span;

use crate::serde_attr::Renamed;

/// The JSON names met so far, each with its Rust name.
pub(super) struct Names {
    what: &'static str,
    seen: HashMap<String, String>,
}

impl Names {
    pub(super) fn new(what: &'static str) -> Self {
        Names {
            what,
            seen: HashMap::new(),
        }
    }

    pub(super) fn add(&mut self, name: &str, rust: &str, span: Span, errors: &mut Accumulator) {
        if let Some(first) = self.seen.insert(name.to_owned(), rust.to_owned()) {
            let what = self.what;
            errors.push(
                Error::custom(format!(
                    "this {what} is called `{name}` in JSON, as is the {what} `{first}`: rename one of them"
                ))
                .with_span(&span),
            );
        }
    }

    pub(super) fn add_aliases(
        &mut self,
        aliases: &[Renamed],
        rust: &str,
        errors: &mut Accumulator,
    ) {
        for alias in aliases {
            // serde does not mind an alias that is said twice, or that is the name itself.
            if self
                .seen
                .get(alias.as_str())
                .is_none_or(|other| other != rust)
            {
                self.add(alias, rust, alias.span(), errors);
            }
        }
    }
}

/// The names without their places.
pub(super) fn texts(names: Vec<Renamed>) -> Vec<String> {
    names.into_iter().map(SpannedValue::into_inner).collect()
}
