//! Checks a regular expression while the user's crate compiles.

use regex_syntax::ast::{self, AssertionKind, Ast, ClassSetItem, GroupKind, Visitor};

/// Whether the expression means the same in JSON Schema, which has that of ECMA 262. An error says what is wrong with it.
///
/// The classes `\d`, `\w` and `\s` count as the same, although here they know all of Unicode and there they do not: what such
/// a schema accepts is accepted here too.
pub(crate) fn is_portable(source: &str) -> Result<bool, String> {
    let tree = ast::parse::Parser::new()
        .parse(source)
        .map_err(|error| describe(error.kind(), error.span()))?;
    regex_syntax::hir::translate::Translator::new()
        .translate(source, &tree)
        .map_err(|error| describe(error.kind(), error.span()))?;
    Ok(ast::visit(&tree, Portability).is_ok())
}

fn describe(kind: &impl std::fmt::Display, span: &ast::Span) -> String {
    format!("{kind} (at character {})", span.start.column)
}

/// Stops at the first piece of syntax that ECMA 262 lacks.
struct Portability;

impl Visitor for Portability {
    type Output = ();
    type Err = ();

    fn finish(self) -> Result<(), ()> {
        Ok(())
    }

    fn visit_pre(&mut self, tree: &Ast) -> Result<(), ()> {
        match tree {
            Ast::Flags(_) => Err(()),
            Ast::Group(group) => match &group.kind {
                GroupKind::CaptureIndex(_) => Ok(()),
                GroupKind::CaptureName { starts_with_p, .. } if *starts_with_p => Err(()),
                GroupKind::CaptureName { .. } => Ok(()),
                GroupKind::NonCapturing(flags) if flags.items.is_empty() => Ok(()),
                GroupKind::NonCapturing(_) => Err(()),
            },
            Ast::Assertion(assertion) => match assertion.kind {
                AssertionKind::StartLine
                | AssertionKind::EndLine
                | AssertionKind::WordBoundary
                | AssertionKind::NotWordBoundary => Ok(()),
                _ => Err(()),
            },
            Ast::Repetition(repetition) => match *repetition.ast {
                Ast::Repetition(_) | Ast::Assertion(_) => Err(()),
                _ => Ok(()),
            },
            Ast::ClassUnicode(_) => Err(()),
            Ast::Literal(literal) if literal.c == '}' => match literal.kind {
                ast::LiteralKind::Meta => Ok(()),
                _ => Err(()),
            },
            Ast::Literal(literal) => portable_literal(literal),
            _ => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Result<(), ()> {
        match item {
            ClassSetItem::Ascii(_) | ClassSetItem::Unicode(_) | ClassSetItem::Bracketed(_) => {
                Err(())
            }
            ClassSetItem::Literal(literal) => portable_literal(literal),
            ClassSetItem::Range(range) => {
                portable_literal(&range.start)?;
                portable_literal(&range.end)
            }
            _ => Ok(()),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ast::ClassSetBinaryOp) -> Result<(), ()> {
        Err(())
    }
}

fn portable_literal(literal: &ast::Literal) -> Result<(), ()> {
    use ast::{HexLiteralKind, LiteralKind, SpecialLiteralKind};
    match &literal.kind {
        LiteralKind::Verbatim if literal.c != ']' => Ok(()),
        LiteralKind::Meta if !matches!(literal.c, '#' | '&' | '~') => Ok(()),
        LiteralKind::HexFixed(HexLiteralKind::X | HexLiteralKind::UnicodeShort) => Ok(()),
        LiteralKind::Special(
            SpecialLiteralKind::FormFeed
            | SpecialLiteralKind::Tab
            | SpecialLiteralKind::LineFeed
            | SpecialLiteralKind::CarriageReturn
            | SpecialLiteralKind::VerticalTab,
        ) => Ok(()),
        _ => Err(()),
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
            assert_eq!(is_portable(source), Ok(true), "{source}");
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
            assert_eq!(is_portable(source), Ok(false), "{source}");
        }
    }

    #[test]
    fn an_error_says_what_and_where() {
        assert_eq!(
            is_portable("a[b").expect_err("open class"),
            "unclosed character class (at character 2)"
        );
        assert!(
            is_portable("(?=a)")
                .expect_err("look-ahead")
                .contains("look-around")
        );
        assert!(
            is_portable(r"\p{Klingon}")
                .expect_err("class")
                .contains("Unicode property not found")
        );
    }
}
