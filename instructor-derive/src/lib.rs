//! `#[derive(ResponseModel)]` for `instructor-rs`.
//!
//! The derive is a line of phases, each a file: `attr` and `serde_attr` read what is written into the types of `written`;
//! `check` turns them into the types of `model`, or says everything that is wrong at once; `emit` writes the impls. If
//! anything is wrong, `fallback` writes stub impls beside the errors, so that one mistake is one error.
#![forbid(unsafe_code)]
#![warn(clippy::print_stdout, clippy::print_stderr)] // libraries do not print

mod attr;
mod case;
mod check;
mod doc;
mod emit;
mod fallback;
mod model;
mod pattern;
mod serde_attr;
mod template;
mod written;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, parse_macro_input};

#[doc = include_str!("../docs/derive.md")]
#[proc_macro_derive(
    ResponseModel,
    attributes(validate, llm_validate, moderate, response_model)
)]
pub fn derive_response_model(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(&parse_macro_input!(input as DeriveInput)).into()
}

fn expand(input: &DeriveInput) -> TokenStream {
    let mut errors = darling::Error::accumulator();
    let crate_path = attr::crate_path(&input.attrs);
    let model =
        written::Type::read(input, &mut errors).map(|written| check::check(written, &mut errors));
    match (model, errors.finish()) {
        (Some(model), Ok(())) => emit::emit(&model, &crate_path),
        (_, result) => {
            let errors = result.err().map(darling::Error::write_errors);
            let stub = fallback::emit(input, &crate_path);
            quote!(#errors #stub)
        }
    }
}
