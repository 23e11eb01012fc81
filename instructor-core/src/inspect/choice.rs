//! Which variant a JSON value is, and where in it the variant's content stands.

use serde_json::{Map, Value};

use crate::schema::{Payload, Tagging, Variant};
use crate::validate::ErrorCode;

/// Variants that are named in an error; of an enum with more, the others are only counted.
const NAMED_VARIANTS: usize = 32;

/// A variant that a value says it is.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    pub(crate) variant: &'static Variant,
    /// What is in it; `None` if there is nothing.
    pub(crate) content: Option<&'a Value>,
    /// The key under which the content stands, if it stands under one of its own.
    pub(crate) key: Option<&'static str>,
    /// The key among the content's own that says the variant.
    pub(crate) tag: Option<&'static str>,
}

/// Why a value is no variant.
pub(crate) struct NoChoice {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    /// The key at fault, if it is one.
    pub(crate) key: Option<&'static str>,
}

impl NoChoice {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        NoChoice {
            code,
            message: message.into(),
            key: None,
        }
    }

    fn at(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }
}

/// The variant that `value` says it is; of an enum that is tagged.
pub(crate) fn choose<'a>(
    variants: &'static [Variant],
    tagging: Tagging,
    value: &'a Value,
) -> Result<Choice<'a>, NoChoice> {
    match tagging {
        Tagging::External => external(variants, value),
        Tagging::Internal { tag } => {
            let members = object(value)?;
            let tag = tag.as_str();
            Ok(Choice {
                variant: tagged(variants, members, tag)?,
                content: Some(value),
                key: None,
                tag: Some(tag),
            })
        }
        Tagging::Adjacent { tag, content } => {
            let members = object(value)?;
            let content = content.as_str();
            let variant = tagged(variants, members, tag.as_str())?;
            let inside = members.get(content);
            if inside.is_none() && !matches!(variant.payload, Payload::Unit) {
                let message = "is required, but missing";
                return Err(NoChoice::new(ErrorCode::Missing, message).at(content));
            }
            Ok(Choice {
                variant,
                content: inside,
                key: Some(content),
                tag: None,
            })
        }
        Tagging::Untagged => Err(NoChoice::new(ErrorCode::Type, "fits none of the variants")),
    }
}

fn external<'a>(variants: &'static [Variant], value: &'a Value) -> Result<Choice<'a>, NoChoice> {
    let (name, content) = match value {
        Value::String(name) => (name, None),
        Value::Object(members) => match members.iter().next() {
            Some((name, content)) if members.len() == 1 => (name, Some(content)),
            _ => {
                let message = format!(
                    "expected an object with one key, the name of the variant, got {} keys",
                    members.len()
                );
                return Err(NoChoice::new(ErrorCode::Type, message));
            }
        },
        other => {
            let expected = if variants.iter().all(is_unit) {
                "string"
            } else {
                "string, or object with one key"
            };
            let message = format!("expected {expected}, got {}", type_name(other));
            return Err(NoChoice::new(ErrorCode::Type, message));
        }
    };
    let variant = find(variants, name)?;
    if content.is_none() && !is_unit(variant) {
        let message = format!("`{name}` is an object with this key and what is in the variant");
        return Err(NoChoice::new(ErrorCode::Type, message));
    }
    Ok(Choice {
        variant,
        content,
        key: Some(variant.name.as_str()),
        tag: None,
    })
}

fn is_unit(variant: &Variant) -> bool {
    matches!(variant.payload, Payload::Unit)
}

fn object(value: &Value) -> Result<&Map<String, Value>, NoChoice> {
    value.as_object().ok_or_else(|| {
        let message = format!("expected object, got {}", type_name(value));
        NoChoice::new(ErrorCode::Type, message)
    })
}

fn tagged(
    variants: &'static [Variant],
    members: &Map<String, Value>,
    tag: &'static str,
) -> Result<&'static Variant, NoChoice> {
    match members.get(tag) {
        None => {
            let message = "is required, but missing";
            Err(NoChoice::new(ErrorCode::Missing, message).at(tag))
        }
        Some(Value::String(name)) => find(variants, name).map_err(|fault| fault.at(tag)),
        Some(other) => {
            let message = format!("expected string, got {}", type_name(other));
            Err(NoChoice::new(ErrorCode::Type, message).at(tag))
        }
    }
}

fn find(variants: &'static [Variant], name: &str) -> Result<&'static Variant, NoChoice> {
    let is_called = |variant: &&Variant| {
        !variant.untagged && (variant.name.as_str() == name || variant.aliases.contains(&name))
    };
    variants
        .iter()
        .find(is_called)
        .or_else(|| variants.iter().find(|variant| variant.is_other))
        .ok_or_else(|| NoChoice::new(ErrorCode::UnknownVariant, unknown_variant(variants)))
}

fn unknown_variant(variants: &[Variant]) -> String {
    let named = variants.iter().filter(|variant| !variant.untagged);
    let mut names: Vec<String> = named
        .clone()
        .take(NAMED_VARIANTS)
        .map(|variant| format!("`{}`", variant.name.as_str()))
        .collect();
    if let Some(more @ 1..) = named.count().checked_sub(NAMED_VARIANTS) {
        names.push(format!("{more} more"));
    }
    match names.as_slice() {
        [only] => format!("must be {only}"),
        _ => format!("must be one of {}", names.join(", ")),
    }
}

/// The JSON type of a value, in words.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
