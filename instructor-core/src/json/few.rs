//! An array that is read again and again from a stream, without an allocation for each event.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

/// An array that nearly always has one item, which then needs no vector.
#[derive(Debug)]
pub(crate) struct Few<T> {
    first: Option<T>,
    others: Vec<T>,
}

impl<T> Few<T> {
    /// The item, if it is one.
    pub(crate) fn only(&self) -> Option<&T> {
        self.first.as_ref().filter(|_| self.others.is_empty())
    }
}

impl<T> IntoIterator for Few<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, std::vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.others)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Items(PhantomData))
    }
}

struct Items<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
    type Value = Few<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Few<T>, A::Error> {
        let first = items.next_element()?;
        let mut others = Vec::new();
        if first.is_some() {
            while let Some(other) = items.next_element()? {
                others.push(other);
            }
        }
        Ok(Few { first, others })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_items_keep_their_order() {
        for (json, expected) in [("[]", vec![]), ("[1]", vec![1]), ("[1,2,3]", vec![1, 2, 3])] {
            let few: Few<u8> = serde_json::from_str(json).expect("an array");
            assert_eq!(few.into_iter().collect::<Vec<_>>(), expected);
        }
    }
}
