//! `unique_items`: no item of a list is there twice.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Checks, Items};
use crate::validate::{ErrorCode, Path, ValidationError};

/// Lists up to this long are compared item by item, which allocates nothing.
const SHORT: usize = 32;

/// A type whose values can be told apart for sure: all that implement [`Eq`] and [`Hash`].
#[diagnostic::on_unimplemented(
    message = "values of `{Self}` cannot be told apart, so a list of them cannot be checked for doubles",
    label = "`#[validate(unique_items)]` needs items that are `Eq` and `Hash`",
    note = "derive `PartialEq`, `Eq` and `Hash` for the type of the items; floating point numbers have no equality to rely on"
)]
pub trait Distinct: Eq + Hash {}

#[diagnostic::do_not_recommend]
impl<T: Eq + Hash + ?Sized> Distinct for T {}

/// What is wrong with these items, if anything: the first that was there before.
pub fn fault<'a, T: Distinct + 'a>(items: impl Iterator<Item = &'a T> + Clone) -> Option<String> {
    let (first, second) = if items.clone().nth(SHORT).is_none() {
        in_short(&items)
    } else {
        in_long(items)
    }?;
    Some(format!(
        "must not hold an item twice: the items {first} and {second} (counted from 0) are equal"
    ))
}

fn in_short<'a, T: Eq + 'a>(
    items: &(impl Iterator<Item = &'a T> + Clone),
) -> Option<(usize, usize)> {
    items.clone().enumerate().find_map(|(second, item)| {
        let first = items.clone().take(second).position(|other| other == item)?;
        Some((first, second))
    })
}

fn in_long<'a, T: Eq + Hash + 'a>(items: impl Iterator<Item = &'a T>) -> Option<(usize, usize)> {
    let mut seen = HashMap::new();
    for (second, item) in items.enumerate() {
        if let Some(first) = seen.insert(item, second) {
            return Some((first, second));
        }
    }
    None
}

/// Checks a typed value. Generated code calls this.
pub fn check<T: Items<Item: Distinct> + ?Sized>(
    value: &T,
    path: &Path<'_>,
    checks: &mut Checks<'_>,
) {
    if let Some(fault) = fault(value.items()) {
        checks.push(ValidationError::new(path, ErrorCode::UniqueItems, fault));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_double_is_told() {
        assert_eq!(fault([1, 2, 3].iter()), None);
        assert_eq!(fault::<u8>([].iter()), None);
        assert_eq!(
            fault([1, 2, 3, 2, 1].iter()).as_deref(),
            Some("must not hold an item twice: the items 1 and 3 (counted from 0) are equal")
        );
    }

    #[test]
    fn a_long_list_is_told_the_same() {
        for length in [SHORT, SHORT + 1, 1_000] {
            let mut items: Vec<usize> = (0..length).collect();
            assert_eq!(fault(items.iter()), None, "{length}");
            items.push(7);
            let double = fault(items.iter()).expect("a double");
            assert!(double.contains(&format!("7 and {length}")), "{double}");
        }
    }
}
