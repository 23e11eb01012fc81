//! Values that are there in part: what a stream lends while an answer arrives.
//!
//! The derive gives each type a partial type, every field of it optional, and a way to each of its fields by number. Everything
//! else, such as which key is which field, is known to the schema graph, and a builder walks that: an event of the answer changes
//! one place of the partial value, and nothing is built twice.

mod answer;
mod builder;
mod changes;
mod containers;
mod incomplete;
mod leaves;

use std::any::Any;
use std::fmt;

use serde::Serialize;

use crate::schema::{Body, Named, Node, Schema};

pub use answer::PartialAnswer;
use builder::Builder;
pub use changes::Change;
use changes::Changes;
pub use incomplete::{Fields, Incomplete, Shown};

/// What a partial value is told at its beginning.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Start<'a> {
    /// A text, of which nothing is there yet.
    Text,
    /// An object, of which nothing is there yet.
    Object,
    /// A list, of which nothing is there yet.
    List,
    /// Null.
    Null,
    /// A type of the derive, and the number of the variant if it is an enum; nothing of its fields is there yet.
    Type(&'static Named, usize),
    /// The whole value, as JSON text.
    Whole(&'a str),
    /// It is none after all: what was there of it goes away.
    Nothing,
}

/// The way from a partial value to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A field, by its place among those that the schema has.
    Field(usize),
    /// An item behind those of a list.
    NewItem,
    /// The item of a list that began last.
    LastItem,
    /// An entry of a map.
    Entry(String),
}

/// A value that may be there in part: a type that [`ResponseModel::Partial`](crate::ResponseModel::Partial) can be.
///
/// The derive implements it for the partial types that it writes. Texts, numbers, dates and the like have it, options, lists and maps of
/// types that have it, and `serde_json::Value`, which appears when it is whole.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a partial value",
    label = "cannot be there in part",
    note = "use the partial type of another response model, or `serde_json::Value`, which appears when it is whole"
)]
pub trait PartialValue: Clone + fmt::Debug + Serialize + Sized + 'static {
    /// The value as it begins; `None` if it is none of this type, or must be whole to be one.
    fn begin(start: Start<'_>) -> Option<Self>;

    /// The field at this place.
    fn field(&mut self, index: usize) -> Option<&mut dyn Slot> {
        let _ = index;
        None
    }

    /// Begins one of its parts. Says whether it could be.
    fn begin_part(&mut self, step: &Step, start: Start<'_>) -> bool {
        match step {
            Step::Field(index) => self.field(*index).is_some_and(|field| field.begin(start)),
            Step::NewItem | Step::LastItem | Step::Entry(_) => false,
        }
    }

    /// One of its parts, if it has begun.
    fn part(&mut self, step: &Step) -> Option<&mut dyn Part> {
        match step {
            Step::Field(index) => self.field(*index)?.part(),
            Step::NewItem | Step::LastItem | Step::Entry(_) => None,
        }
    }

    /// Adds to a text.
    fn push_str(&mut self, more: &str) {
        let _ = more;
    }
}

/// A partial value of some type.
pub trait Part {
    /// [`PartialValue::begin_part`]
    fn begin_part(&mut self, step: &Step, start: Start<'_>) -> bool;
    /// [`PartialValue::part`]
    fn part(&mut self, step: &Step) -> Option<&mut dyn Part>;
    /// [`PartialValue::push_str`]
    fn push_str(&mut self, more: &str);
}

impl<P: PartialValue> Part for P {
    fn begin_part(&mut self, step: &Step, start: Start<'_>) -> bool {
        PartialValue::begin_part(self, step, start)
    }

    fn part(&mut self, step: &Step) -> Option<&mut dyn Part> {
        PartialValue::part(self, step)
    }

    fn push_str(&mut self, more: &str) {
        PartialValue::push_str(self, more);
    }
}

/// The place of a partial value that may not have begun.
pub trait Slot {
    /// Begins the value, anew if there was one. Says whether it could be.
    fn begin(&mut self, start: Start<'_>) -> bool;
    /// The value, if it has begun.
    fn part(&mut self) -> Option<&mut dyn Part>;
    /// Takes what another place of the same type holds.
    fn copy(&mut self, from: &dyn Shown);
}

impl<P: PartialValue> Slot for Option<P> {
    fn begin(&mut self, start: Start<'_>) -> bool {
        if matches!(start, Start::Nothing) {
            return self.take().is_some();
        }
        let begun = P::begin(start);
        let can_begin = begun.is_some();
        if can_begin {
            *self = begun;
        }
        can_begin
    }

    fn part(&mut self) -> Option<&mut dyn Part> {
        self.as_mut().map(|value| -> &mut dyn Part { value })
    }

    fn copy(&mut self, from: &dyn Shown) {
        let from: &dyn Any = from;
        if let Some(from) = from.downcast_ref::<Self>() {
            self.clone_from(from);
        }
    }
}

/// What is there of an answer before any of it has come: a struct without fields, an empty list.
fn nothing_yet<P: PartialValue>(schema: &Schema) -> Option<P> {
    let named = match schema.root.node() {
        Node::Named(named) => named.innermost(),
        _ => None,
    };
    let is_struct = |named: &&Named| !matches!(named.body, Body::Enum { .. });
    let begun = named.filter(is_struct).map(|named| Start::Type(named, 0));
    begun
        .and_then(P::begin)
        .or_else(|| P::begin(Start::Object))
        .or_else(|| P::begin(Start::List))
}
