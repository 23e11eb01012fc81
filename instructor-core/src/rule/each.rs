//! `each(...)`: rules on every item of a list, set or array.

use std::collections::{BTreeSet, HashSet, LinkedList, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use super::Checks;
use crate::validate::Path;

/// A type that `#[validate(each(...))]` and `#[validate(unique_items)]` can stand on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no items",
    label = "a rule about items cannot stand on this type",
    note = "`each` and `unique_items` are about lists, sets and arrays, also inside `Option` and `Box`; a map has `keys` and `values`"
)]
pub trait Items {
    /// The type of an item.
    type Item;

    /// Whether the items have the places that they have in the JSON: not in a set.
    const IS_ORDERED: bool = true;

    /// The items; none if there is no value.
    fn items(&self) -> impl Iterator<Item = &Self::Item> + Clone;
}

/// Checks every item. Generated code calls this. Those of a set are checked on the JSON, which has their places.
pub fn check<T: Items + ?Sized>(
    value: &T,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
    check: impl Fn(&T::Item, &Path<'_>, &mut Checks<'_>),
) {
    let items = value.items().enumerate();
    for (index, item) in items.filter(|_| T::IS_ORDERED) {
        check(item, &path.index(index), checks);
    }
}

macro_rules! items {
    ($($ordered:literal: $([$($parameters:tt)*] $type:ty),*;)*) => {
        $($(impl<$($parameters)*> Items for $type {
            type Item = T;
            const IS_ORDERED: bool = $ordered;

            fn items(&self) -> impl Iterator<Item = &T> + Clone {
                self.iter()
            }
        })*)*
    };
}

items! {
    true: [T] Vec<T>, [T] VecDeque<T>, [T] LinkedList<T>, [T] [T], [T, const N: usize] [T; N];
    false: [T] BTreeSet<T>, [T, S] HashSet<T, S>;
}

impl<T: Items> Items for Option<T> {
    type Item = T::Item;
    const IS_ORDERED: bool = T::IS_ORDERED;

    fn items(&self) -> impl Iterator<Item = &T::Item> + Clone {
        self.as_slice().iter().flat_map(T::items)
    }
}

macro_rules! pointers {
    ($($type:ty),*) => {
        $(impl<T: Items + ?Sized> Items for $type {
            type Item = T::Item;
            const IS_ORDERED: bool = T::IS_ORDERED;

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
    use crate::context::Context;
    use crate::rule::starts_with;

    #[test]
    fn every_item_is_checked_at_its_place() {
        let context = Context::new();
        let mut checks = Checks::new(&context);
        let lists = Some(vec![vec!["a1", "b"], vec![], vec!["c"]]);
        check(
            &lists,
            &Path::ROOT.key("lists"),
            &mut checks,
            |list, path, checks| {
                check(list, path, checks, |text, path, checks| {
                    starts_with::check(*text, "a", path, checks);
                });
            },
        );
        assert_eq!(
            checks.into_errors().to_string(),
            "lists[0][1]: must start with \"a\"\nlists[2][0]: must start with \"a\""
        );
    }

    #[test]
    fn nothing_has_no_items() {
        assert_eq!(None::<Vec<u8>>.items().count(), 0);
        assert_eq!(Some(Box::new([1, 2])).items().count(), 2);
    }
}
