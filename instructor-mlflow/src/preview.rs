//! Text that is cut to a length.

use std::borrow::Cow;

/// The longest preview of a request or response, in characters: what an MLflow server keeps.
pub(crate) const PREVIEW_CHARACTERS: usize = 1000;

/// The longest value of trace metadata that every MLflow store keeps, in characters.
pub(crate) const METADATA_CHARACTERS: usize = 250;

const MARK: &str = "...";

/// `text`, or its beginning with `...` at the end so that both together have at most `limit` bytes.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return text.into();
    }
    let mut end = limit.saturating_sub(MARK.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let (kept, _) = text.split_at(end);
    format!("{kept}{MARK}").into()
}

/// `text`, or its beginning with `...` at the end so that both together have `limit` characters.
pub(crate) fn shorten(text: &str, limit: usize) -> Cow<'_, str> {
    if text.chars().nth(limit).is_none() {
        return text.into();
    }
    let mut kept: String = text
        .chars()
        .take(limit.saturating_sub(MARK.len()))
        .collect();
    kept.push_str(MARK);
    kept.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_is_not_touched() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(shorten("äöü", 3), "äöü");
    }

    #[test]
    fn a_cut_falls_between_characters() {
        assert_eq!(cut("ääää", 6), "ä...");
        assert_eq!(shorten("äöüäöü", 5), "äö...");
    }
}
