//! The walk and serde agree on every way in which an answer can be written, and not only on the one that the schema offers.

mod judged;
mod shapes;
mod speller;

use instructor::__private::{ResponseModel, faults, judged as targets};
use instructor::{Checks, Context, Path, ValidationErrors};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use self::judged::*;
use self::shapes::*;
use self::speller::Speller;
use super::generator::Generator;
use super::zoo::*;

/// Values that are tried for each type.
const VALUES: u64 = 3_000;

/// Values of `T`, in any spelling, most of them right.
fn answers<T: ResponseModel>() -> impl Iterator<Item = Value> {
    (0..VALUES).map(|seed| {
        let mut value = Speller::new(seed).value(T::SCHEMA.root, 0);
        if seed % 3 == 0 {
            value = Generator::new(&Value::Null, seed).changed(value);
        }
        match T::SCHEMA.wrapper {
            Some(key) => json!({ key: value }),
            None => value,
        }
    })
}

/// What serde reads from the text, and what its rules say.
fn read<T: ResponseModel + DeserializeOwned>(answer: &Value) -> Result<ValidationErrors, String> {
    let (value, path) = match T::SCHEMA.wrapper {
        Some(key) => (&answer[key], Path::ROOT.key(key)),
        None => (answer, Path::ROOT),
    };
    let typed: T = serde_json::from_str(&value.to_string()).map_err(|error| error.to_string())?;
    let context = Context::new();
    let mut checks = Checks::new(&context);
    typed.check_rules(&path, &mut checks);
    let errors = checks.into_errors();
    Ok(errors)
}

/// Each fault as `path [code] message`, sorted: a map may have another order than its JSON.
fn listed(errors: &ValidationErrors) -> Vec<String> {
    let mut listed: Vec<String> = errors
        .iter()
        .map(|error| format!("{} [{}] {}", error.path, error.code, error.message))
        .collect();
    listed.sort();
    listed
}

fn agree<T: ResponseModel + DeserializeOwned>(name: &str) {
    let (mut accepted, mut refused) = (0, 0);
    for answer in answers::<T>() {
        let seen = faults::<T>(&answer);
        match read::<T>(&answer) {
            Err(error) => {
                refused += 1;
                assert!(
                    !seen.is_empty() || only_serde_knows(name),
                    "{name}: the walk finds nothing where serde says: {error}\n{answer}"
                );
            }
            Ok(errors) => {
                accepted += 1;
                // The rules of converted fields are known to the walk alone.
                if T::SCHEMA.has_json_rules() {
                    continue;
                }
                assert_eq!(
                    listed(&seen),
                    listed(&errors),
                    "{name}: serde reads it and finds broken what stands on the right\n{answer}"
                );
            }
        }
    }
    assert!(
        accepted > VALUES / 20 && refused > 0,
        "{name}: {accepted} were accepted and {refused} refused, which proves little"
    );
}

/// A function reads the text.
fn only_serde_knows(name: &str) -> bool {
    name == "functions"
}

#[test]
fn the_walk_agrees_with_serde_in_every_spelling() {
    every_shape!(agree);
    every_spelling!(agree);
    every_judged!(agree);
}

fn judges<T: ResponseModel + DeserializeOwned>(name: &str) {
    let mut judged = 0;
    for answer in answers::<T>() {
        let Ok(errors) = read::<T>(&answer) else {
            continue;
        };
        let mut broken: Vec<String> = errors.iter().map(|error| error.path.clone()).collect();
        let mut found: Vec<String> = Vec::new();
        for (path, pointer) in targets::<T>(&answer) {
            assert!(
                answer.pointer(&pointer).is_some(),
                "{name}: a replacement for {path} would go nowhere, to {pointer}\n{answer}"
            );
            found.push(path);
        }
        broken.sort();
        found.sort();
        assert_eq!(found, broken, "{name}: judged, and ruled\n{answer}");
        judged += found.len();
    }
    assert!(judged > 500, "{name}: {judged} judged, which proves little");
}

#[test]
fn no_spelling_escapes_its_judges() {
    every_judged!(judges);
}
