//! `keys(...)` and `values(...)`: rules on every key or every value of a map.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::Checks;
use crate::schema::MapKey;
use crate::validate::Path;

/// A type that `#[validate(keys(...))]` and `#[validate(values(...))]` can stand on.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no entries",
    label = "a rule about keys or values cannot stand on this type",
    note = "`keys` and `values` are about maps, also inside `Option` and `Box`; a list has `each`"
)]
pub trait Entries {
    /// The type of a key.
    type Key: MapKey;
    /// The type of a value.
    type Value;

    /// The entries; none if there is no value.
    fn entries(&self) -> impl Iterator<Item = (&Self::Key, &Self::Value)>;
}

/// Checks every key, at the place of its value. Generated code calls this.
pub fn check_keys<T: Entries + ?Sized>(
    value: &T,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
    check: impl Fn(&T::Key, &Path<'_>, &mut Checks<'_>),
) {
    for (key, _) in value.entries() {
        check(key, &path.key(&key.json()), checks);
    }
}

/// Checks every value. Generated code calls this.
pub fn check_values<T: Entries + ?Sized>(
    value: &T,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
    check: impl Fn(&T::Value, &Path<'_>, &mut Checks<'_>),
) {
    for (key, value) in value.entries() {
        check(value, &path.key(&key.json()), checks);
    }
}

impl<K: MapKey, V, S> Entries for HashMap<K, V, S> {
    type Key = K;
    type Value = V;

    fn entries(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }
}

impl<K: MapKey, V> Entries for BTreeMap<K, V> {
    type Key = K;
    type Value = V;

    fn entries(&self) -> impl Iterator<Item = (&K, &V)> {
        self.iter()
    }
}

impl<T: Entries> Entries for Option<T> {
    type Key = T::Key;
    type Value = T::Value;

    fn entries(&self) -> impl Iterator<Item = (&T::Key, &T::Value)> {
        self.iter().flat_map(T::entries)
    }
}

macro_rules! pointers {
    ($($type:ty),*) => {
        $(impl<T: Entries + ?Sized> Entries for $type {
            type Key = T::Key;
            type Value = T::Value;

            fn entries(&self) -> impl Iterator<Item = (&T::Key, &T::Value)> {
                T::entries(self)
            }
        })*
    };
}

pointers!(Box<T>, Rc<T>, Arc<T>);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Context;
    use crate::rule::{length, range};
    use crate::schema::Bound;

    #[test]
    fn keys_and_values_are_checked_at_their_place() {
        let scores = Some(BTreeMap::from([
            ("ann".to_owned(), 3),
            ("b".to_owned(), 12),
        ]));
        let context = Context::new();
        let mut checks = Checks::new(&context);
        let path = Path::ROOT.key("scores");
        check_keys(&scores, &path, &mut checks, |key, path, checks| {
            length::check(key, Some(2), None, path, checks);
        });
        check_values(&scores, &path, &mut checks, |value, path, checks| {
            let max = Some(Bound::Integer(9));
            range::check(value, None, max, None, None, path, checks);
        });
        assert_eq!(
            checks.into_errors().to_string(),
            "scores.b: must have at least 2 characters, has 1\nscores.b: must be at most 9"
        );
    }
}
