//! The partial values of derived types.

use std::any::Any;
use std::fmt;
use std::ops::Deref;

use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::Value;

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
    /// What has come of it, if something has.
    fn come(&self) -> Option<&dyn erased_serde::Serialize>;
}

impl<P: PartialValue> Shown for Option<P> {
    fn come(&self) -> Option<&dyn erased_serde::Serialize> {
        self.as_ref()
            .map(|value| -> &dyn erased_serde::Serialize { value })
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

    fn come(&self, index: usize) -> Option<&dyn erased_serde::Serialize> {
        self.fields.shown(index)?.come()
    }

    /// Adds the members of an object, or of the one that a newtype is.
    fn members<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        match self.form() {
            Form::Unit | Form::List(_) => Ok(()),
            Form::Newtype(_) => self.flattened(0, map),
            Form::Object(fields) => {
                for (index, field) in fields.iter().enumerate() {
                    if field.is_flattened {
                        self.flattened(index, map)?;
                    } else if let Some(value) = self.come(index) {
                        map.serialize_entry(field.name.as_str(), value)?;
                    }
                }
                Ok(())
            }
        }
    }

    /// Adds the members of the object that a field is.
    fn flattened<M: SerializeMap>(&self, index: usize, map: &mut M) -> Result<(), M::Error> {
        let value = self.come(index).map(serde_json::to_value);
        if let Some(Value::Object(members)) = value.transpose().map_err(M::Error::custom)? {
            for (key, member) in members {
                map.serialize_entry(&key, &member)?;
            }
        }
        Ok(())
    }
}

/// A struct, or what is in a variant.
struct Content<'a, F>(&'a Incomplete<F>);

impl<F: Fields> Serialize for Content<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Content(value) = self;
        match value.form() {
            Form::Unit => serializer.serialize_unit(),
            Form::Newtype(_) => value.come(0).serialize(serializer),
            Form::List(fields) => {
                serializer.collect_seq((0..fields.len()).map(|index| value.come(index)))
            }
            Form::Object(_) => {
                let mut map = serializer.serialize_map(None)?;
                value.members(&mut map)?;
                map.end()
            }
        }
    }
}

impl<F: Fields> Serialize for Incomplete<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let content = Content(self);
        let (Body::Enum { tagging, .. }, Some(variant)) = (self.named.body, self.variant()) else {
            return content.serialize(serializer);
        };
        let name = variant.name.as_str();
        let is_unit = matches!(variant.payload, Payload::Unit);
        match tagging {
            _ if variant.untagged => content.serialize(serializer),
            Tagging::Untagged => content.serialize(serializer),
            Tagging::External if is_unit => serializer.serialize_str(name),
            Tagging::External => serializer.collect_map([(name, content)]),
            Tagging::Internal { tag } => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry(tag.as_str(), name)?;
                self.members(&mut map)?;
                map.end()
            }
            Tagging::Adjacent { tag, content: key } => {
                let mut map = serializer.serialize_map(None)?;
                map.serialize_entry(tag.as_str(), name)?;
                if !is_unit {
                    map.serialize_entry(key.as_str(), &content)?;
                }
                map.end()
            }
        }
    }
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
