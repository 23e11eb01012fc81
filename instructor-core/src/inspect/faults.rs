//! Finds every fault of an answer: types, missing fields, unknown variants and rules.

use serde_json::{Map, Number, Value};

use crate::rule::{Quantity, Size};
use crate::schema::{Bound, Edge, Field, Named, Node, Rule, Scalar, Variant};
use crate::validate::{ErrorCode, Path, ValidationError, ValidationErrors};

/// Variants that are named in an error; of an enum with more, the others are only counted.
const NAMED_VARIANTS: usize = 32;

/// Every fault of `value` against the graph, in the order of the fields.
pub(crate) fn errors(root: Edge, value: &Value) -> ValidationErrors {
    let mut faults = Faults {
        errors: ValidationErrors::new(),
    };
    faults.value(root, &[], value, &Path::ROOT);
    faults.errors
}

struct Faults {
    errors: ValidationErrors,
}

impl Faults {
    fn push(&mut self, path: &Path<'_>, code: ErrorCode, message: String, input: &Value) {
        let error = ValidationError::new(path, code, message).with_input(input);
        self.errors.push(error);
    }

    /// Checks `value` against a type and the rules of the field it is the type of.
    fn value(&mut self, edge: Edge, rules: &[Rule], value: &Value, path: &Path<'_>) {
        match (edge.node(), value) {
            (Node::Nullable(_), Value::Null) => {}
            (Node::Nullable(inner), _) => self.value(*inner, rules, value, path),
            (Node::Scalar(scalar), _) => self.scalar(*scalar, rules, value, path),
            (Node::Array(inner), Value::Array(items)) => {
                self.length(rules, value, path);
                for (index, item) in items.iter().enumerate() {
                    self.value(*inner, &[], item, &path.index(index));
                }
            }
            (Node::Array(_), _) => self.wrong_type("array", value, path),
            (Node::Map(inner), Value::Object(entries)) => {
                self.length(rules, value, path);
                for (key, entry) in entries {
                    self.value(*inner, &[], entry, &path.key(key));
                }
            }
            (Node::Map(_), _) => self.wrong_type("object", value, path),
            (Node::Named(named), _) => self.named(named, value, path),
        }
    }

    fn named(&mut self, named: &Named, value: &Value, path: &Path<'_>) {
        let variants = named.variants();
        match value {
            Value::String(name) if !variants.is_empty() => {
                if !variants.iter().any(|variant| variant.name == name) {
                    let message = unknown_variant(variants);
                    self.push(path, ErrorCode::UnknownVariant, message, value);
                }
            }
            _ if !variants.is_empty() => self.wrong_type("string", value, path),
            Value::Object(entries) => self.fields(named.fields(), entries, path),
            _ => self.wrong_type("object", value, path),
        }
    }

    fn fields(&mut self, fields: &[Field], entries: &Map<String, Value>, path: &Path<'_>) {
        for field in fields {
            let path = path.key(field.name);
            match entries.get(field.name) {
                Some(value) => self.value(field.edge, field.rules, value, &path),
                None if field.is_required() => {
                    let message = "is required, but missing";
                    let error = ValidationError::new(&path, ErrorCode::Missing, message);
                    self.errors.push(error);
                }
                None => {}
            }
        }
    }

    fn scalar(&mut self, scalar: Scalar, rules: &[Rule], value: &Value, path: &Path<'_>) {
        match (scalar, value) {
            (Scalar::Boolean, Value::Bool(_)) => {}
            (Scalar::Boolean, _) => self.wrong_type("boolean", value, path),
            (Scalar::Char, Value::String(text)) => {
                if text.chars().count() != 1 {
                    let message = "must be exactly one character".to_owned();
                    self.push(path, ErrorCode::Type, message, value);
                }
            }
            (Scalar::String, Value::String(text)) => self.text(rules, text, value, path),
            (Scalar::Char | Scalar::String, _) => self.wrong_type("string", value, path),
            (Scalar::Integer { minimum, maximum }, Value::Number(number)) => {
                self.integer(minimum, maximum, rules, number, path);
            }
            (Scalar::Float32 | Scalar::Float64, Value::Number(number)) => {
                self.range(Quantity::of(scalar, number), rules, value, path);
            }
            (Scalar::Integer { .. }, _) => self.wrong_type("integer", value, path),
            (Scalar::Float32 | Scalar::Float64, _) => self.wrong_type("number", value, path),
        }
    }

    fn integer(
        &mut self,
        minimum: i128,
        maximum: u128,
        rules: &[Rule],
        number: &Number,
        path: &Path<'_>,
    ) {
        let value = Value::Number(number.clone());
        let scalar = Scalar::Integer { minimum, maximum };
        let Some(quantity) = Quantity::of(scalar, number) else {
            self.not_an_integer(maximum, number, path);
            return;
        };
        if self.range(Some(quantity), rules, &value, path) {
            return; // The rule says it already; the bounds of the type would only be wider.
        }
        let max = i128::try_from(maximum).ok().map(Bound::Integer);
        if let Some(fault) = quantity.fault(Some(Bound::Integer(minimum)), max) {
            self.push(path, ErrorCode::Range, fault, &value);
        }
    }

    /// A number that `Value` holds as a float: a decimal, or an integer of more than 64 bits.
    fn not_an_integer(&mut self, maximum: u128, number: &Number, path: &Path<'_>) {
        let value = Value::Number(number.clone());
        let float = number.as_f64().unwrap_or(f64::NAN);
        let fits = float >= i64::MIN as f64 && float < u64::MAX as f64;
        if float.fract() != 0.0 || fits {
            let message = "expected an integer, got a decimal number: write it without a decimal point or an exponent";
            self.push(path, ErrorCode::Type, message.to_owned(), &value);
        } else if maximum <= u128::from(u64::MAX) {
            let message = "does not fit a 64-bit integer".to_owned();
            self.push(path, ErrorCode::Range, message, &value);
        }
        // Else the field has 128 bits, and only the text that the value was read from can tell.
    }

    fn text(&mut self, rules: &[Rule], text: &str, value: &Value, path: &Path<'_>) {
        for rule in rules {
            match rule {
                Rule::Length { .. } => self.length(std::slice::from_ref(rule), value, path),
                Rule::Pattern { compiled, .. } => {
                    if let Some(fault) = compiled.fault(text) {
                        self.push(path, ErrorCode::Pattern, fault, value);
                    }
                }
                Rule::Range { .. } => {}
            }
        }
    }

    fn length(&mut self, rules: &[Rule], value: &Value, path: &Path<'_>) {
        for rule in rules {
            if let Rule::Length { min, max } = rule
                && let Some(fault) = Size::of(value).and_then(|size| size.fault(*min, *max))
            {
                self.push(path, ErrorCode::Length, fault, value);
            }
        }
    }

    /// Whether a `range` rule was broken.
    fn range(
        &mut self,
        quantity: Option<Quantity>,
        rules: &[Rule],
        value: &Value,
        path: &Path<'_>,
    ) -> bool {
        let before = self.errors.len();
        for rule in rules {
            if let Rule::Range { min, max } = rule
                && let Some(fault) = quantity.and_then(|quantity| quantity.fault(*min, *max))
            {
                self.push(path, ErrorCode::Range, fault, value);
            }
        }
        self.errors.len() > before
    }

    fn wrong_type(&mut self, expected: &str, value: &Value, path: &Path<'_>) {
        let got = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let message = format!("expected {expected}, got {got}");
        self.push(path, ErrorCode::Type, message, value);
    }
}

fn unknown_variant(variants: &[Variant]) -> String {
    let mut names: Vec<String> = variants
        .iter()
        .take(NAMED_VARIANTS)
        .map(|variant| format!("`{}`", variant.name))
        .collect();
    if let Some(more @ 1..) = variants.len().checked_sub(NAMED_VARIANTS) {
        names.push(format!("{more} more"));
    }
    match names.as_slice() {
        [only] => format!("must be {only}"),
        _ => format!("must be one of {}", names.join(", ")),
    }
}
