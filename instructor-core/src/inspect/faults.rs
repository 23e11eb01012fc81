//! Finds every fault of an answer: types, missing fields, unknown variants and rules.

mod enumeration;
mod object;
mod scalar;

use std::collections::HashSet;

use serde_json::Value;

use super::choice::{Choice, Enumeration};
use super::context::{Context, Source};
use super::type_name;
use crate::context::Context as Given;
use crate::rule::{Quantity, Size, unique_items};
use crate::schema::{Body, Edge, Field, Keys, Named, Node, Rule};
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// What a walk looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sought {
    /// Whatever is wrong.
    Everything,
    /// What serde cannot read.
    Types,
    /// Broken rules, of a value that serde has read already.
    Rules,
    /// Of these, the ones that stand on a converted field or below one.
    JsonRules,
}

/// The faults of `value` at `path` against the graph, in the order of the fields.
pub(super) fn errors(
    root: Edge,
    value: &Value,
    path: &Path<'_>,
    sought: Sought,
    given: &Given,
) -> ValidationErrors {
    let mut faults = Faults::new(Context::ROOT, sought, given);
    faults.value(root, &[], value, path);
    faults.errors
}

/// The faults of a value that is met in `context`, with the rules that stand on it.
pub(super) fn part_errors(
    context: Context,
    edge: Edge,
    rules: &[Rule],
    value: &Value,
    given: &Given,
) -> ValidationErrors {
    let mut faults = Faults::new(context, Sought::Everything, given);
    faults.value(edge, rules, value, &Path::ROOT);
    faults.errors
}

/// Whether serde can read `choice` from `value`, as far as can be seen.
pub(super) fn fits(
    context: Context,
    enumeration: Enumeration,
    choice: &Choice<'_>,
    value: &Value,
) -> bool {
    let nothing = Given::new();
    let mut faults = Faults::new(context, Sought::Types, &nothing);
    faults.choice(enumeration, choice, value, &Path::ROOT);
    faults.errors.is_empty()
}

/// Every fault of `value` as a type that is met in `context`, wherever it stands.
pub(crate) fn value_errors(context: Context, edge: Edge, value: &Value) -> ValidationErrors {
    let nothing = Given::new();
    let mut faults = Faults::new(context, Sought::Everything, &nothing);
    faults.value(edge, &[], value, &Path::ROOT);
    faults.errors
}

/// Every fault of `value` as a variant of an enum that is met in `context`, wherever it stands.
pub(crate) fn choice_errors(
    context: Context,
    enumeration: Enumeration,
    choice: &Choice<'_>,
    value: &Value,
) -> ValidationErrors {
    let nothing = Given::new();
    let mut faults = Faults::new(context, Sought::Everything, &nothing);
    faults.choice(enumeration, choice, value, &Path::ROOT);
    faults.errors
}

struct Faults<'a> {
    errors: ValidationErrors,
    context: Context,
    sought: Sought,
    /// What custom rules may look at.
    given: &'a Given,
    /// The value at hand is read by a function or converted, or is a part of one that is.
    is_converted: bool,
}

impl<'a> Faults<'a> {
    fn new(context: Context, sought: Sought, given: &'a Given) -> Self {
        Faults {
            errors: ValidationErrors::new(),
            context,
            sought,
            given,
            is_converted: false,
        }
    }

    /// Adds what serde does not read. `input` is `None` if it is not there.
    fn misfit(
        &mut self,
        path: &Path<'_>,
        code: ErrorCode,
        message: impl Into<String>,
        input: Option<&Value>,
    ) {
        // A type may read more than its schema says: what serde has read is right.
        if matches!(self.sought, Sought::Rules | Sought::JsonRules) {
            return;
        }
        let error = ValidationError::new(path, code, message);
        self.errors.push(match input {
            Some(input) => error.with_input(input),
            None => error,
        });
    }

    /// Adds a broken rule.
    fn broken(&mut self, path: &Path<'_>, code: ErrorCode, message: String, input: &Value) {
        let error = ValidationError::new(path, code, message).with_input(input);
        self.errors.push(error);
    }

    /// Walks what serde reads from `source`.
    fn from(&mut self, source: Source, walk: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.context.source, source);
        walk(self);
        self.context.source = outer;
    }

    /// Checks `value` against a type and the rules of the field it is the type of.
    fn value(&mut self, edge: Edge, rules: &[Rule], value: &Value, path: &Path<'_>) {
        let all_rules = rules;
        let rules = match self.sought {
            Sought::Types => &[],
            Sought::JsonRules if !self.is_converted => &[],
            Sought::Everything | Sought::Rules | Sought::JsonRules => rules,
        };
        match (edge.node(), value) {
            (Node::Nullable(_), Value::Null) | (Node::Any | Node::Foreign(_), _) => {}
            (Node::Nullable(inner), _) => self.value(*inner, all_rules, value, path),
            (Node::Scalar(scalar), _) => self.scalar(*scalar, rules, value, path),
            (
                Node::Array {
                    items,
                    length,
                    unique,
                },
                Value::Array(values),
            ) => {
                match length {
                    Some(length) => self.exact_length(*length, values, value, path),
                    // What stands twice is in the set once.
                    None if *unique => {
                        let distinct = values.iter().collect::<HashSet<_>>().len();
                        self.size(Some(Size::Items(distinct)), rules, value, path);
                    }
                    None => self.length(rules, value, path),
                }
                self.unique_items(rules, values, value, path);
                // Of a set no typed value knows the places.
                let outer = self.is_converted;
                self.is_converted |= *unique && !Rule::of_items(all_rules).is_empty();
                for (index, item) in values.iter().enumerate() {
                    self.value(*items, Rule::of_items(all_rules), item, &path.index(index));
                }
                self.is_converted = outer;
            }
            (Node::Tuple(edges), Value::Array(values)) => {
                self.exact_length(edges.len(), values, value, path);
                for (index, (edge, item)) in edges.iter().zip(values).enumerate() {
                    self.value(*edge, &[], item, &path.index(index));
                }
            }
            (Node::Array { .. } | Node::Tuple(_), _) => self.wrong_type("array", value, path),
            (Node::Map { keys, values }, Value::Object(entries)) => {
                self.length(rules, value, path);
                for (key, entry) in entries {
                    let path = path.key(key);
                    self.key(*keys, Rule::of_keys(rules), key, &path);
                    self.value(*values, Rule::of_values(all_rules), entry, &path);
                }
            }
            (Node::Map { .. }, _) => self.wrong_type("object", value, path),
            (Node::Named(named), _) => self.named(named, value, path),
            (Node::Enclosing(_), _) => {
                if let Some(named) = self.context.current {
                    self.named(named, value, path);
                }
            }
        }
        if !matches!(edge.node(), Node::Nullable(_)) {
            self.custom(rules, value, path);
        }
    }

    fn custom(&mut self, rules: &[Rule], value: &Value, path: &Path<'_>) {
        for rule in rules {
            if let Rule::Custom(function) = rule
                && let Some(fault) = function(value, self.given)
            {
                self.broken(path, ErrorCode::Custom, fault, value);
            }
        }
    }

    fn field(&mut self, field: &'static Field, value: &Value, path: &Path<'_>) {
        let outer = self.is_converted;
        self.is_converted |= field.is_converted;
        self.value(field.edge, field.rules, value, path);
        self.is_converted = outer;
    }

    fn named(&mut self, named: &'static Named, value: &Value, path: &Path<'_>) {
        let outer = self.context.current.replace(named);
        let before = self.errors.len();
        match named.body {
            Body::Object { fields, closed } => self.object_or_list(fields, closed, value, path),
            Body::Tuple(fields) => self.tuple(fields, value, path),
            Body::Newtype { field, .. } => self.field(field, value, path),
            Body::Enum {
                variants,
                tagging,
                closed,
            } => {
                let enumeration = Enumeration {
                    variants,
                    tagging,
                    closed,
                };
                self.enumeration(enumeration, value, path);
            }
        }
        self.context.current = outer;
        let is_sought = match self.sought {
            Sought::Types => false,
            Sought::JsonRules => self.is_converted,
            Sought::Everything | Sought::Rules => true,
        };
        if is_sought && self.errors.len() == before {
            for function in named.custom {
                if let Some(fault) = function(value, self.given) {
                    self.broken(path, ErrorCode::Custom, fault, value);
                }
            }
        }
    }

    /// Fields without names, in order. Those at the end that have a default may be left out.
    fn tuple(&mut self, fields: &'static [Field], value: &Value, path: &Path<'_>) {
        let Value::Array(values) = value else {
            self.wrong_type("array", value, path);
            return;
        };
        let (least, most) = (
            fields.iter().filter(|field| !field.has_default).count(),
            fields.len(),
        );
        if least == most {
            self.exact_length(most, values, value, path);
        } else if !(least..=most).contains(&values.len()) {
            let message = format!("must have {least} to {most} items, has {}", values.len());
            self.misfit(path, ErrorCode::Length, message, Some(value));
        }
        for (index, (field, item)) in fields.iter().zip(values).enumerate() {
            self.field(field, item, &path.index(index));
        }
    }

    /// Checks the key of a map, at the place of its value.
    fn key(&mut self, keys: Keys, rules: &[Rule], key: &str, path: &Path<'_>) {
        let (minimum, maximum) = match keys {
            Keys::Text if rules.is_empty() => return,
            Keys::Text => {
                let value = Value::from(key);
                self.text(rules, key, &value, path);
                self.custom(rules, &value, path);
                return;
            }
            Keys::Typed(edge) => return self.value(edge, rules, &Value::from(key), path),
            Keys::Integer {
                minimum, maximum, ..
            } => (minimum, maximum),
        };
        let fits = integer_in_text(key, minimum, maximum);
        if !fits {
            let message = format!("the key must be an integer from {minimum} to {maximum}");
            self.misfit(path, ErrorCode::Type, message, None);
        } else if let Ok(number) = key.parse::<i128>()
            && !rules.is_empty()
        {
            let quantity = Some(Quantity::Integer(number));
            self.number(quantity, rules, &Value::from(key), path);
        }
    }

    fn exact_length(&mut self, length: usize, items: &[Value], value: &Value, path: &Path<'_>) {
        if items.len() != length {
            let unit = if length == 1 { "item" } else { "items" };
            let message = format!("must have exactly {length} {unit}, has {}", items.len());
            self.misfit(path, ErrorCode::Length, message, Some(value));
        }
    }

    fn length(&mut self, rules: &[Rule], value: &Value, path: &Path<'_>) {
        self.size(Size::of(value), rules, value, path);
    }

    fn size(&mut self, size: Option<Size>, rules: &[Rule], value: &Value, path: &Path<'_>) {
        for rule in rules {
            if let Rule::Length { min, max } = rule
                && let Some(fault) = size.and_then(|size| size.fault(*min, *max))
            {
                self.broken(path, ErrorCode::Length, fault, value);
            }
        }
    }

    fn unique_items(&mut self, rules: &[Rule], items: &[Value], value: &Value, path: &Path<'_>) {
        if rules.iter().any(|rule| matches!(rule, Rule::UniqueItems))
            && let Some(fault) = unique_items::fault(items.iter())
        {
            self.broken(path, ErrorCode::UniqueItems, fault, value);
        }
    }

    fn wrong_type(&mut self, expected: &str, value: &Value, path: &Path<'_>) {
        let message = format!("expected {expected}, got {}", type_name(value));
        self.misfit(path, ErrorCode::Type, message, Some(value));
    }
}

/// Whether `serde_json` reads an integer of these bounds from a key: decimal, without a plus or leading zeros.
fn integer_in_text(key: &str, minimum: i128, maximum: u128) -> bool {
    let digits = key.strip_prefix('-').unwrap_or(key);
    let is_decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_decimal || (digits.len() > 1 && digits.starts_with('0')) {
        return false;
    }
    if digits.len() == key.len() {
        return key.parse::<u128>().is_ok_and(|number| number <= maximum);
    }
    // Minus zero is a float to serde_json, but not where 128 bits are read.
    let is_wide = minimum < i128::from(i64::MIN);
    (digits != "0" || is_wide) && key.parse::<i128>().is_ok_and(|number| number >= minimum)
}
