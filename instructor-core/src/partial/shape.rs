//! What the partial types of the derive look like, to people and as JSON.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::PartialValue;

/// A partial type of the derive, or one of its variants.
#[derive(Debug)]
#[allow(clippy::exhaustive_structs, reason = "the derive writes it")]
pub struct Shape {
    /// The name in Rust.
    pub name: &'static str,
    /// Which form its JSON has.
    pub form: Form,
    /// How the JSON says which variant it is.
    pub tag: Tag,
    /// The names of the fields in Rust, their keys in JSON, and which are flattened.
    pub fields: &'static [(&'static str, &'static str, bool)],
}

/// The form of the JSON of a struct or of what is in a variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the derive writes it")]
pub enum Form {
    /// Nothing.
    Unit,
    /// That of the one field.
    Newtype,
    /// A list.
    List,
    /// An object.
    Object,
}

/// How the JSON of a variant says which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "the derive writes it")]
pub enum Tag {
    /// Not at all.
    None,
    /// `{"Variant": ...}`
    External(&'static str),
    /// `{"tag": "Variant", ...}`
    Internal(&'static str, &'static str),
    /// `{"tag": "Variant", "content": ...}`
    Adjacent(&'static str, &'static str, &'static str),
}

/// The fields of a partial type of the derive.
pub trait Fields {
    /// Its shape.
    fn shape(&self) -> &'static Shape;
    /// The field at this place.
    fn shown(&self, index: usize) -> Option<&dyn Shown>;
}

/// A field, for people and as JSON.
pub trait Shown: fmt::Debug {
    /// Its JSON; `None` if nothing of it has come.
    fn json(&self) -> Option<serde_json::Result<Value>>;
}

impl<P: PartialValue> Shown for Option<P> {
    fn json(&self) -> Option<serde_json::Result<Value>> {
        self.as_ref().map(serde_json::to_value)
    }
}

/// Writes a partial value as a derived `Debug` would.
///
/// # Errors
///
/// Those of the formatter.
pub fn debug(value: &dyn Fields, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let shape = value.shape();
    let shown = |index| -> &dyn fmt::Debug {
        match value.shown(index) {
            Some(field) => field,
            None => &"?",
        }
    };
    match shape.form {
        Form::Unit => f.write_str(shape.name),
        Form::Newtype | Form::List => {
            let mut tuple = f.debug_tuple(shape.name);
            for index in 0..shape.fields.len() {
                tuple.field(&shown(index));
            }
            tuple.finish()
        }
        Form::Object => {
            let mut object = f.debug_struct(shape.name);
            for (index, (name, ..)) in shape.fields.iter().enumerate() {
                object.field(name, &shown(index));
            }
            object.finish()
        }
    }
}

/// Writes what is there of a value in the JSON form that it has when it is whole. Fields of which nothing has come are left out.
///
/// # Errors
///
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &dyn Fields, serializer: S) -> Result<S::Ok, S::Error> {
    json(value)
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
}

fn json(value: &dyn Fields) -> serde_json::Result<Value> {
    let shape = value.shape();
    let content = content(value)?;
    let object = |members: Vec<(&str, Value)>| -> Value {
        let members = members.into_iter();
        members
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<Map<_, _>>()
            .into()
    };
    Ok(match shape.tag {
        Tag::None => content,
        Tag::External(name) if shape.form == Form::Unit => name.into(),
        Tag::External(name) => object(vec![(name, content)]),
        Tag::Internal(tag, name) => {
            let mut members = Map::new();
            members.insert(tag.to_owned(), name.into());
            if let Value::Object(content) = content {
                members.extend(content);
            }
            members.into()
        }
        Tag::Adjacent(tag, _, name) if shape.form == Form::Unit => object(vec![(tag, name.into())]),
        Tag::Adjacent(tag, key, name) => object(vec![(tag, name.into()), (key, content)]),
    })
}

fn content(value: &dyn Fields) -> serde_json::Result<Value> {
    let shape = value.shape();
    let field = |index| -> serde_json::Result<Option<Value>> {
        let shown = value.shown(index);
        shown.and_then(|field| field.json()).transpose()
    };
    Ok(match shape.form {
        Form::Unit => Value::Null,
        Form::Newtype => field(0)?.unwrap_or_default(),
        Form::List => {
            let items = (0..shape.fields.len()).map(|index| Ok(field(index)?.unwrap_or_default()));
            items.collect::<serde_json::Result<Vec<_>>>()?.into()
        }
        Form::Object => {
            let mut members = Map::new();
            for (index, (_, key, is_flattened)) in shape.fields.iter().enumerate() {
                match (field(index)?, is_flattened) {
                    (None, _) => {}
                    (Some(Value::Object(inner)), true) => members.extend(inner),
                    (Some(_), true) => {}
                    (Some(value), false) => {
                        members.insert((*key).to_owned(), value);
                    }
                }
            }
            members.into()
        }
    })
}
