//! Writes the rules that a service judges.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt;
use syn::parse::Parser;

use crate::model::{Criterion, LlmRule, Model};

/// The call that adds the rules to a field or a type; nothing if there are none.
pub(super) fn rules(rules: &[LlmRule], private: &TokenStream) -> TokenStream {
    if rules.is_empty() {
        return TokenStream::new();
    }
    let rules = rules.iter().map(|rule| {
        let criterion = match &rule.criterion {
            Criterion::Statement(statement) => quote!(Statement(#statement)),
            Criterion::Template { source, .. } => quote!(Template(#source)),
            Criterion::Moderation(_) => quote!(Moderation),
        };
        let model = rule.model.as_ref().map(|model| quote!(.with_model(#model)));
        let allow_override = rule.allow_override.then(|| quote!(.with_override()));
        let each = rule.each.map(|_| quote!(.of_each()));
        let accepts_errors = rule.accepts_errors.then(|| quote!(.accepting_errors()));
        quote! {
            #private::LlmRule::new(#private::Criterion::#criterion)
                #model #allow_override #each #accepts_errors
        }
    });
    quote!(.with_llm_rules(&[#(#rules),*]))
}

/// Checks that the context has the variables of the templates: accesses to its fields, so that the compiler says what is missing.
pub(super) fn variables(model: &Model) -> TokenStream {
    let Some(context) = &model.context else {
        return TokenStream::new();
    };
    let accesses = model
        .all_llm_rules()
        .flat_map(|rule| match &rule.criterion {
            Criterion::Template {
                variables, span, ..
            } => variables
                .iter()
                .map(|variable| access(variable, *span))
                .collect(),
            Criterion::Statement(_) | Criterion::Moderation(_) => Vec::new(),
        });
    quote!(const _: fn(&#context) = |context| { let _ = context; #(#accesses)* };)
}

fn access(variable: &str, span: Span) -> TokenStream {
    let span = span.resolved_at(Span::call_site());
    // A keyword is a field only as `r#type`.
    let field = match Ident::parse_any.parse_str(variable) {
        Ok(_) if syn::parse_str::<Ident>(variable).is_err() => Ident::new_raw(variable, span),
        _ => Ident::new(variable, span),
    };
    quote_spanned!(span=> let _ = &context.#field;)
}
