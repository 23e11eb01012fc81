//! Texts that are nearly right, and what a schema says of them.

use instructor::ResponseModel;
use jsonschema::Validator;
use regex::Regex;
use serde_json::json;

use super::parse;

/// The schema of a type that is a text.
pub(super) struct Texts {
    /// Knows the syntax of ECMA 262.
    validator: Validator,
    /// The pattern, as the `regex` crate understands it.
    pattern: Option<Regex>,
}

impl Texts {
    pub(super) fn of<T: ResponseModel>() -> Texts {
        let schema = parse(T::SCHEMA.standard());
        let pattern = schema["properties"]["content"]["pattern"].as_str();
        if let Some(pattern) = pattern {
            assert_portable(pattern);
        }
        Texts {
            validator: jsonschema::options()
                .should_validate_formats(true)
                .build(&schema)
                .expect("a schema"),
            pattern: pattern.map(|pattern| Regex::new(pattern).expect("a pattern")),
        }
    }

    /// Whether the schema accepts the text; both engines must agree.
    pub(super) fn are_accepted(&self, text: &str) -> bool {
        let accepted = self.validator.is_valid(&json!({ "content": text }));
        if let Some(pattern) = &self.pattern {
            assert_eq!(accepted, pattern.is_match(text), "{text} and {pattern}");
        }
        accepted
    }
}

/// Holds a pattern to the syntax that ECMA 262 and the `regex` crate share, and to what is short of Unicode in both.
fn assert_portable(pattern: &str) {
    assert!(pattern.is_ascii(), "{pattern}");
    let mut rest = pattern;
    while let Some((_, after)) = rest.split_once("(") {
        assert!(after.starts_with("?:"), "only plain groups: {pattern}");
        rest = after;
    }
    let mut rest = pattern;
    while let Some((_, after)) = rest.split_once('\\') {
        assert!(after.starts_with(['.', '[', ']']), "{pattern}");
        rest = after;
    }
    assert!(
        pattern.starts_with('^') && pattern.ends_with('$'),
        "{pattern}"
    );
}

/// The seeds, and `count` texts that were made of them by a few changes.
pub(super) fn near_misses(seeds: &[&str], pieces: &[&str], count: u64) -> Vec<String> {
    let mut random = fastrand::Rng::with_seed(count);
    let mut texts: Vec<String> = seeds.iter().map(|seed| (*seed).to_owned()).collect();
    for _ in 0..count {
        let mut parts: Vec<&str> = seeds[random.usize(..seeds.len())].split("").collect();
        for _ in 0..random.usize(1..4) {
            let place = random.usize(..parts.len());
            let piece = pieces[random.usize(..pieces.len())];
            match random.u8(..3) {
                0 => parts[place] = "",
                1 => parts[place] = piece,
                _ => parts.insert(place, piece),
            }
        }
        texts.push(parts.concat());
    }
    texts
}
