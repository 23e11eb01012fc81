//! `length(min = .., max = ..)`: characters of a string, items of a list, entries of a map.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::Checks;
use crate::validate::{ErrorCode, Path, ValidationError};

/// A type that `#[validate(length(...))]` can stand on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no length",
    label = "`#[validate(length(...))]` cannot stand on this type",
    note = "strings, lists, arrays, sets and maps have a length, also inside `Option` and `Box`"
)]
pub trait Length {
    /// The size; `None` if there is no value.
    fn size(&self) -> Option<Size>;
}

/// How long a value is, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Size {
    /// Characters (Unicode scalar values, as in JSON Schema) of a string.
    Characters(usize),
    /// Items of a list.
    Items(usize),
    /// Entries of a map.
    Entries(usize),
}

impl Size {
    /// The size of a JSON value; `None` if it is no string, array or object.
    pub fn of(value: &Value) -> Option<Size> {
        match value {
            Value::String(text) => Some(Size::Characters(text.chars().count())),
            Value::Array(items) => Some(Size::Items(items.len())),
            Value::Object(entries) => Some(Size::Entries(entries.len())),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }

    /// What is wrong with this size, if anything.
    pub fn fault(self, min: Option<u64>, max: Option<u64>) -> Option<String> {
        let (count, one, many) = match self {
            Size::Characters(count) => (count as u64, "character", "characters"),
            Size::Items(count) => (count as u64, "item", "items"),
            Size::Entries(count) => (count as u64, "entry", "entries"),
        };
        let (word, bound) = match (min, max) {
            (Some(min), _) if count < min => ("least", min),
            (_, Some(max)) if count > max => ("most", max),
            _ => return None,
        };
        let unit = if bound == 1 { one } else { many };
        Some(format!("must have at {word} {bound} {unit}, has {count}"))
    }
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Length + ?Sized>(
    value: &T,
    min: Option<u64>,
    max: Option<u64>,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    if let Some(fault) = value.size().and_then(|size| size.fault(min, max)) {
        checks.push(ValidationError::new(path, ErrorCode::Length, fault));
    }
}

impl Length for str {
    fn size(&self) -> Option<Size> {
        Some(Size::Characters(self.chars().count()))
    }
}

impl Length for String {
    fn size(&self) -> Option<Size> {
        self.as_str().size()
    }
}

macro_rules! sizes {
    ($($size:ident: $([$($parameters:tt)*] $type:ty),*;)*) => {
        $($(impl<$($parameters)*> Length for $type {
            fn size(&self) -> Option<Size> {
                Some(Size::$size(self.len()))
            }
        })*)*
    };
}

sizes! {
    Items: [T] Vec<T>, [T] VecDeque<T>, [T] LinkedList<T>, [T] BinaryHeap<T>, [T] [T], [T] BTreeSet<T>,
        [T, S] HashSet<T, S>, [T, const N: usize] [T; N];
    Entries: [K, V, S] HashMap<K, V, S>, [K, V] BTreeMap<K, V>;
}

impl Length for serde_json::Map<String, Value> {
    fn size(&self) -> Option<Size> {
        Some(Size::Entries(self.len()))
    }
}

#[cfg(feature = "bytes")]
impl Length for bytes::Bytes {
    /// In JSON it is a list of numbers.
    fn size(&self) -> Option<Size> {
        Some(Size::Items(self.len()))
    }
}

impl<T: Length> Length for Option<T> {
    fn size(&self) -> Option<Size> {
        self.as_ref().and_then(T::size)
    }
}

macro_rules! pointers {
    ($($type:ty),*) => {
        $(impl<T: Length + ?Sized> Length for $type {
            fn size(&self) -> Option<Size> {
                T::size(self)
            }
        })*
    };
}

pointers!(Box<T>, Rc<T>, Arc<T>);

impl<T: Length + ToOwned + ?Sized> Length for Cow<'_, T> {
    fn size(&self) -> Option<Size> {
        T::size(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_has_characters_not_bytes() {
        assert_eq!("é🦀".size(), Some(Size::Characters(2)));
        assert_eq!(Size::of(&Value::from("é🦀")), Some(Size::Characters(2)));
    }

    #[test]
    fn bounds_are_included() {
        let (min, max) = (Some(2), Some(3));
        assert_eq!(Size::Items(2).fault(min, max), None);
        assert_eq!(Size::Items(3).fault(min, max), None);
        assert_eq!(
            Size::Items(1).fault(min, max).as_deref(),
            Some("must have at least 2 items, has 1")
        );
        assert_eq!(
            Size::Characters(74).fault(None, Some(60)).as_deref(),
            Some("must have at most 60 characters, has 74")
        );
        assert_eq!(
            Size::Entries(0).fault(Some(1), None).as_deref(),
            Some("must have at least 1 entry, has 0")
        );
    }

    #[test]
    fn nothing_has_no_length() {
        assert_eq!(None::<String>.size(), None);
        assert_eq!(Some(Box::new(vec![1])).size(), Some(Size::Items(1)));
        assert_eq!(Size::of(&Value::Null), None);
    }
}
