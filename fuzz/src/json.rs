//! The reader of JSON that arrives in pieces, beside `serde_json`, which has all of it; and the partial values that are made of it.

mod document;
mod oracle;
mod record;
mod words;
mod wrong;

pub use document::{Document, Recipe};
pub use instructor_core::__private::{Lexed, lexed};
pub use record::{Record, Shown, compare_shown, shown};
pub use wrong::{WRONG, WRONG_SHOWN};

/// A reader of documents.
pub type Read = fn(&Document) -> Lexed;

/// A document is taken for something else than it is.
#[derive(Debug, thiserror::Error)]
#[error("{document:?}\n{name}: {expected}\nand not {found}")]
pub struct Difference {
    /// The document, in its pieces.
    pub document: Document,
    /// Which property does not hold.
    pub name: &'static str,
    /// What should be.
    pub expected: String,
    /// What is.
    pub found: String,
}

/// The reader of instructor-core.
pub fn read(document: &Document) -> Lexed {
    lexed(&document.pieces().collect::<Vec<_>>())
}

/// Holds what `read` makes of a document against what `serde_json` does.
///
/// # Errors
///
/// If it differs.
pub fn compare(document: &Document, read: Read) -> Result<(), Difference> {
    // Only objects and lists are looked for in answers, and what is around them is cut away before.
    let document = document.trimmed();
    let text = document.text.as_str();
    if !text.starts_with(['{', '[']) {
        return Ok(());
    }
    let found = read(&document);
    let check = |name, expected: &dyn std::fmt::Debug, found: &dyn std::fmt::Debug| {
        let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
        if expected == found {
            return Ok(());
        }
        Err(Difference {
            document: document.clone(),
            name,
            expected,
            found,
        })
    };
    check("split otherwise", &read(&document.unsplit()), &found)?;
    if found == Lexed::TooDeep {
        // serde_json has a limit only where it makes values; it is the same.
        return check("deep", &false, &oracle::makes_value(text));
    }
    let is_json = match &found {
        Lexed::Whole { length, mended, .. } => *length == text.len() && mended.is_none(),
        _ => false,
    };
    check("JSON", &oracle::accepts(text), &is_json)?;
    if oracle::is_unfinished(text) {
        check("unfinished", &Lexed::Open, &found)?;
    }
    let Lexed::Whole {
        value,
        length,
        mended,
    } = &found
    else {
        return Ok(());
    };
    let json = mended
        .as_deref()
        .unwrap_or(text.get(..*length).unwrap_or_default());
    check("what is mended is JSON", &true, &oracle::accepts(json))?;
    match oracle::value(json) {
        Some(expected) => check("the value", &expected, value),
        None => Ok(()),
    }
}
