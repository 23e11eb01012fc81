//! Any text against any shape gives a value or says what is wrong, and where.
//!
//! The texts are answers that fit, values that have nothing to do with the schema, and both of them broken at random.

use std::collections::BTreeMap;

use instructor::{CorrectionKind, Leniency, ResponseModel, ValidationErrors};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::generator::Generator;
use super::parse;
use super::zoo::*;

/// Texts of each kind that are tried for each type.
const TEXTS: u64 = 150;

fn read<T: ResponseModel>(text: &str) -> Result<(T, Vec<CorrectionKind>), ValidationErrors> {
    let read = instructor::__private::read::<T>(text, Leniency::Default)?;
    let kinds = read.1.iter().map(|correction| correction.kind);
    Ok((read.0, kinds.collect()))
}

/// The value as serde writes it, its lists sorted: a `HashSet` has no order.
fn written(value: &impl Serialize) -> Value {
    let mut written = json!(value);
    sort(&mut written);
    written
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_key(Value::to_string);
        }
        Value::Object(members) => members.values_mut().for_each(sort),
        _ => {}
    }
}

/// Reads `text` under both policies, and holds what is true of any text.
fn try_text<T: ResponseModel + Serialize>(name: &str, text: &str) -> bool {
    let strict = instructor::__private::read::<T>(text, Leniency::Strict);
    let lenient = read::<T>(text);
    for errors in strict
        .as_ref()
        .err()
        .into_iter()
        .chain(lenient.as_ref().err())
    {
        assert!(
            !errors.is_empty(),
            "{name}: refused without a reason\n{text}"
        );
        for rendering in [
            errors.to_string(),
            errors.for_model().to_string(),
            errors.report(text).to_string(),
            errors.clone().redacted().report(text).to_string(),
        ] {
            assert!(!rendering.is_empty(), "{name}: {errors}\n{text}");
        }
    }
    let is_read = lenient.is_ok();
    if let Ok((strict, corrections)) = strict {
        assert!(corrections.is_empty(), "{name}: {corrections:?}\n{text}");
        let (lenient, corrections) = lenient.expect("what is strictly right is right");
        assert!(corrections.is_empty(), "{name}: {corrections:?}\n{text}");
        assert_eq!(written(&strict), written(&lenient), "{name}\n{text}");
    }
    is_read
}

/// Holds that the paths of the faults lead somewhere in `answer`, or right below something. A struct may be written as an array
/// of its fields, which still have their names in a path.
fn resolve<T: ResponseModel>(name: &str, answer: &Value) {
    let Err(errors) = read::<T>(&answer.to_string()) else {
        return;
    };
    let mut places = BTreeMap::from([("$".to_owned(), answer), (String::new(), answer)]);
    collect(answer, "", &mut places);
    for error in &errors {
        let path = error.path.as_str();
        let inner = path.match_indices(['.', '[']).map(|(end, _)| end);
        let mut ends: Vec<usize> = std::iter::once(0).chain(inner).collect();
        ends.push(path.len());
        let found = ends
            .iter()
            .rposition(|end| places.contains_key(&path[..*end]));
        let found = found.expect("the root is a place");
        let is_named_item =
            places[&path[..ends[found]]].is_array() && !path[ends[found]..].starts_with('[');
        assert!(
            found + 2 >= ends.len() || is_named_item,
            "{name}: `{error}` leads nowhere\n{answer}"
        );
    }
}

/// The paths of all places in a value.
fn collect<'a>(value: &'a Value, path: &str, places: &mut BTreeMap<String, &'a Value>) {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| match path {
                "" => (key.clone(), member),
                path => (format!("{path}.{key}"), member),
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, item)| (format!("{path}[{index}]"), item))
            .collect(),
        _ => Vec::new(),
    };
    for (path, part) in parts {
        collect(part, &path, places);
        places.insert(path, part);
    }
}

/// A value that knows the names of a schema, and nothing else of it.
fn any_value(random: &mut fastrand::Rng, names: &[&str], depth: usize) -> Value {
    match random.u8(..if depth > 3 { 10 } else { 14 }) {
        0 => Value::Null,
        1 => json!(random.bool()),
        2 => json!(random.i64(..)),
        3 => json!(random.u64(..)),
        4 => json!(random.f64() * 1e3),
        5 => json!(f64::from(random.i8(..))),
        6 => json!(random.i8(..).to_string()),
        7 => json!(["yes", "No", "TRUE", "null", "", "{}", "[1,2]"][random.usize(..7)]),
        8 => json!(names[random.usize(..names.len())]),
        9 => json!(random.char(..).to_string()),
        10 => (0..random.usize(..3))
            .map(|_| any_value(random, names, depth + 1))
            .collect(),
        _ => {
            let mut members = Map::new();
            for _ in 0..random.usize(..4) {
                let name = names[random.usize(..names.len())].to_owned();
                members.insert(name, any_value(random, names, depth + 1));
            }
            Value::Object(members)
        }
    }
}

/// The text with something added, left out or repeated.
fn broken(random: &mut fastrand::Rng, text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..random.usize(1..4) {
        let place = random.usize(..=characters.len());
        match random.u8(..4) {
            0 => characters.truncate(place),
            1 if place < characters.len() => {
                characters.remove(place);
            }
            2 => {
                let end = random.usize(place..=characters.len());
                let piece: Vec<char> = characters[place..end].to_vec();
                characters.splice(place..place, piece);
            }
            _ => {
                let piece = [
                    "{",
                    "}",
                    "[",
                    "]",
                    ",",
                    ":",
                    "\"",
                    "\\",
                    "\u{0}",
                    "\n",
                    "```json\n",
                    "<think>",
                    "</think>",
                    "\u{feff}",
                    "null",
                    "-",
                    "0",
                    "é",
                    "{\"a\": 1}",
                ][random.usize(..19)];
                characters.splice(place..place, piece.chars());
            }
        }
    }
    characters.into_iter().collect()
}

fn try_everything<T: ResponseModel + Serialize>(name: &str) {
    let schema = parse(T::SCHEMA.standard());
    let mut names = vec!["a.b", "x[0]", ""];
    let properties = schema["properties"].as_object().into_iter().flatten();
    names.extend(properties.map(|(name, _)| name.as_str()));
    let definitions = schema["$defs"].as_object().into_iter().flatten();
    for (_, definition) in definitions {
        let properties = definition["properties"].as_object().into_iter().flatten();
        names.extend(properties.map(|(name, _)| name.as_str()));
    }
    let mut accepted = 0;
    for seed in 0..TEXTS {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut generator = Generator::new(&schema, seed);
        let fitting = generator.fitting();
        let changed = generator.changed(fitting.clone());
        let mut other = any_value(&mut random, &names, 0);
        if let (Some(key), true) = (T::SCHEMA.wrapper, random.bool()) {
            other = json!({ key: other });
        }
        for value in [&fitting, &changed, &other] {
            let text = value.to_string();
            accepted += u64::from(try_text::<T>(name, &text));
            try_text::<T>(name, &broken(&mut random, &text));
            resolve::<T>(name, value);
        }
        let text = fitting.to_string();
        let cut: String = text
            .chars()
            .take(random.usize(..text.chars().count()))
            .collect();
        assert!(
            !try_text::<T>(name, &cut),
            "{name}: a cut-off answer was completed\n{cut}"
        );
    }
    // Ids and addresses do not come about by chance.
    assert!(
        accepted > 0 || name == "rules_of_formats",
        "{name}: none was read"
    );
}

#[test]
fn any_text_gives_a_value_or_says_what_is_wrong() {
    every_shape!(try_everything);
}

/// What serde writes of a value, with every number and boolean in quotes, is read as the same value again.
fn survives_quotes<T: ResponseModel + Serialize>(name: &str) {
    let schema = parse(T::SCHEMA.standard());
    let (mut corrected, mut same) = (0, 0);
    for seed in 0..TEXTS {
        let answer = Generator::new(&schema, seed).fitting();
        let Ok((value, _)) = read::<T>(&answer.to_string()) else {
            continue;
        };
        let mut quoted = answer.clone();
        quote(&mut quoted);
        let Ok((read, corrections)) = read::<T>(&quoted.to_string()) else {
            continue;
        };
        // A text that a union or `serde_json::Value` takes as it is stays a text.
        if !corrections.is_empty() {
            corrected += 1;
            same += usize::from(written(&read) == written(&value));
        }
    }
    if [
        "scalars",
        "integers",
        "lists",
        "enum_internal",
        "generics_side_by_side",
    ]
    .contains(&name)
    {
        assert!(corrected > 0, "{name}: nothing was corrected");
    }
    // These hold a `serde_json::Value` or a union, for which a text in quotes is a value like any other.
    assert!(
        same == corrected || ["anything", "enum_untagged", "lengths"].contains(&name),
        "{name}: {same} of {corrected} became what they were"
    );
}

fn quote(value: &mut Value) {
    match value {
        Value::Number(_) | Value::Bool(_) => *value = Value::String(value.to_string()),
        Value::Array(items) => items.iter_mut().for_each(quote),
        Value::Object(members) => members.values_mut().for_each(quote),
        _ => {}
    }
}

#[test]
fn values_in_quotes_become_what_they_were() {
    every_shape!(survives_quotes);
}
