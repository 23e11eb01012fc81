//! Finds the values of an answer that LLM rules judge.

use serde_json::Value;

use super::spots::{self, Carrier, Spot};
use crate::pointer;
use crate::schema::{Edge, LlmRule};

/// A value that an LLM rule is to judge.
#[derive(Debug)]
pub(crate) struct LlmTarget {
    /// Where it stands, for people: `steps[2].owner`.
    pub(crate) path: String,
    /// Where it stands, for `Value::pointer_mut`: `/steps/2/owner`.
    pub(crate) pointer: String,
    pub(crate) rule: &'static LlmRule,
    pub(crate) value: Value,
}

/// Every value of `answer` that an LLM rule judges. The `root` stands under `key`, if there is one; an absent or null value has
/// nothing to judge.
pub(super) fn llm_targets(root: Edge, key: Option<&'static str>, answer: &Value) -> Vec<LlmTarget> {
    let mut targets = Targets {
        answer,
        found: Vec::new(),
    };
    spots::visit(root, key, answer, &mut |spot| targets.add(&spot));
    targets.found
}

struct Targets<'a> {
    answer: &'a Value,
    found: Vec<LlmTarget>,
}

impl Targets<'_> {
    /// The value, or its items, for each of its rules.
    fn add(&mut self, spot: &Spot<'_>) {
        let (path, pointer) = (spot.path, spot.pointer);
        let rules = match spot.carrier {
            Carrier::Type(named) => named.llm_rules,
            Carrier::Field(field) => field.llm_rules,
        };
        for rule in rules {
            match spot.value {
                Value::Array(items) if rule.each => {
                    for (index, item) in items.iter().enumerate() {
                        let pointer = format!("{pointer}/{}", index + spot.tag.items());
                        self.target(rule, item, path.index(index).to_string(), pointer);
                    }
                }
                Value::Object(entries) if rule.each => {
                    for (key, entry) in entries {
                        let mut below = pointer.to_owned();
                        pointer::push(&mut below, key);
                        self.target(rule, entry, path.key(key).to_string(), below);
                    }
                }
                value => self.target(rule, value, path.to_string(), pointer.to_owned()),
            }
        }
    }

    fn target(&mut self, rule: &'static LlmRule, value: &Value, path: String, pointer: String) {
        if !value.is_null() {
            // What is judged is what a replacement takes the place of: all that stands there, with the tag beside it if it has one.
            let judged = self.answer.pointer(&pointer).unwrap_or(value).clone();
            self.found.push(LlmTarget {
                path,
                pointer,
                rule,
                value: judged,
            });
        }
    }
}
