//! Finds the values of an answer that LLM rules judge.

use serde_json::Value;

use crate::schema::{Edge, Field, LlmRule, Node};
use crate::validate::Path;

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

/// Every value below `root` that an LLM rule judges; an absent or null value has nothing to judge.
pub(crate) fn llm_targets(root: Edge, value: &Value) -> Vec<LlmTarget> {
    let mut targets = Targets {
        found: Vec::new(),
        pointer: String::new(),
    };
    targets.value(root, value, &Path::ROOT);
    targets.found
}

struct Targets {
    found: Vec<LlmTarget>,
    /// The pointer to the value at hand: it grows on the way down and shrinks on the way up.
    pointer: String,
}

impl Targets {
    fn value(&mut self, edge: Edge, value: &Value, path: &Path<'_>) {
        match (edge.node(), value) {
            (Node::Nullable(inner), _) => self.value(*inner, value, path),
            (Node::Array(inner), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.below(&index.to_string(), |targets| {
                        targets.value(*inner, item, &path.index(index));
                    });
                }
            }
            (Node::Map(inner), Value::Object(entries)) => {
                for (key, entry) in entries {
                    self.below(key, |targets| targets.value(*inner, entry, &path.key(key)));
                }
            }
            (Node::Named(named), Value::Object(entries)) => {
                for field in named.fields() {
                    if let Some(value) = entries.get(field.name) {
                        self.below(field.name, |targets| targets.field(field, value, path));
                    }
                }
            }
            // serde also reads a struct from an array of its fields in order. Rules must hold however the answer is written.
            (Node::Named(named), Value::Array(values)) => {
                for (index, (field, value)) in named.fields().iter().zip(values).enumerate() {
                    self.below(&index.to_string(), |targets| {
                        targets.field(field, value, path);
                    });
                }
            }
            _ => {}
        }
    }

    fn field(&mut self, field: &Field, value: &Value, path: &Path<'_>) {
        if value.is_null() {
            return;
        }
        let path = path.key(field.name);
        for rule in field.llm_rules {
            self.found.push(LlmTarget {
                path: path.to_string(),
                pointer: self.pointer.clone(),
                rule,
                value: value.clone(),
            });
        }
        self.value(field.edge, value, &path);
    }

    fn below(&mut self, key: &str, walk: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer
            .push_str(&key.replace('~', "~0").replace('/', "~1"));
        walk(self);
        self.pointer.truncate(length);
    }
}
