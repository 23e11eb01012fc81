//! Checks values as they close. What counts is the check of the whole answer; this one comes early.

use serde_json::Value;

use super::Builder;
use super::frame::{Target, What};
use super::members::bit;
use crate::inspect;
use crate::leniency::{self, Leniency};
use crate::parse;
use crate::schema::{Edge, Field};
use crate::validate::{ErrorCode, Path, ValidationError};

impl Builder {
    /// Checks a value without parts.
    pub(super) fn check_leaf(&mut self, target: &Target, json: &str, is_read: bool) {
        if !is_read || !target.rules.is_empty() {
            self.check(target, json, |_| true);
        }
    }

    /// Checks a container, of which the parts have been checked.
    pub(super) fn check_container(&mut self, target: &Target, json: &str, is_read: bool) {
        let has_custom = target.current.is_some_and(|named| !named.custom.is_empty());
        if !is_read {
            self.check(target, json, |_| true);
        } else if !target.rules.is_empty() || has_custom {
            let root = Path::ROOT.to_string();
            self.check(target, json, |error| error.path == root);
        }
    }

    fn check(&mut self, target: &Target, json: &str, is_own: impl Fn(&ValidationError) -> bool) {
        if !self.checks || target.is_put_into_shape {
            return;
        }
        let (What::Type(edge), Some((mut value, _))) = (target.what, self.value_of(json)) else {
            return;
        };
        let errors = |value: &Value| {
            inspect::part_errors(target.current, edge, target.rules, value, &self.context)
        };
        let mut found = errors(&value);
        if !found.is_empty() && self.coerce(target, edge, &mut value) {
            found = errors(&value);
        }
        for error in found.iter().filter(|error| is_own(error)) {
            let path = below(&self.path, &error.path);
            self.errors.push(ValidationError {
                path,
                ..error.clone()
            });
        }
    }

    /// What a whole value is, and whether slips of writing and keys that stand in it twice were put right for that.
    pub(super) fn value_of(&self, json: &str) -> Option<(Value, bool)> {
        if self.leniency == Leniency::Strict {
            return Some((serde_json::from_str(json).ok()?, false));
        }
        let mut corrections = Vec::new();
        if let Ok(value) = parse::value_noting_duplicates(json, &mut corrections) {
            return Some((value, !corrections.is_empty()));
        }
        Some((serde_json::from_str(&parse::mended(json)?).ok()?, true))
    }

    /// Forgets what was wrong with the value at hand: its key came again, and the last one counts, where that is no fault of its own.
    pub(super) fn forget_errors(&mut self) {
        if self.leniency == Leniency::Strict {
            return;
        }
        let path = &*self.path;
        self.errors.retain(|error| {
            let below = error.path.strip_prefix(path);
            !below.is_some_and(|below| below.is_empty() || below.starts_with(['.', '[']))
        });
    }

    /// Puts a value right that is not of its type, as the whole answer will be.
    pub(super) fn coerce(&self, target: &Target, edge: Edge, value: &mut Value) -> bool {
        let context = inspect::Context {
            current: target.current,
            ..inspect::Context::ROOT
        };
        self.leniency != Leniency::Strict && leniency::coerce_part(context, edge, value)
    }

    /// Checks that an object has the fields that it must have.
    pub(super) fn check_fields(&mut self, fields: &'static [Field], seen: u128) {
        if !self.checks {
            return;
        }
        for (index, field) in fields.iter().enumerate() {
            let bit = bit(index);
            if bit == 0 || seen & bit != 0 || field.is_flattened || !field.is_required() {
                continue;
            }
            let path = below(&self.path, field.name.as_str());
            let message = "is required, but missing";
            self.errors
                .push(ValidationError::at(path, ErrorCode::Missing, message));
        }
    }
}

/// The path of a place below another, by the path that it has there.
fn below(path: &str, rest: &str) -> String {
    if path.is_empty() {
        return rest.to_owned();
    }
    match rest {
        "$" => path.to_owned(),
        rest if rest.starts_with('[') => format!("{path}{rest}"),
        rest => format!("{path}.{rest}"),
    }
}
