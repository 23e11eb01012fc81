//! A text that is read again and again from a stream, without an allocation for each event.

use std::borrow::Cow;

use serde::Deserialize;

/// A text that is looked at and seldom kept. serde borrows a `Cow` only if it is the field itself, never inside an `Option`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(crate) struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

impl Word<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_inside_an_option_is_borrowed() {
        let word: Option<Word<'_>> = serde_json::from_str(r#""stop""#).expect("a text");
        assert!(matches!(word, Some(Word(Cow::Borrowed("stop")))));
        let escaped: Word<'_> = serde_json::from_str(r#""st\u006fp""#).expect("a text");
        assert_eq!(escaped.as_str(), "stop");
    }
}
