//! Types that serde reads in more ways than the others of the zoo.
#![allow(dead_code, reason = "a skipped field is not read")]

use std::collections::BTreeMap;

use instructor::ResponseModel;
use serde::Deserialize;

use super::super::zoo::{
    Aliased, External, FlatInner, Internal, Place, Priority, Transparent, Untagged, User,
};

/// Calls `$visit::<Type>("name")` for every type here.
macro_rules! every_spelling {
    ($visit:ident) => {
        $visit::<Listed>("listed");
        $visit::<TupleDefaults>("tuple_defaults");
        $visit::<AllDefaults>("all_defaults");
        $visit::<FlatTwice>("flat_twice");
        $visit::<FlatMapFirst>("flat_map_first");
        $visit::<FlatMaps>("flat_maps");
        $visit::<FlatClosed>("flat_closed");
        $visit::<FlatEnums>("flat_enums");
        $visit::<ExternalAliases>("external_aliases");
        $visit::<InternalRules>("internal_rules");
        $visit::<AdjacentOptions>("adjacent_options");
        $visit::<AdjacentOther>("adjacent_other");
        $visit::<UntaggedRules>("untagged_rules");
        $visit::<MixedExternal>("mixed_external");
        $visit::<MixedInternal>("mixed_internal");
        $visit::<MixedAdjacent>("mixed_adjacent");
        $visit::<EnumsInEnums>("enums_in_enums");
    };
}
pub(super) use every_spelling;

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct Listed {
    #[validate(length(max = 2))]
    name: String,
    #[serde(skip)]
    skipped: u8,
    maybe: Option<u8>,
    priority: Priority,
    #[serde(default)]
    aliased: Option<Aliased>,
    #[serde(default)]
    last: u8,
}

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct TupleDefaults(
    u8,
    #[serde(default)]
    #[validate(length(max = 2))]
    String,
    #[serde(skip)] u8,
    #[serde(default)] Option<u8>,
);

#[derive(Debug, Default, Deserialize, ResponseModel)]
#[serde(default)]
pub(super) struct AllDefaults(u8, #[validate(range(max = 5))] u8);

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct FlatTwice {
    #[serde(flatten)]
    outer: FlatOuter,
    after: Option<u8>,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct FlatOuter {
    a: Option<u8>,
    #[serde(flatten)]
    inner: FlatInner,
}

/// The map is read before the struct takes its fields away, which so must fit it too.
#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct FlatMapFirst {
    known: Option<u8>,
    #[serde(flatten)]
    texts: BTreeMap<String, Limited>,
    #[serde(flatten)]
    user: FlatInner,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Limited(#[validate(length(max = 2))] String);

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct FlatMaps {
    #[serde(flatten)]
    few: Few,
    #[serde(flatten)]
    all: BTreeMap<String, Option<bool>>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Few(#[validate(length(max = 1))] BTreeMap<String, Option<bool>>);

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(deny_unknown_fields)]
pub(super) struct FlatClosed {
    known: Option<u8>,
    #[serde(flatten)]
    inner: FlatInner,
}

/// A flattened struct is read from a buffer.
#[derive(Debug, Deserialize, ResponseModel)]
pub(super) struct FlatEnums {
    external: Option<External>,
    internal: Option<Internal>,
    #[serde(flatten)]
    buffered: Buffered,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Buffered {
    one: Option<External>,
    two: Option<Internal>,
    three: Option<AdjacentOptions>,
}

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) enum ExternalAliases {
    #[serde(alias = "none", alias = "nil")]
    Nothing,
    #[serde(alias = "number")]
    Number(#[validate(range(max = 5))] u8),
    #[serde(alias = "named")]
    Named {
        #[validate(length(max = 2))]
        name: String,
        #[serde(default)]
        age: u8,
    },
    Pair(
        u8,
        #[serde(default)]
        #[validate(length(max = 2))]
        String,
    ),
    Flat {
        known: u8,
        #[serde(flatten)]
        user: User,
    },
    Empty {},
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind", deny_unknown_fields)]
pub(super) enum InternalRules {
    Nothing,
    #[serde(alias = "person")]
    Person(User),
    Wrapped(Place),
    Circle {
        #[validate(range(max = 1))]
        radius: f64,
        #[serde(default)]
        priority: Option<Priority>,
    },
    Open(#[validate(length(max = 1))] BTreeMap<String, u8>),
    Flat {
        #[serde(flatten)]
        user: User,
    },
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "t", content = "c", deny_unknown_fields)]
pub(super) enum AdjacentOptions {
    Nothing,
    Maybe(Option<u8>),
    Transparent(Transparent),
    Limited(#[validate(range(max = 5))] u8),
    Pair(u8, #[serde(default)] u8),
    Circle {
        #[validate(range(max = 1))]
        radius: f64,
        #[serde(default)]
        more: u8,
    },
    Of(Priority),
    List(#[validate(length(max = 1))] Vec<External>),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "t", content = "c")]
pub(super) enum AdjacentOther {
    Number(u8),
    #[serde(other, alias = "rest")]
    Other,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(untagged)]
pub(super) enum UntaggedRules {
    Nothing,
    Small(#[validate(range(max = 5))] u8),
    Large(i32),
    Short(#[validate(length(max = 1))] String),
    Pair(#[validate(range(max = 5))] u8, #[serde(default)] u8),
    Named {
        #[validate(length(max = 1))]
        name: String,
        age: Option<u8>,
    },
    User(User),
    External(External),
    Internal(Internal),
    Many(Vec<UntaggedRules>),
}

#[derive(Debug, Deserialize, ResponseModel)]
pub(super) enum MixedExternal {
    Plain,
    Named(#[validate(range(max = 5))] u8),
    #[serde(untagged)]
    Object(BTreeMap<String, u16>),
    #[serde(untagged)]
    Text(#[validate(length(max = 2))] String),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
pub(super) enum MixedInternal {
    Nothing,
    Circle {
        #[validate(range(max = 1))]
        radius: f64,
        priority: Option<Priority>,
    },
    #[serde(untagged)]
    Any {
        radius: f64,
    },
    #[serde(untagged)]
    List(Vec<u8>),
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "t", content = "c", deny_unknown_fields)]
pub(super) enum MixedAdjacent {
    Nothing,
    Limited(#[validate(range(max = 5))] u8),
    Of(Priority),
    #[serde(untagged)]
    Number(u8),
    #[serde(untagged)]
    Any {
        t: String,
    },
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
pub(super) enum EnumsInEnums {
    One {
        external: External,
        internal: Option<Internal>,
    },
    Two {
        adjacent: AdjacentOptions,
        priority: Priority,
    },
    Three {
        untagged: Untagged,
        mixed: MixedInternal,
    },
}
