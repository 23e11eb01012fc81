//! `each(...)`: rules on every item of a list, set or array.

use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use crate::validate::{Path, ValidationErrors};

/// A type that `#[validate(each(...))]` and `#[validate(unique_items)]` can stand on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no items",
    label = "a rule about items cannot stand on this type",
    note = "`each` and `unique_items` are about lists, sets and arrays, also inside `Option` and `Box`; a map has `keys` and `values`"
)]
pub trait Items {
    /// The type of an item.
    type Item;

    /// The items, in the order of the JSON where there is one; none if there is no value.
    fn items(&self) -> impl Iterator<Item = &Self::Item> + Clone;
}

/// Checks every item. Generated code calls this.
pub fn check<T: Items + ?Sized>(
    value: &T,
    path: &Path<'_>,
    errors: &mut ValidationErrors,
    check: impl Fn(&T::Item, &Path<'_>, &mut ValidationErrors),
) {
    for (index, item) in value.items().enumerate() {
        check(item, &path.index(index), errors);
    }
}

macro_rules! items {
    ($([$($parameters:tt)*] $type:ty),* $(,)?) => {
        $(impl<$($parameters)*> Items for $type {
            type Item = T;

            fn items(&self) -> impl Iterator<Item = &T> + Clone {
                self.iter()
            }
        })*
    };
}

items! {
    [T] Vec<T>, [T] VecDeque<T>, [T] LinkedList<T>, [T] BinaryHeap<T>, [T] [T], [T, const N: usize] [T; N],
    [T] BTreeSet<T>, [T, S] HashSet<T, S>,
}

impl<T: Items> Items for Option<T> {
    type Item = T::Item;

    fn items(&self) -> impl Iterator<Item = &T::Item> + Clone {
        self.as_slice().iter().flat_map(T::items)
    }
}

macro_rules! pointers {
    ($($type:ty),*) => {
        $(impl<T: Items + ?Sized> Items for $type {
            type Item = T::Item;

            fn items(&self) -> impl Iterator<Item = &T::Item> + Clone {
                T::items(self)
            }
        })*
    };
}

pointers!(Box<T>, Rc<T>, Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::starts_with;

    #[test]
    fn every_item_is_checked_at_its_place() {
        let mut errors = ValidationErrors::new();
        let lists = Some(vec![vec!["a1", "b"], vec![], vec!["c"]]);
        check(
            &lists,
            &Path::ROOT.key("lists"),
            &mut errors,
            |list, path, errors| {
                check(list, path, errors, |text, path, errors| {
                    starts_with::check(*text, "a", path, errors);
                });
            },
        );
        assert_eq!(
            errors.to_string(),
            "lists[0][1]: must start with \"a\"\nlists[2][0]: must start with \"a\""
        );
    }

    #[test]
    fn nothing_has_no_items() {
        assert_eq!(None::<Vec<u8>>.items().count(), 0);
        assert_eq!(Some(Box::new([1, 2])).items().count(), 2);
    }
}
