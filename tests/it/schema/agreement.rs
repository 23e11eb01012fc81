//! The schema and serde agree, for every shape: what the schema accepts is deserialised and breaks no rule, and what serde
//! serialises satisfies the schema.
//!
//! Three exceptions are known: to JSON Schema `1.0` is an integer, the bounds of integers of 64 bits are not said, and the
//! dialects of providers say some things in words only.

use instructor::schema::{Dialect, schema_json};
use instructor::{Checks, Context, ErrorCode, Path, ResponseModel, ValidationErrors};
use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Value, json};

use super::generator::Generator;
use super::parse;
use super::zoo::*;

/// Rules that have no keyword.
const TOLD_IN_WORDS: [ErrorCode; 6] = [
    ErrorCode::Contains,
    ErrorCode::DoesNotContain,
    ErrorCode::StartsWith,
    ErrorCode::EndsWith,
    ErrorCode::Ip,
    ErrorCode::Custom,
];

/// Values that are tried for each type.
const VALUES: u64 = 1_500;

fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("a schema")
}

/// The answer as the library reads it, out of its wrapper, and what its rules say.
fn read<T: ResponseModel + serde::de::DeserializeOwned>(
    answer: &Value,
) -> Result<(T, ValidationErrors), String> {
    let value = match T::SCHEMA.wrapper {
        Some(key) => answer.get(key).ok_or("no wrapper")?,
        None => answer,
    };
    // Through text, as an answer comes: serde_json reads integer keys from text alone.
    let typed: T = serde_json::from_str(&value.to_string()).map_err(|error| error.to_string())?;
    if T::SCHEMA.has_json_rules() {
        return Ok((typed, instructor::__private::faults::<T>(answer)));
    }
    let context = Context::new();
    let mut checks = Checks::new(&context);
    typed.check_rules(&Path::ROOT, &mut checks);
    Ok((typed, checks.into_errors()))
}

fn agree<T: ResponseModel + Serialize + serde::de::DeserializeOwned>(name: &str) {
    let schema = parse(T::SCHEMA.standard());
    let validator = validator(&schema);
    let (mut accepted, mut refused) = (0, 0);
    for seed in 0..VALUES {
        let mut generator = Generator::new(&schema, seed);
        let mut answer = generator.fitting();
        for _ in 0..seed % 3 {
            answer = generator.changed(answer);
        }
        let read = read::<T>(&answer);
        if validator.is_valid(&answer) {
            accepted += 1;
            match &read {
                Ok((_, errors)) => assert!(
                    errors
                        .iter()
                        .all(|error| TOLD_IN_WORDS.contains(&error.code)),
                    "{name}: the schema accepts what a rule refuses: {errors}\n{answer}\n{schema}"
                ),
                Err(error) => panic!(
                    "{name}: the schema accepts what serde refuses: {error}\n{answer}\n{schema}"
                ),
            }
        } else {
            refused += 1;
        }
        let Ok((typed, errors)) = read else { continue };
        let seen = instructor::__private::faults::<T>(&answer);
        if errors.is_empty() {
            assert!(
                seen.is_empty(),
                "{name}: the walk finds a fault that serde and the rules do not: {seen}\n{answer}"
            );
            let written = serde_json::to_value(&typed).expect("JSON");
            let written = match T::SCHEMA.wrapper {
                Some(key) => json!({ key: written }),
                None => written,
            };
            assert!(
                validator.is_valid(&written),
                "{name}: serde writes what the schema refuses\n{written}\n{schema}"
            );
        } else {
            assert!(
                !seen.is_empty(),
                "{name}: the walk misses what a rule refuses: {errors}\n{answer}"
            );
        }
    }
    assert!(
        accepted > VALUES / 20 && refused > 0,
        "{name}: {accepted} were accepted and {refused} refused, which proves little"
    );
}

#[test]
fn schemas_agree_with_serde() {
    every_shape!(agree);
}

/// A value that a dialect with every keyword of the standard one accepts is one that the standard one accepts.
fn dialects_are_no_wider<T: ResponseModel>(name: &str) {
    let standard = parse(T::SCHEMA.standard());
    let standard = validator(&standard);
    for dialect in Dialect::ALL {
        let Ok(text) = schema_json::<T>(dialect) else {
            continue;
        };
        let schema = parse(text);
        let said_in_words = text.contains("\"description\"") || text.contains("anyOf");
        let validator = validator(&schema);
        let mut accepted = 0;
        for seed in 0..200 {
            let answer = Generator::new(&schema, seed).fitting();
            if validator.is_valid(&answer) {
                accepted += 1;
                assert!(
                    said_in_words || standard.is_valid(&answer),
                    "{name}: {dialect} accepts what the standard schema refuses\n{answer}\n{schema}"
                );
            }
        }
        assert!(
            accepted > 20,
            "{name}: {dialect} accepted {accepted} of 200"
        );
    }
}

#[test]
fn what_a_dialect_says_without_words_is_as_narrow_as_the_standard_schema() {
    every_shape!(dialects_are_no_wider);
}

#[test]
fn integral_floats_and_numbers_past_64_bits_are_the_known_exceptions() {
    let validator = validator(&parse(i64::SCHEMA.standard()));
    for number in [json!(1.0), json!(1e300)] {
        let answer = json!({ "content": number });
        assert!(validator.is_valid(&answer), "{answer}");
        assert!(read::<i64>(&answer).is_err(), "{answer}");
    }
}

#[test]
fn other_spellings_that_serde_reads_are_refused_by_the_schema() {
    let validator = validator(&parse(User::SCHEMA.standard()));
    // A struct from an array of its fields.
    let positional = json!(["Ann", 7]);
    assert!(!validator.is_valid(&positional));
    assert!(read::<User>(&positional).is_ok());
    // A unit variant as an object.
    let external = validator_of::<Priority>();
    assert!(!external.is_valid(&json!({"content": {"low": null}})));
    assert!(read::<Priority>(&json!({"content": {"low": null}})).is_ok());
}

#[test]
fn the_walk_names_the_wrong_keys_of_a_map() {
    let answer = json!({
        "by_priority": {"low": 1, "very_high": 2, "soon": 3},
        "hashed": {},
        "by_letter": {"ab": true, "é": false},
        "by_id": {"anything": true},
        "by_number": {"65536": true, "7": false},
    });
    let faults = instructor::__private::faults::<TypedMaps>(&answer);
    let faults: Vec<String> = faults
        .iter()
        .map(|fault| format!("{} [{}]", fault.path, fault.code))
        .collect();
    assert_eq!(
        faults,
        [
            "by_priority.soon [unknown_variant]",
            "by_letter.ab [type]",
            "by_number.65536 [type]",
        ]
    );
}

fn validator_of<T: ResponseModel>() -> Validator {
    validator(&parse(T::SCHEMA.standard()))
}
