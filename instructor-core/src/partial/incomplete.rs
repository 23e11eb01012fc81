//! The partial values of derived types.

use std::any::Any;
use std::fmt;
use std::ops::Deref;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::{PartialValue, Slot, Start};
use crate::schema::{Body, Field, Named, Payload, Tagging, Variant};

/// The fields of a type of the derive, each of which may not have come. It derefs to them.
///
/// Printed it looks as a derived `Debug` would print it, and as JSON it has the form of the whole value: fields of which nothing has come
/// are left out, and those without a name are null.
pub struct Incomplete<F> {
    named: &'static Named,
    /// In a box, since the compiler follows what is held by value to its end: of a long chain of types it would give up.
    fields: Box<F>,
}

/// What only the derive knows of a type: which field has which number. Everything else stands in the schema graph.
///
/// The numbers are those of the fields and variants in that graph.
pub trait Fields: Sized + 'static {
    /// All fields of this variant, which is 0 of a struct, without anything in them.
    fn begin(variant: usize) -> Option<Self>;

    /// Which variant it is.
    fn variant(&self) -> usize {
        0
    }

    /// The field with this number.
    fn field(&mut self, index: usize) -> Option<&mut dyn Slot>;

    /// The same, to look at.
    fn shown(&self, index: usize) -> Option<&dyn Shown>;
}

/// A field, to look at.
pub trait Shown: Any + fmt::Debug {
    /// Its JSON; `None` if nothing of it has come.
    fn json(&self) -> Option<serde_json::Result<Value>>;
}

impl<P: PartialValue> Shown for Option<P> {
    fn json(&self) -> Option<serde_json::Result<Value>> {
        self.as_ref().map(serde_json::to_value)
    }
}

impl<F> Incomplete<F> {
    /// The fields, to keep.
    pub fn into_fields(self) -> F {
        *self.fields
    }
}

impl<F> Deref for Incomplete<F> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.fields
    }
}

impl<F: Fields> PartialValue for Incomplete<F> {
    fn begin(start: Start<'_>) -> Option<Self> {
        let Start::Type(named, variant) = start else {
            return None;
        };
        let fields = Box::new(F::begin(variant)?);
        Some(Incomplete { named, fields })
    }

    fn field(&mut self, index: usize) -> Option<&mut dyn Slot> {
        self.fields.field(index)
    }
}

impl<F: Fields> Clone for Incomplete<F> {
    fn clone(&self) -> Self {
        // What there is can be begun.
        let Some(mut fields) = F::begin(self.fields.variant()).map(Box::new) else {
            unreachable!("a value has a variant that its type has")
        };
        for index in 0..self.form().fields().len() {
            if let (Some(from), Some(to)) = (self.fields.shown(index), fields.field(index)) {
                to.copy(from);
            }
        }
        Incomplete {
            named: self.named,
            fields,
        }
    }
}

/// The form of a struct or of what is in a variant.
#[derive(Clone, Copy)]
enum Form {
    Unit,
    Newtype(&'static [Field]),
    List(&'static [Field]),
    Object(&'static [Field]),
}

impl Form {
    fn fields(self) -> &'static [Field] {
        match self {
            Form::Unit => &[],
            Form::Newtype(fields) | Form::List(fields) | Form::Object(fields) => fields,
        }
    }
}

impl<F: Fields> Incomplete<F> {
    fn form(&self) -> Form {
        match self.named.body {
            Body::Object { fields, .. } => Form::Object(fields),
            Body::Tuple(fields) => Form::List(fields),
            Body::Newtype { field, .. } => Form::Newtype(std::slice::from_ref(field)),
            Body::Enum { .. } => match self.variant().map(|variant| variant.payload) {
                None | Some(Payload::Unit) => Form::Unit,
                Some(Payload::Newtype(field)) => Form::Newtype(std::slice::from_ref(field)),
                Some(Payload::Tuple(fields)) => Form::List(fields),
                Some(Payload::Object(fields)) => Form::Object(fields),
            },
        }
    }

    fn variant(&self) -> Option<&'static Variant> {
        match self.named.body {
            Body::Enum { variants, .. } => variants.get(self.fields.variant()),
            _ => None,
        }
    }

    /// The JSON of a field; `None` if nothing of it has come.
    fn json_of(&self, index: usize) -> serde_json::Result<Option<Value>> {
        let shown = self.fields.shown(index);
        shown.and_then(Shown::json).transpose()
    }

    /// The JSON of a struct, or of what is in a variant.
    fn content(&self) -> serde_json::Result<Value> {
        Ok(match self.form() {
            Form::Unit => Value::Null,
            Form::Newtype(_) => self.json_of(0)?.unwrap_or_default(),
            Form::List(fields) => {
                let items = 0..fields.len();
                let items = items.map(|index| Ok(self.json_of(index)?.unwrap_or_default()));
                items.collect::<serde_json::Result<Vec<_>>>()?.into()
            }
            Form::Object(fields) => {
                let mut members = Map::new();
                for (index, field) in fields.iter().enumerate() {
                    match (self.json_of(index)?, field.is_flattened) {
                        (Some(Value::Object(inner)), true) => members.extend(inner),
                        (Some(value), false) => {
                            members.insert(field.name.as_str().to_owned(), value);
                        }
                        (None, _) | (Some(_), true) => {}
                    }
                }
                members.into()
            }
        })
    }

    fn json(&self) -> serde_json::Result<Value> {
        let content = self.content()?;
        let (Body::Enum { tagging, .. }, Some(variant)) = (self.named.body, self.variant()) else {
            return Ok(content);
        };
        let name = Value::from(variant.name.as_str());
        let is_unit = matches!(variant.payload, Payload::Unit);
        Ok(match tagging {
            _ if variant.untagged => content,
            Tagging::Untagged => content,
            Tagging::External if is_unit => name,
            Tagging::External => object([(variant.name.as_str(), content)]),
            Tagging::Internal { tag } => {
                let mut members = Map::new();
                members.insert(tag.as_str().to_owned(), name);
                if let Value::Object(content) = content {
                    members.extend(content);
                }
                members.into()
            }
            Tagging::Adjacent { tag, .. } if is_unit => object([(tag.as_str(), name)]),
            Tagging::Adjacent { tag, content: key } => {
                object([(tag.as_str(), name), (key.as_str(), content)])
            }
        })
    }
}

fn object<const COUNT: usize>(members: [(&str, Value); COUNT]) -> Value {
    let members = members.into_iter();
    members
        .map(|(key, value)| (key.to_owned(), value))
        .collect::<Map<_, _>>()
        .into()
}

impl<F: Fields> fmt::Debug for Incomplete<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variant = self.variant();
        let name = variant.map_or(self.named.name, |variant| variant.name.as_str());
        let shown = |index| -> &dyn fmt::Debug {
            match self.fields.shown(index) {
                Some(field) => field,
                None => &"",
            }
        };
        match self.form() {
            Form::Unit => f.write_str(name),
            Form::Newtype(fields) | Form::List(fields) => {
                let mut tuple = f.debug_tuple(name);
                for index in 0..fields.len() {
                    tuple.field(shown(index));
                }
                tuple.finish()
            }
            Form::Object(fields) => {
                let mut object = f.debug_struct(name);
                for (index, field) in fields.iter().enumerate() {
                    object.field(field.name.as_str(), shown(index));
                }
                object.finish()
            }
        }
    }
}

impl<F: Fields> Serialize for Incomplete<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json().map_err(S::Error::custom)?.serialize(serializer)
    }
}
