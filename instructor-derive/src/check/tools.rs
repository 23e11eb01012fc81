//! What `#[response_model(tools)]` asks of a type.

use darling::Error;
use darling::error::Accumulator;
use proc_macro2::Span;

use crate::written::{Body, Type};

/// Refuses `tools`, which stands at `span`, on a type whose variants cannot be tools.
pub(super) fn check(written: &Type, span: Span, errors: &mut Accumulator) {
    let serde = &written.serde;
    let mut refuse = |message: &str, span: Span| {
        errors.push(Error::custom(message).with_span(&span));
    };
    let Body::Enum(variants) = &written.body else {
        refuse(
            "`tools` makes each variant of an enum a tool: a struct is one already, so remove `tools`",
            span,
        );
        return;
    };
    if serde.from.is_some() {
        refuse(
            "the variants of a converted enum are not what is read: put `tools` on the type it is converted from",
            span,
        );
    }
    if serde.tag.is_some() || serde.untagged {
        refuse(
            "the name of the tool says which variant it is, and serde must read the same: remove `tag`, `content` or `untagged`, or else `tools`",
            span,
        );
    }
    for variant in variants.iter().filter(|variant| !variant.serde.skipped) {
        if variant.serde.untagged {
            refuse(
                "a tool is known by the name of its variant: remove `untagged` here, or `tools` from the enum",
                variant.ident.span(),
            );
        }
    }
}
