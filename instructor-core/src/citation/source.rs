//! A text that is quoted.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

use super::{Citation, nearest};

/// The most edits that make a quote into what stands in the source.
const MOST_EDITS: usize = 5;

/// The letters of a quote for which one edit is allowed.
const LETTERS_PER_EDIT: usize = 10;

/// A text that quotes are held against. Given to a call with [`Create::context`](crate::Create::context), templates see it as
/// `source`.
///
/// Making one reads the text once; it takes about ten times the memory of the text.
#[derive(Clone, Serialize)]
pub struct Source {
    #[serde(rename = "source")]
    text: String,
    /// The letters that count, see [`letters`].
    #[serde(skip)]
    letters: String,
    /// Where each of them stands in the text, in bytes.
    #[serde(skip)]
    origins: Vec<usize>,
}

impl Source {
    /// The source `text`.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let mut source = Source {
            letters: String::with_capacity(text.len()),
            origins: Vec::with_capacity(text.len()),
            text: String::new(),
        };
        for (origin, letter) in letters(&text) {
            source.letters.push(letter);
            source.origins.push(origin);
        }
        source.text = text;
        source
    }

    /// The text, as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where `quote` stands, in bytes of the text: the first place that is exact but for white space and punctuation marks, or else
    /// the first of those with the fewest edits ([`Citation`] says how many are allowed). `None` if it is empty or nowhere.
    ///
    /// The time is linear in the length of the text, and a little more for each edit. The search for edits is given up, as if
    /// there were no place, in texts that repeat the start of a long quote millions of times.
    pub fn find(&self, quote: &str) -> Option<Range<usize>> {
        let quote: String = letters(quote).map(|(_, letter)| letter).collect();
        let quote = unquoted(quote.trim());
        if quote.is_empty() {
            return None;
        }
        let found = self.exact(quote).or_else(|| self.edited(quote))?;
        let start = *self.origins.get(found.start)?;
        let last = *self.origins.get(found.end.checked_sub(1)?)?;
        let letter = self.text.get(last..)?.chars().next()?;
        Some(start..last + letter.len_utf8())
    }

    /// The citations that are in the text, each with its place. The others are left out.
    pub fn located<'a>(
        &self,
        citations: impl IntoIterator<Item = &'a Citation>,
    ) -> impl Iterator<Item = (&'a Citation, Range<usize>)> {
        let citations = citations.into_iter();
        citations.filter_map(|citation| Some((citation, citation.locate(self)?)))
    }

    /// The place of the letters of `quote`, counted in letters.
    fn exact(&self, quote: &str) -> Option<Range<usize>> {
        let (before, _) = self.letters.split_once(quote)?;
        let start = before.chars().count();
        Some(start..start + quote.chars().count())
    }

    /// The place of letters that are nearly those of `quote`.
    fn edited(&self, quote: &str) -> Option<Range<usize>> {
        let quote: Vec<char> = quote.chars().collect();
        let most = (quote.len() / LETTERS_PER_EDIT).min(MOST_EDITS);
        if most == 0 {
            return None;
        }
        let letters = self.letters.chars();
        nearest::find(&quote, letters, most, nearest::MOST_CELLS).map(|place| place.range)
    }
}

impl From<&str> for Source {
    fn from(text: &str) -> Self {
        Source::new(text)
    }
}

impl From<String> for Source {
    fn from(text: String) -> Self {
        Source::new(text)
    }
}

/// Only the length: what is in the text is nobody's business.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source")
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// The letters of a text that count, each with its place in bytes: white space is one space, marks that look alike are one mark, and
/// what cannot be seen is nothing.
fn letters(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut after_space = false;
    text.char_indices().filter_map(move |(place, letter)| {
        if matches!(
            letter,
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
        ) {
            return None;
        }
        let is_space = letter.is_whitespace();
        if std::mem::replace(&mut after_space, is_space) && is_space {
            return None;
        }
        Some((place, if is_space { ' ' } else { alike(letter) }))
    })
}

/// The plain form of a mark.
fn alike(letter: char) -> char {
    match letter {
        '‘' | '’' | '‚' | '‛' | '‹' | '›' | '′' | '`' | '´' => '\'',
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        other => other,
    }
}

/// The quote without the quotation marks around it.
fn unquoted(quote: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|mark| quote.strip_prefix(mark)?.strip_suffix(mark))
        .unwrap_or(quote)
        .trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "Élan — “the quick\n\n brown fox”, it said,\u{a0}didn’t jump over 13 lazy dogs.";

    fn found(quote: &str) -> Option<&'static str> {
        let place = Source::new(TEXT).find(quote)?;
        Some(TEXT.get(place).expect("whole characters"))
    }

    #[test]
    fn white_space_and_marks_do_not_count() {
        for (quote, place) in [
            ("quick brown", "quick\n\n brown"),
            ("\"The\"", ""),
            ("Élan - \"the", "Élan — “the"),
            ("  brown\tfox \n", "brown fox"),
            ("«brown fox»", "brown fox"),
            (
                "brown fox\", it said, didn't",
                "brown fox”, it said,\u{a0}didn’t",
            ),
            ("it said, did\u{ad}n't", "it said,\u{a0}didn’t"),
            (TEXT, TEXT),
        ] {
            assert_eq!(found(quote).unwrap_or_default(), place, "{quote}");
        }
    }

    #[test]
    fn one_letter_in_ten_may_be_wrong_and_five_at_most() {
        // 9 letters allow none, 23 allow two, 35 three.
        assert_eq!(found("lazy dog!"), None);
        assert_eq!(
            found("jumps over 13 lazy dogs"),
            Some("jump over 13 lazy dogs")
        );
        assert_eq!(found("jumps over 13 lazy cats"), None);
        assert_eq!(
            found("said didn't jumps over 13 lazy dogs"),
            Some("said,\u{a0}didn’t jump over 13 lazy dogs")
        );
        let long = "0123456789".repeat(10);
        let source = Source::new(format!("before {long} behind"));
        let wrong = |count: usize| long.replacen('9', "x", count);
        assert_eq!(source.find(&wrong(5)), Some(7..107));
        assert_eq!(source.find(&wrong(6)), None);
    }

    #[test]
    fn what_is_not_there_is_nowhere() {
        for quote in ["", " \n", "\"\"", "a red herring swims", "dogs. And more"] {
            assert_eq!(found(quote), None, "{quote}");
        }
        assert_eq!(Source::new("").find("the quick brown fox"), None);
    }

    #[test]
    fn the_first_place_and_an_exact_one_is_preferred() {
        let source = Source::new("the quick brown fix. the quick brown fox. the quick brown fox.");
        assert_eq!(source.find("the quick brown fox"), Some(21..40));
        assert_eq!(source.find("the quick brown fux"), Some(0..19));
    }

    #[test]
    fn those_that_are_there_are_kept_in_order() {
        let citations = ["lazy dogs", "nowhere", "brown fox"].map(Citation::new);
        let source = Source::new(TEXT);
        let places: Vec<_> = source
            .located(&citations)
            .map(|(citation, place)| (citation.quote.as_str(), TEXT.get(place)))
            .collect();
        let expected = [
            ("lazy dogs", Some("lazy dogs")),
            ("brown fox", Some("brown fox")),
        ];
        assert_eq!(places, expected);
    }

    #[test]
    fn templates_see_the_text_and_debug_does_not() {
        let source = Source::new("secret");
        let json = serde_json::to_value(&source).expect("JSON");
        assert_eq!(json, serde_json::json!({"source": "secret"}));
        assert_eq!(format!("{source:?}"), "Source { bytes: 6, .. }");
    }
}
