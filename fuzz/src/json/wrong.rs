//! Readers with a mistake each, which the comparison must find: they show that it can fail.

use instructor::ValidationErrors;
use serde_json::Value;

use super::record::{Show, shown};
use super::{Document, Lexed, Read, read};

/// The mistakes by name.
pub const WRONG: [(&str, Read); 9] = [
    ("a comma behind the last item is JSON", |document| {
        changed(document, |_, mended| *mended = None)
    }),
    ("nothing is mended", |document| {
        changed(document, |_, mended| {
            if mended.is_some() {
                *mended = Some(document.text.clone());
            }
        })
    }),
    ("a number may begin with zero", |document| {
        read(&replaced(document, "00", "0"))
    }),
    ("a line break in a string is none", |document| {
        read(&replaced(document, "\n", ""))
    }),
    ("an escape ends with its piece", |document| {
        let pieces = document.pieces();
        let pieces = pieces.map(|piece| piece.strip_suffix('\\').unwrap_or(piece));
        read(&Document {
            text: pieces.collect(),
            sizes: Vec::new(),
        })
    }),
    ("there are no pairs of surrogates", |document| {
        changed(document, |value, _| {
            texts(value, &|text| {
                *text = text.replace(|character| character > '\u{ffff}', "\u{fffd}");
            });
        })
    }),
    ("numbers are floats", |document| {
        changed(document, |value, _| {
            texts(value, &|text| {
                if let Ok(number) = text.parse::<f64>() {
                    *text = number.to_string();
                }
            });
        })
    }),
    ("a value may be cut off", |document| match read(document) {
        Lexed::Open => Lexed::Whole {
            value: Value::Null,
            length: document.text.len(),
            mended: None,
        },
        other => other,
    }),
    ("what is deep is unfinished", |document| {
        match read(document) {
            Lexed::TooDeep => Lexed::Open,
            other => other,
        }
    }),
];

/// Mistakes about partial values, by name.
pub const WRONG_SHOWN: [(&str, Show); 4] = [
    ("each piece is an answer of its own", |document| {
        let last = document.pieces().last().unwrap_or_default();
        shown(&Document {
            text: last.to_owned(),
            sizes: Vec::new(),
        })
    }),
    ("a cut-off answer is completed", |document| {
        let mut shown = shown(document);
        if let Some(value) = &shown.value
            && let Ok(record) = serde_json::from_value(value.clone())
        {
            shown.end = Ok(record);
        }
        shown
    }),
    ("a text loses its spaces", |document| {
        let mut shown = shown(document);
        if let Some(value) = &mut shown.value {
            texts(value, &|text| *text = text.replace(' ', ""));
        }
        shown
    }),
    ("errors of parts in two pieces are lost", |document| {
        let mut shown = shown(document);
        if document.pieces().count() > 1 {
            shown.errors = ValidationErrors::new();
        }
        shown
    }),
];

fn replaced(document: &Document, word: &str, other: &str) -> Document {
    Document {
        text: document.text.replace(word, other),
        sizes: document.sizes.clone(),
    }
}

fn changed(document: &Document, change: impl FnOnce(&mut Value, &mut Option<String>)) -> Lexed {
    let mut lexed = read(document);
    if let Lexed::Whole { value, mended, .. } = &mut lexed {
        change(value, mended);
    }
    lexed
}

fn texts(value: &mut Value, change: &impl Fn(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(items) => items.iter_mut().for_each(|item| texts(item, change)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| texts(member, change)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
