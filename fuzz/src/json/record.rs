//! A type with everything that arrives in its own way, and its partial values.

use std::collections::BTreeMap;

use instructor::partial::PartialAnswer;
use instructor::{__private, Leniency, ResponseModel, ValidationErrors};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Difference, Document};

/// What is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ResponseModel)]
pub struct Record {
    #[validate(length(min = 1, max = 20))]
    title: String,
    count: u32,
    ratio: Option<f64>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    notes: BTreeMap<String, Option<i8>>,
    kind: Kind,
    events: Vec<Event>,
    adjacent: Adjacent,
    either: Either,
    pair: Option<(u8, bool)>,
    child: Option<Box<Record>>,
    any: Value,
    #[serde(flatten)]
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ResponseModel)]
enum Kind {
    Dot,
    Circle(f64),
    Line { from: String, to: String },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ResponseModel)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Event {
    Started { at: String },
    Moved(Place),
    Ended,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ResponseModel)]
struct Place {
    x: i32,
    #[validate(range(max = 30))]
    y: i32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ResponseModel)]
#[serde(tag = "type", content = "value")]
enum Adjacent {
    Text(String),
    Number(i64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ResponseModel)]
#[serde(untagged)]
enum Either {
    Number(i64),
    Place(Place),
}

/// What comes of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The partial value after the last piece.
    pub value: Option<Value>,
    /// What was wrong with its parts.
    pub errors: ValidationErrors,
    /// What it was in the end.
    pub end: Result<Record, ValidationErrors>,
}

/// A reader of records.
pub type Show = fn(&Document) -> Shown;

/// What instructor-core makes of a text.
pub fn shown(document: &Document) -> Shown {
    let mut answer = PartialAnswer::<Record>::new();
    for piece in document.pieces() {
        answer.push(piece);
    }
    Shown {
        value: answer
            .value()
            .map(|value| serde_json::to_value(value).expect("a partial value is JSON")),
        errors: answer.errors().clone(),
        end: answer.finish(),
    }
}

/// Holds what comes of a text in pieces against what comes of all of it at once.
///
/// # Errors
///
/// If it differs.
pub fn compare_shown(document: &Document, show: Show) -> Result<(), Difference> {
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
    let found = show(document);
    check("split otherwise", &show(&document.unsplit()), &found)?;
    let text = document.text.as_str();
    let read = __private::read::<Record>(text, Leniency::Default);
    check("the end", &read.map(|(record, _)| record), &found.end)?;
    // What needs no correction is shown as it is.
    if let Ok((record, _)) = __private::read::<Record>(text, Leniency::Strict) {
        let value = found.value.unwrap_or_default();
        let shown = serde_json::from_value::<Record>(value).map_err(|error| error.to_string());
        check("the whole value", &Ok::<_, String>(record), &shown)?;
        check("errors", &ValidationErrors::new(), &found.errors)?;
    }
    Ok(())
}
