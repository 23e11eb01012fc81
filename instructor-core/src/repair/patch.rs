//! Corrections of some places of an answer: what is asked for, and how it is put in.

use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use super::{excerpt, place};
use crate::attempt::Attempt;
use crate::inspect;
use crate::leniency::{Correction, Leniency};
use crate::parse;
use crate::pointer::{self, is_within};
use crate::schema::{Dialect, Inexpressible, Place, Schema, fragment};
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// A patch of more places than this asks for most of the answer.
const MOST_PLACES: usize = 32;

/// Of more places than this the keys are not named again at the end: the schema lists them.
const MOST_NAMED: usize = 3;

/// What a model is asked for when only some values of its answer are wrong.
pub(crate) struct Patch {
    /// The name of the tool.
    name: String,
    /// The answer that is wrong.
    answer: Value,
    places: Vec<Place>,
    /// The path of each error, and the index of the place that mends it.
    paths: Vec<(String, usize)>,
    /// In the order of [`Dialect::ALL`].
    texts: [OnceLock<Result<String, String>>; Dialect::ALL.len()],
}

impl Patch {
    /// The corrections that mend the failed attempt; `None` if there are none, since the answer is no JSON, or is wrong as a
    /// whole, or at a place whose type cannot be told.
    pub(super) fn of(schema: &Schema, failed: &Attempt, leniency: Leniency) -> Option<Patch> {
        // What is wrong must be known to the end.
        let errors = failed
            .errors
            .as_ref()
            .filter(|errors| errors.omitted() == 0)?;
        let mut answer = value(failed.answer.as_deref()?, leniency, &mut Vec::new()).ok()?;
        // The places of the errors are those of the values in shape.
        if schema.has_before() {
            inspect::put_into_shape(schema, &mut answer);
        }
        let mut places: Vec<Place> = Vec::new();
        let mut owners = Vec::new();
        for error in errors {
            let place = place::locate(schema, &answer, &error.path)?;
            owners.push((error.path.clone(), place.pointer.clone()));
            places.push(place);
        }
        // What stands in a wrong value is written anew with it.
        places.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        places.dedup_by(|inner, outer| is_within(&inner.pointer, &outer.pointer));
        if places.is_empty() || places.len() > MOST_PLACES {
            return None;
        }
        let paths = owners.into_iter().map(|(path, pointer)| {
            let owner = places
                .iter()
                .position(|place| is_within(&pointer, &place.pointer));
            Some((path, owner?))
        });
        let paths = paths.collect::<Option<Vec<_>>>()?;
        place::name_apart(&mut places);
        let patch = Patch {
            name: format!("correct_{}", schema.name),
            answer,
            places,
            paths,
            texts: [const { OnceLock::new() }; Dialect::ALL.len()],
        };
        patch.text(Dialect::Standard).is_ok().then_some(patch)
    }

    /// The name of the tool.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The schema of the corrections: an object with a key for each.
    ///
    /// # Errors
    ///
    /// If the dialect cannot say one of them, with the reason. [`Dialect::Standard`] can say all.
    pub(crate) fn text(&self, dialect: Dialect) -> Result<&str, Inexpressible> {
        let text = dialect.choose(&self.texts);
        match text.get_or_init(|| fragment(&self.places, dialect)) {
            Ok(text) => Ok(text),
            Err(_) => Err(Inexpressible {
                reason: "the dialect cannot say these corrections",
            }),
        }
    }

    /// Whether it costs less than four fifths of what the whole answer costs: the schema and the answer that is carried along as
    /// input, the answer again as output. Bytes stand for tokens. A patch that saves less asks for nearly everything, and then it
    /// is better to see the answer too.
    pub(super) fn is_cheaper(&self, schema: &Schema, failed: &Attempt) -> bool {
        let Ok(text) = self.text(Dialect::Standard) else {
            return false;
        };
        let corrected: usize = self
            .places
            .iter()
            .filter_map(|place| self.answer.pointer(&place.pointer))
            .map(|value| value.to_string().len())
            .sum();
        let answer = failed.answer.as_ref().map_or(0, |answer| answer.len());
        5 * (text.len() + corrected) < 4 * (schema.standard().len() + 2 * answer)
    }

    /// Whether there is an error at each of the places that were to be corrected.
    pub(super) fn is_all_wrong(&self, errors: &ValidationErrors) -> bool {
        let mut is_wrong = vec![false; self.places.len()];
        for error in errors {
            let index = self.index(&error.path);
            let place = index.and_then(|index| is_wrong.get_mut(index));
            place.into_iter().for_each(|place| *place = true);
        }
        is_wrong.into_iter().all(|is_wrong| is_wrong)
    }

    /// What is wanted, in words: a few keys by their names, as tiny models need it.
    pub(super) fn wanted(&self) -> String {
        if self.places.len() > MOST_NAMED {
            return "values".to_owned();
        }
        let keys: Vec<&str> = self.places.iter().map(|place| place.key.as_str()).collect();
        keys.join(", ")
    }

    /// The item of a list that the place of an error is in, by its JSON pointer, and what tells it from the others.
    pub(super) fn item(&self, path: &str) -> Option<(String, String)> {
        let place = self.places.get(self.index(path)?)?;
        let (pointer, members) = excerpt::item(&self.answer, &place.pointer)?;
        let places = self.places.iter();
        let wrong: Vec<&str> = places.map(|place| place.pointer.as_str()).collect();
        let excerpt = excerpt::excerpt(&pointer, members, &wrong);
        (!excerpt.is_empty()).then_some((pointer, excerpt))
    }

    /// The key under which the place of an error is corrected.
    pub(super) fn key<'a>(&'a self, path: &'a str) -> &'a str {
        self.index(path)
            .and_then(|index| self.places.get(index))
            .map_or(path, |place| place.key.as_str())
    }

    /// Which place mends the error at `path`.
    fn index(&self, path: &str) -> Option<usize> {
        let known = self.paths.iter().find(|(known, _)| known == path);
        known.map(|(_, index)| *index)
    }

    /// The answer with the corrections in `text` put in; `None` if that is a whole answer after all. What had to be put right in the
    /// text of corrections goes to `noted`.
    pub(crate) fn merged(
        &self,
        text: &str,
        leniency: Leniency,
        noted: &mut Vec<Correction>,
    ) -> Result<Option<String>, ValidationErrors> {
        let noted_before = noted.len();
        let Value::Object(mut corrections) = value(text, leniency, noted)? else {
            let message = format!("expected an object with the keys {}", self.keys());
            let error = ValidationError::new(&Path::ROOT, ErrorCode::Type, message);
            return Err(error.with_raw_input(text).into());
        };
        let mut keys = self.places.iter().map(|place| &place.key);
        if !keys.any(|key| corrections.contains_key(key)) {
            // The whole answer is read again, which notes the same.
            noted.truncate(noted_before);
            return Ok(None);
        }
        let mut answer = self.answer.clone();
        let mut errors = ValidationErrors::new();
        for place in &self.places {
            match corrections.remove(&place.key) {
                Some(value) => put(&mut answer, &place.pointer, value),
                None => {
                    let message = "is required, but missing";
                    errors.push(ValidationError::at(
                        place.key.clone(),
                        ErrorCode::Missing,
                        message,
                    ));
                }
            }
        }
        if errors.is_empty() {
            Ok(Some(answer.to_string()))
        } else {
            Err(errors)
        }
    }

    fn keys(&self) -> String {
        let keys: Vec<String> = self
            .places
            .iter()
            .map(|place| format!("`{}`", place.key))
            .collect();
        keys.join(", ")
    }
}

impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.places.iter().map(|place| place.key.as_str()).collect();
        f.debug_tuple("Patch").field(&keys).finish()
    }
}

/// The value in a text of the model.
fn value(
    text: &str,
    leniency: Leniency,
    noted: &mut Vec<Correction>,
) -> Result<Value, ValidationError> {
    let mut found = parse::json(text, leniency)?;
    noted.append(&mut found.corrections);
    parse::value_noting_duplicates(&found.text, noted)
}

/// Puts `value` at `pointer`, where something may be missing so far.
fn put(answer: &mut Value, pointer: &str, value: Value) {
    if let Some(place) = answer.pointer_mut(pointer) {
        *place = value;
        return;
    }
    let Some((parent, key)) = pointer.rsplit_once('/') else {
        return;
    };
    if let Some(Value::Object(members)) = answer.pointer_mut(parent) {
        members.insert(pointer::key(key), value);
    }
}
