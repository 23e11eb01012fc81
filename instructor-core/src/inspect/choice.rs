//! Which variant serde reads from a JSON value, and where in it the variant's content stands.

mod tag;
mod untagged;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::context::{Context, Source};
use super::type_name;
use crate::schema::{Payload, Tagging, Variant};
use crate::validate::ErrorCode;

/// The parts of an enum.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Enumeration {
    pub(crate) variants: &'static [Variant],
    pub(crate) tagging: Tagging,
    /// `#[serde(deny_unknown_fields)]`
    pub(crate) closed: bool,
}

/// A variant that a value says it is.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) variant: &'static Variant,
    /// What is in it; `None` if there is nothing to look at.
    pub(crate) content: Option<Content<'a>>,
}

/// What is in a variant.
#[derive(Debug)]
pub(crate) struct Content<'a> {
    /// Without the tag, if that stands beside it.
    pub(crate) value: Cow<'a, Value>,
    pub(crate) place: Place<'a>,
    pub(crate) source: Source,
    /// serde reads named fields also from a list of them.
    pub(crate) may_be_list: bool,
}

/// Where the content of a variant stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place<'a> {
    /// It is the value itself, of a variant without a tag.
    Whole,
    /// In the object that the enum is, beside the tag.
    BesideTag,
    /// In the list that the enum is, after the tag.
    AfterTag,
    /// Under a key: the one that people are told, and the one that is written, which may be an alias.
    Key {
        name: &'static str,
        written: &'a str,
    },
    /// In the list that the enum is, as this item; and the key that people are told.
    Item { name: &'static str, index: usize },
}

impl Place<'_> {
    /// The key of the content in a path for people, as the typed side says it.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Place::Whole | Place::BesideTag | Place::AfterTag => None,
            Place::Key { name, .. } | Place::Item { name, .. } => Some(name),
        }
    }
}

/// Why a value is no variant.
#[derive(Debug)]
pub(crate) struct NoChoice<'a> {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    /// The key at fault, if it is one.
    pub(crate) key: Option<&'static str>,
    /// What is at fault, unless it is missing.
    pub(crate) input: Option<&'a Value>,
}

impl<'a> NoChoice<'a> {
    fn new(code: ErrorCode, message: impl Into<String>, input: &'a Value) -> Self {
        NoChoice {
            code,
            message: message.into(),
            key: None,
            input: Some(input),
        }
    }

    fn missing(key: &'static str) -> Self {
        NoChoice {
            code: ErrorCode::Missing,
            message: "is required, but missing".to_owned(),
            key: Some(key),
            input: None,
        }
    }

    fn at(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }
}

impl Enumeration {
    /// The variant that `value` says it is, by its tag.
    fn tagged(self, context: Context, value: &Value) -> Result<Choice<'_>, NoChoice<'_>> {
        match self.tagging {
            Tagging::External => self.external(context, value),
            Tagging::Internal { tag } => self.internal(tag.as_str(), context, value),
            Tagging::Adjacent { tag, content } => match value {
                Value::Array(items) => {
                    self.adjacent_list(tag.as_str(), content.as_str(), context, value, items)
                }
                _ => {
                    let members = object(value)?;
                    self.adjacent(tag.as_str(), content.as_str(), context, members)
                }
            },
            Tagging::Untagged => Err(NoChoice::new(
                ErrorCode::UnknownVariant,
                "fits none of the variants",
                value,
            )),
        }
    }

    fn external(self, context: Context, value: &Value) -> Result<Choice<'_>, NoChoice<'_>> {
        let (written, content) = match value {
            Value::String(name) => (name, None),
            Value::Object(members) => match members.iter().next() {
                Some((name, content)) if members.len() == 1 => (name, Some(content)),
                _ => {
                    let message = format!(
                        "expected an object with one key, the name of the variant, got {} keys",
                        members.len()
                    );
                    return Err(NoChoice::new(ErrorCode::Type, message, value));
                }
            },
            other => {
                let expected = if self.variants.iter().all(is_unit) {
                    "string"
                } else {
                    "string, or object with one key"
                };
                let message = format!("expected {expected}, got {}", type_name(other));
                return Err(NoChoice::new(ErrorCode::Type, message, value));
            }
        };
        let variant = self.named(written, value)?;
        match content {
            None if !is_unit(variant) => {
                let message =
                    format!("`{written}` is an object with this key and what is in the variant");
                Err(NoChoice::new(ErrorCode::Type, message, value))
            }
            Some(content) if !(is_unit(variant) && tag::is_nothing(content, context.source)) => {
                Ok(Choice {
                    variant,
                    content: Some(Content {
                        value: Cow::Borrowed(content),
                        place: Place::Key {
                            name: variant.name.as_str(),
                            written,
                        },
                        source: context.source,
                        may_be_list: true,
                    }),
                })
            }
            _ => Ok(Choice {
                variant,
                content: None,
            }),
        }
    }

    /// The tag is one of the keys, or the first item of a list; what is left when it is taken away is the content.
    fn internal<'a>(
        self,
        tag: &'static str,
        context: Context,
        value: &'a Value,
    ) -> Result<Choice<'a>, NoChoice<'a>> {
        let (written, place) = match value {
            Value::Array(items) => (items.first(), Place::AfterTag),
            _ => (object(value)?.get(tag), Place::BesideTag),
        };
        let written = written.ok_or_else(|| NoChoice::missing(tag))?;
        let variant = self
            .identified(written, context.source)
            .map_err(|fault| fault.at(tag))?;
        let content = match value {
            Value::Array(items) => Value::Array(items.iter().skip(1).cloned().collect()),
            other => without(tag, other),
        };
        if is_unit(variant) {
            // serde steps over the members of an object, but not over the items of a list.
            return match value {
                Value::Array(items) if items.len() > 1 => {
                    let message = format!("must have exactly 1 item, has {}", items.len());
                    Err(NoChoice::new(ErrorCode::Length, message, value))
                }
                _ => Ok(Choice {
                    variant,
                    content: None,
                }),
            };
        }
        Ok(Choice {
            variant,
            content: Some(Content {
                value: Cow::Owned(content),
                place,
                source: Source::Once,
                may_be_list: true,
            }),
        })
    }

    fn adjacent<'a>(
        self,
        tag: &'static str,
        content: &'static str,
        context: Context,
        members: &'a Map<String, Value>,
    ) -> Result<Choice<'a>, NoChoice<'a>> {
        let written = members.get(tag).ok_or_else(|| NoChoice::missing(tag))?;
        let variant = self
            .told_as_an_enum(written, context.source)
            .map_err(|fault| fault.at(tag))?;
        match members.get(content) {
            Some(value) => Ok(Choice {
                variant,
                content: Some(Content {
                    value: Cow::Borrowed(value),
                    place: Place::Key {
                        name: content,
                        written: content,
                    },
                    // If it stands before the tag, which a `Value` does not know; this lets pass what the text does too.
                    source: Source::Once,
                    may_be_list: false,
                }),
            }),
            None if may_be_absent(variant) => Ok(Choice {
                variant,
                content: None,
            }),
            None => Err(NoChoice::missing(content)),
        }
    }

    /// The list of the tag and the content. Both must be there, even if there is nothing in the variant.
    fn adjacent_list<'a>(
        self,
        tag: &'static str,
        content: &'static str,
        context: Context,
        value: &'a Value,
        items: &'a [Value],
    ) -> Result<Choice<'a>, NoChoice<'a>> {
        let [written, inside] = items else {
            let message = format!(
                "expected an object with `{tag}` and `{content}`, got an array of {}",
                items.len()
            );
            return Err(NoChoice::new(ErrorCode::Type, message, value));
        };
        let variant = self
            .identified(written, context.source)
            .map_err(|fault| fault.at(tag))?;
        Ok(Choice {
            variant,
            content: Some(Content {
                value: Cow::Borrowed(inside),
                place: Place::Item {
                    name: content,
                    index: 1,
                },
                source: context.source,
                may_be_list: false,
            }),
        })
    }
}

fn is_unit(variant: &Variant) -> bool {
    matches!(variant.payload, Payload::Unit)
}

/// Whether an adjacently tagged variant needs no content. Of a newtype serde asks the type, as it does for the key of a field, but
/// does not look for a default or a function.
fn may_be_absent(variant: &Variant) -> bool {
    match variant.payload {
        Payload::Unit => true,
        Payload::Newtype(field) => field.edge.accepts_absence(),
        Payload::Tuple(_) | Payload::Object(_) => false,
    }
}

/// An object without one of its keys.
fn without(key: &str, value: &Value) -> Value {
    let members = value.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| *name != key)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn object(value: &Value) -> Result<&Map<String, Value>, NoChoice<'_>> {
    value.as_object().ok_or_else(|| {
        let message = format!("expected object, got {}", type_name(value));
        NoChoice::new(ErrorCode::Type, message, value)
    })
}
