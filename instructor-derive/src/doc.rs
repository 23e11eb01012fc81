//! Doc comments as descriptions.

use syn::{Attribute, Expr, Lit, Meta};

/// The doc comment of an item as plain text; empty if it has none.
///
/// Lines of one paragraph are joined; paragraphs, list items and code keep their lines. A doc comment that is not written
/// out (`#[doc = include_str!("...")]`) cannot be read by a derive and is left out.
pub(crate) fn description(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Some(text) = doc_text(attribute) {
            lines.extend(comment_lines(&text));
        }
    }
    join(&lines)
}

fn doc_text(attribute: &Attribute) -> Option<String> {
    if !attribute.path().is_ident("doc") {
        return None;
    }
    let Meta::NameValue(meta) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(expr) = &meta.value else {
        return None;
    };
    match &expr.lit {
        Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// The lines of one comment, without the column of stars that a block comment may have.
fn comment_lines(text: &str) -> Vec<String> {
    let starred = text
        .lines()
        .skip(1)
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('*'));
    let line = |(index, line): (usize, &str)| {
        if index > 0 && starred {
            let line = line.trim_start();
            return line.strip_prefix('*').unwrap_or(line).to_owned();
        }
        line.to_owned()
    };
    // `split`, since an empty comment is a line too: it ends a paragraph.
    text.split('\n').enumerate().map(line).collect()
}

fn join(lines: &[String]) -> String {
    let mut text = String::new();
    let mut in_code = false;
    let mut blank_before = true;
    for line in lines {
        let fence = line.trim_start().starts_with("```");
        if line.trim().is_empty() && !in_code {
            blank_before = true;
            continue;
        }
        if !text.is_empty() {
            let own_line = blank_before || in_code || fence || starts_block(line.trim_start());
            text.push(if own_line { '\n' } else { ' ' });
        }
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        text.push_str(if in_code { line } else { line.trim_start() });
        in_code ^= fence;
        blank_before = fence;
    }
    text
}

/// Whether Markdown starts a block here: a list item, a heading, a quote or a table row.
fn starts_block(line: &str) -> bool {
    let numbered = line.trim_start_matches(|character: char| character.is_ascii_digit());
    let is_numbered = numbered.len() < line.len() && numbered.starts_with(". ");
    is_numbered
        || ["- ", "* ", "+ ", "#", ">", "|"]
            .iter()
            .any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn described(item: &syn::ItemStruct) -> String {
        description(&item.attrs)
    }

    #[test]
    fn the_lines_of_a_paragraph_are_joined() {
        let text = described(&parse_quote! {
            /// Who receives
            /// the email.
            ///
            /// Never a list.
            struct S;
        });
        assert_eq!(text, "Who receives the email.\nNever a list.");
    }

    #[test]
    fn lists_and_code_keep_their_lines() {
        let text = described(&parse_quote! {
            /// One of
            /// - low: can
            ///   wait
            /// - high
            /// 1. first
            /// ```json
            /// {
            ///   "a": 1
            /// }
            /// ```
            /// Done.
            struct S;
        });
        assert_eq!(
            text,
            "One of\n- low: can wait\n- high\n1. first\n```json\n{\n  \"a\": 1\n}\n```\nDone."
        );
    }

    #[test]
    fn a_block_comment_loses_its_stars() {
        let text = described(&parse_quote! {
            #[doc = "\n * Who receives\n * the email.\n "]
            struct S;
        });
        assert_eq!(text, "Who receives the email.");
    }

    #[test]
    fn other_doc_attributes_say_nothing() {
        let text = described(&parse_quote! {
            #[doc(hidden)]
            #[doc = include_str!("a.md")]
            struct S;
        });
        assert_eq!(text, "");
    }
}
