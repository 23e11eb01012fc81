//! Types of the standard library, and what stands on them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::num::Wrapping;
use std::ops::{Range, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Duration;

use instructor::ResponseModel;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::User;

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(in crate::schema) struct Arrays {
    none: [u8; 0],
    #[validate(length(min = 1, max = 2))]
    two: [bool; 2],
    #[validate(length(equal = 32))]
    most: [bool; 32],
}

/// Everything that has a length.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(in crate::schema) struct Lengths {
    #[validate(length(max = 2))]
    text: Box<str>,
    #[validate(length(max = 2))]
    borrowed: Cow<'static, str>,
    #[validate(length(max = 2))]
    slice: Box<[u8]>,
    #[validate(length(max = 2))]
    borrowed_slice: Cow<'static, [u8]>,
    #[validate(length(max = 2))]
    queue: VecDeque<u8>,
    #[validate(length(max = 2))]
    chain: LinkedList<u8>,
    #[validate(length(max = 2))]
    heap: BinaryHeap<u8>,
    #[validate(length(max = 2))]
    sorted: BTreeSet<u8>,
    #[validate(length(max = 2))]
    set: Option<HashSet<u8>>,
    #[validate(length(max = 1))]
    map: HashMap<String, u8>,
    #[validate(length(max = 1))]
    object: serde_json::Map<String, Value>,
}

/// How much it matters.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ResponseModel)]
#[serde(rename_all = "snake_case")]
pub(in crate::schema) enum Level {
    /// Can wait.
    Low,
    VeryHigh,
}

/// Keys that are more than texts and integers.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(in crate::schema) struct TypedMaps {
    by_priority: BTreeMap<Level, u8>,
    #[validate(length(max = 1))]
    hashed: HashMap<Level, User>,
    by_letter: BTreeMap<char, bool>,
    by_id: BTreeMap<TextId, bool>,
    by_number: BTreeMap<NumberId, bool>,
}

/// The same, read from the buffer that serde keeps.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(untagged)]
pub(in crate::schema) enum BufferedMaps {
    Names(BTreeMap<Level, u8>),
    Letters(BTreeMap<char, bool>),
    Ids(BTreeMap<TextId, String>),
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ResponseModel)]
pub(in crate::schema) struct TextId(String);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ResponseModel)]
#[serde(transparent)]
pub(in crate::schema) struct NumberId {
    number: u16,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(in crate::schema) struct Wrappers {
    path: PathBuf,
    boxed_path: Box<Path>,
    wrapping: Wrapping<u8>,
    reverse: BinaryHeap<Reverse<u8>>,
    number: serde_json::Number,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(in crate::schema) struct Structures {
    /// How long it took.
    took: Duration,
    salary: Range<u32>,
    /// serde asks for both ends even of these.
    open: Range<Option<u8>>,
    ages: RangeInclusive<u8>,
    outcome: Result<User, String>,
}
