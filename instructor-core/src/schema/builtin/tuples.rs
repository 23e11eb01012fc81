//! Tuples.

use serde::de::DeserializeOwned;

use crate::model::ResponseModel;
use crate::rule::Checks;
use crate::schema::graph::{Edge, Node};
use crate::validate::Path;

macro_rules! tuples {
    ($partial:ident: $(($($type:ident $index:tt)+);)*) => {
        $(impl<$($type: ResponseModel + DeserializeOwned),+> ResponseModel for ($($type,)+) {
            const NODE: Edge = Edge::to(&Node::Tuple(&[$($type::NODE),+]));
            type Partial = $partial!($($type)+);

            fn check_rules(&self, path: &Path<'_>, checks: &mut Checks<'_>) {
                $(self.$index.check_rules(&path.index($index), checks);)+
            }
        })*
    };
}

/// A tuple that is there in part.
macro_rules! places {
    ($($type:ident)+) => { ($(Option<$type::Partial>,)+) };
}

/// Of more than twelve places the standard library prints none; such a tuple appears when it is whole.
macro_rules! whole {
    ($($type:ident)+) => {
        serde_json::Value
    };
}

tuples! {
    places:
    (A 0);
    (A 0 B 1);
    (A 0 B 1 C 2);
    (A 0 B 1 C 2 D 3);
    (A 0 B 1 C 2 D 3 E 4);
    (A 0 B 1 C 2 D 3 E 4 F 5);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11);
}

tuples! {
    whole:
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14);
    (A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7 I 8 J 9 K 10 L 11 M 12 N 13 O 14 P 15);
}
