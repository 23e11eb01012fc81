//! Options, lists, sets and arrays.

use std::borrow::Cow;
use std::collections::{BTreeSet, BinaryHeap, HashSet, LinkedList, VecDeque};
use std::hash::{BuildHasher, Hash};

use serde::de::DeserializeOwned;

use crate::model::ResponseModel;
use crate::rule::Checks;
use crate::schema::graph::{Edge, Node};
use crate::validate::Path;

impl<T: ResponseModel + DeserializeOwned> ResponseModel for Option<T> {
    const NODE: Edge = Edge::to(&Node::Nullable(T::NODE));
    /// `None` is null; that nothing has come yet is for what is around it to say.
    type Partial = Option<T::Partial>;

    fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
        if let Some(value) = self {
            value.check_rules(path, checks);
        }
    }
}

macro_rules! collections {
    ($($collection:ty, $unique:literal, ($($parameter:ident)?), [$($bound:path),*];)*) => {
        $(impl<T $(, $parameter)?> ResponseModel for $collection
        where
            T: ResponseModel + DeserializeOwned $(+ $bound)*,
            $($parameter: BuildHasher + Default + 'static,)?
        {
            const NODE: Edge = Edge::to(&Node::Array {
                items: T::NODE,
                length: None,
                unique: $unique,
            });
            type Partial = Vec<T::Partial>;

            fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                for (index, item) in self.iter().enumerate() {
                    item.check_rules(&path.index(index), checks);
                }
            }
        })*
    };
}

collections! {
    Vec<T>, false, (), [];
    VecDeque<T>, false, (), [];
    LinkedList<T>, false, (), [];
    BinaryHeap<T>, false, (), [Ord];
    Box<[T]>, false, (), [];
    Cow<'static, [T]>, false, (), [Clone];
    BTreeSet<T>, true, (), [Ord];
    HashSet<T, S>, true, (S), [Eq, Hash];
}

macro_rules! arrays {
    ($($length:literal)*) => {
        $(impl<T: ResponseModel + DeserializeOwned> ResponseModel for [T; $length] {
            const NODE: Edge = Edge::to(&Node::Array {
                items: T::NODE,
                length: Some($length),
                unique: false,
            });
            type Partial = Vec<T::Partial>;

            fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                for (index, item) in self.iter().enumerate() {
                    item.check_rules(&path.index(index), checks);
                }
            }
        })*
    };
}

// The lengths that serde reads.
arrays!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
