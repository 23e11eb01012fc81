//! Pointers: as what they point at.

use std::borrow::Cow;

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

/// serde reads these with its feature `rc` alone.
#[cfg(feature = "rc")]
mod counted {
    use std::rc::Rc;
    use std::sync::Arc;

    use super::{Checks, DeserializeOwned, Edge, Path, ResponseModel};

    pointers!(Rc, Arc);

    impl ResponseModel for Rc<str> {
        const NODE: Edge = String::NODE;
        type Partial = String;
    }

    impl ResponseModel for Arc<str> {
        const NODE: Edge = String::NODE;
        type Partial = String;
    }
}
