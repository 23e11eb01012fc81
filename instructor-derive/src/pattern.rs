//! Checks a regular expression while the user's crate compiles.

use regex_syntax::ast::{self, AssertionKind, Ast, ClassSetItem, GroupKind, Visitor};

/// What is wrong with the expression: its syntax, or that JSON Schema, which has the expressions of ECMA 262, understands
/// something else by it.
///
/// The classes `\d`, `\w` and `\s` count as the same, although here they know all of Unicode and there they do not: what such
/// a schema accepts is accepted here too.
pub(crate) fn check(source: &str) -> Result<(), String> {
    let fault =
        |fault: String| format!("this is no regular expression of the `regex` crate: {fault}");
    let tree = ast::parse::Parser::new()
        .parse(source)
        .map_err(|error| fault(describe(error.kind(), error.span())))?;
    regex_syntax::hir::translate::Translator::new()
        .translate(source, &tree)
        .map_err(|error| fault(describe(error.kind(), error.span())))?;
    ast::visit(&tree, Portability).map_err(|span| {
        let piece = source.get(span.start.offset..span.end.offset).unwrap_or(source);
        format!(
            "`{piece}` means something else in JSON Schema, whose patterns are those of ECMAScript, or nothing: write it with what both know, or check it with a rule of its own"
        )
    })
}

/// Whether the expression matches somewhere in `text`. True if it cannot be compiled, which is told elsewhere.
pub(crate) fn matches(source: &str, text: &str) -> bool {
    regex_automata::nfa::thompson::pikevm::PikeVM::new(source).is_ok_and(|regex| {
        let mut cache = regex.create_cache();
        regex.is_match(&mut cache, text)
    })
}

fn describe(kind: &impl std::fmt::Display, span: &ast::Span) -> String {
    format!("{kind} (at character {})", span.start.column)
}

/// Stops at the first piece of syntax that ECMA 262 lacks, or understands in another way.
struct Portability;

impl Visitor for Portability {
    type Output = ();
    type Err = ast::Span;

    fn finish(self) -> Result<(), ast::Span> {
        Ok(())
    }

    fn visit_pre(&mut self, tree: &Ast) -> Result<(), ast::Span> {
        let portable = match tree {
            Ast::Flags(_) | Ast::ClassUnicode(_) => false,
            Ast::Group(group) => match &group.kind {
                GroupKind::CaptureIndex(_) => true,
                GroupKind::CaptureName { starts_with_p, .. } => !starts_with_p,
                GroupKind::NonCapturing(flags) => flags.items.is_empty(),
            },
            Ast::Assertion(assertion) => matches!(
                assertion.kind,
                AssertionKind::StartLine
                    | AssertionKind::EndLine
                    | AssertionKind::WordBoundary
                    | AssertionKind::NotWordBoundary
            ),
            Ast::Repetition(repetition) => {
                !matches!(*repetition.ast, Ast::Repetition(_) | Ast::Assertion(_))
            }
            Ast::Literal(literal) if literal.c == '}' => {
                matches!(literal.kind, ast::LiteralKind::Meta)
            }
            Ast::Literal(literal) => is_portable(literal),
            _ => true,
        };
        if portable { Ok(()) } else { Err(*tree.span()) }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), ast::Span> {
        let portable = match item {
            ClassSetItem::Ascii(_) | ClassSetItem::Unicode(_) | ClassSetItem::Bracketed(_) => false,
            ClassSetItem::Literal(literal) => is_portable(literal),
            ClassSetItem::Range(range) => is_portable(&range.start) && is_portable(&range.end),
            _ => true,
        };
        if portable { Ok(()) } else { Err(*item.span()) }
    }

    fn visit_class_set_binary_op_pre(
        &mut self,
        operation: &ast::ClassSetBinaryOp,
    ) -> Result<(), ast::Span> {
        Err(operation.span)
    }
}

fn is_portable(literal: &ast::Literal) -> bool {
    use ast::{HexLiteralKind, LiteralKind, SpecialLiteralKind};
    match &literal.kind {
        LiteralKind::Verbatim => literal.c != ']',
        LiteralKind::Meta => !matches!(literal.c, '#' | '&' | '~'),
        LiteralKind::HexFixed(HexLiteralKind::X | HexLiteralKind::UnicodeShort) => true,
        LiteralKind::Special(
            SpecialLiteralKind::FormFeed
            | SpecialLiteralKind::Tab
            | SpecialLiteralKind::LineFeed
            | SpecialLiteralKind::CarriageReturn
            | SpecialLiteralKind::VerticalTab,
        ) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_syntax_is_portable() {
        for source in [
            r"^\d{5}$",
            r"^[A-Za-z0-9_.+-]+@\w+\.[a-z]{2,}$",
            "(a|b)*?",
            r"(?:x)\b",
            "",
            r"\x41\t\.\]\}",
            r"[\]\-}{]",
            "é",
        ] {
            assert_eq!(check(source), Ok(()), "{source}");
        }
    }

    #[test]
    fn syntax_that_ecma_lacks_is_not_portable() {
        for source in [
            "(?i)abc",
            r"\Aabc\z",
            "(?P<year>[0-9]+)",
            r"\p{Greek}",
            "[[:alpha:]]",
            "[a-z&&[^aeiou]]",
            "(?x: a b )",
            r"\x{1F600}",
            "a**",
            "^*",
            "a}",
            "[]a]",
            r"\#",
        ] {
            let fault = check(source).expect_err(source);
            assert!(fault.contains("ECMAScript"), "{source}: {fault}");
        }
    }

    #[test]
    fn an_error_says_what_and_where() {
        assert_eq!(
            check("a[b").expect_err("open class"),
            "this is no regular expression of the `regex` crate: unclosed character class (at character 2)"
        );
        assert!(
            check("(?=a)")
                .expect_err("look-ahead")
                .contains("look-around")
        );
        assert!(
            check(r"\p{Klingon}")
                .expect_err("class")
                .contains("Unicode property not found")
        );
        let fault = check("ab(?i)c").expect_err("flags");
        assert!(fault.starts_with("`(?i)` means something else"), "{fault}");
    }
}
