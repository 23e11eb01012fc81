//! Pointers and wrappers: as what is in them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::num::Wrapping;

use serde::de::DeserializeOwned;

use crate::model::ResponseModel;
use crate::rule::Checks;
use crate::schema::graph::Edge;
use crate::validate::Path;

macro_rules! pointers {
    ($($pointer:ident),*) => {
        $(impl<T: ResponseModel + DeserializeOwned> ResponseModel for $pointer<T> {
            const NODE: Edge = T::NODE;
            /// In a box, since a type may contain itself through it.
            type Partial = Box<T::Partial>;

            fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                T::check_rules(self, path, checks);
            }
        })*
    };
}

pointers!(Box);

impl<T: ResponseModel + DeserializeOwned + Clone> ResponseModel for Cow<'static, T> {
    const NODE: Edge = T::NODE;
    type Partial = Box<T::Partial>;

    fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
        T::check_rules(self, path, checks);
    }
}

macro_rules! wrappers {
    ($($wrapper:ident),*) => {
        $(impl<T: ResponseModel + DeserializeOwned> ResponseModel for $wrapper<T> {
            const NODE: Edge = T::NODE;
            type Partial = T::Partial;

            fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                self.0.check_rules(path, checks);
            }
        })*
    };
}

wrappers!(Reverse, Wrapping);

/// serde reads these with its feature `rc` alone.
#[cfg(feature = "rc")]
mod counted {
    use std::rc::Rc;
    use std::sync::Arc;

    use super::{Checks, DeserializeOwned, Edge, Path, ResponseModel};

    pointers!(Rc, Arc);

    macro_rules! unsized_contents {
        ($($pointer:ident),*) => {
            $(impl ResponseModel for $pointer<str> {
                const NODE: Edge = String::NODE;
                type Partial = String;
            }

            impl<T: ResponseModel + DeserializeOwned> ResponseModel for $pointer<[T]> {
                const NODE: Edge = <Vec<T>>::NODE;
                type Partial = Vec<T::Partial>;

                fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                    for (index, item) in self.iter().enumerate() {
                        item.check_rules(&path.index(index), checks);
                    }
                }
            })*
        };
    }

    unsized_contents!(Rc, Arc);
}
