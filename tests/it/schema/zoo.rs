//! One type for every shape that a response model can have.
#![allow(dead_code, reason = "most are only looked at by their schemas")]

mod standard;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::num::{NonZeroI16, NonZeroU8};

use instructor::ResponseModel;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use standard::*;

/// Calls `$visit::<Type>("name")` for every type here.
macro_rules! every_shape {
    ($visit:ident) => {
        $visit::<Scalars>("scalars");
        $visit::<Integers>("integers");
        $visit::<Options>("options");
        $visit::<Lists>("lists");
        $visit::<Arrays>("arrays");
        $visit::<Lengths>("lengths");
        $visit::<Tuples>("tuples");
        $visit::<Maps>("maps");
        $visit::<TypedMaps>("maps_with_typed_keys");
        $visit::<BufferedMaps>("maps_with_typed_keys_untagged");
        $visit::<Pointers>("pointers");
        $visit::<Wrappers>("wrappers");
        $visit::<Structures>("structures");
        $visit::<Anything>("anything");
        $visit::<Rules>("rules");
        $visit::<Formats>("rules_of_formats");
        $visit::<Steps>("rules_of_multiples");
        $visit::<Items>("rules_of_items");
        $visit::<Sets>("rules_of_sets");
        $visit::<Entries>("rules_of_entries");
        $visit::<Checked>("rules_of_functions");
        $visit::<Described>("described");
        $visit::<Renamed>("renamed");
        $visit::<Aliased>("aliased");
        $visit::<Defaults>("defaults");
        $visit::<Closed>("closed");
        $visit::<Flat>("flat");
        $visit::<FlatMap>("flat_map");
        $visit::<UserId>("newtype");
        $visit::<Place>("newtype_of_a_struct");
        $visit::<Point>("tuple_struct");
        $visit::<Transparent>("transparent");
        $visit::<Converted>("converted");
        $visit::<Functions>("functions");
        $visit::<Priority>("enum_of_names");
        $visit::<External>("enum_external");
        $visit::<Internal>("enum_internal");
        $visit::<Adjacent>("enum_adjacent");
        $visit::<Untagged>("enum_untagged");
        $visit::<Mixed>("enum_with_an_untagged_variant");
        $visit::<Page<User>>("generic");
        $visit::<Matrix<3>>("generic_constant");
        $visit::<Tree<u8>>("generic_recursive");
        $visit::<Pages>("generics_side_by_side");
        $visit::<Node>("recursive");
        $visit::<Fund>("mutually_recursive");
        $visit::<Vec<User>>("root_list_of_structs");
        $visit::<Vec<i32>>("root_list");
        $visit::<bool>("root_bool");
        $visit::<i64>("root_integer");
        $visit::<String>("root_text");
        $visit::<Option<User>>("root_option");
        $visit::<instructor::Maybe<User>>("root_maybe");
        $visit::<Vec<instructor::Citation>>("root_citations");
        $visit::<(String, u8)>("root_tuple");
        $visit::<Result<User, String>>("root_result");
        $visit::<std::collections::BTreeMap<String, u8>>("root_map");
    };
}
pub(super) use every_shape;

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Scalars {
    text: String,
    letter: char,
    yes: bool,
    small: f32,
    large: f64,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Integers {
    a: i8,
    b: i16,
    c: i32,
    d: i64,
    e: u8,
    f: u16,
    g: u32,
    h: u64,
    i: usize,
    j: NonZeroU8,
    k: NonZeroI16,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Options {
    /// What friends say.
    nickname: Option<String>,
    twice: Option<Option<u8>>,
    each: Vec<Option<bool>>,
    of_an_enum: Option<Priority>,
    of_a_struct: Option<User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u8>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Lists {
    list: Vec<String>,
    queue: VecDeque<u8>,
    slice: Box<[u8]>,
    three: [u8; 3],
    sorted: BTreeSet<u8>,
    set: HashSet<String>,
    #[validate(length(min = 1, max = 2))]
    users: Vec<User>,
    nested: Vec<Vec<bool>>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Tuples {
    /// Latitude and longitude.
    pair: (f64, f64),
    mixed: (String, u8, Option<bool>),
    one: (u8,),
    list: Vec<(String, User)>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Maps {
    by_name: HashMap<String, u8>,
    /// Sorted.
    sorted: BTreeMap<String, User>,
    by_number: BTreeMap<u16, String>,
    by_signed: BTreeMap<i64, bool>,
    #[validate(length(max = 1))]
    one: BTreeMap<String, u8>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Pointers {
    boxed: Box<u8>,
    text: Box<str>,
    cow: Cow<'static, str>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Anything {
    /// Whatever else is known.
    any: Value,
    maybe: Option<Value>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Rules {
    #[validate(length(min = 2, max = 4))]
    between: String,
    #[validate(length(equal = 3))]
    exact: String,
    #[validate(range(min = 1, max = 5))]
    inclusive: u8,
    #[validate(range(exclusive_min = 0, exclusive_max = 1.5))]
    exclusive: f64,
    #[validate(pattern("^[a-c]+$"), length(max = 3))]
    pattern: Option<String>,
    #[validate(email)]
    email: String,
    #[validate(url)]
    url: String,
    #[response_model(validate(contains("a"), does_not_contain("b")))]
    parts: String,
    #[validate(range(max = 9))]
    #[response_model(example = 7, example = 3)]
    example: i32,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Formats {
    #[response_model(validate(uuid))]
    id: String,
    #[response_model(validate(ipv4))]
    four: String,
    #[response_model(validate(ipv6))]
    six: Option<String>,
    #[response_model(validate(ip))]
    either: String,
    #[response_model(validate(starts_with("a"), ends_with("\"")))]
    ends: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Steps {
    #[response_model(validate(multiple_of(5)))]
    #[validate(range(min = 0, max = 10))]
    whole: u8,
    #[response_model(validate(multiple_of(0.5)))]
    half: f64,
    #[response_model(validate(one_of(1, 2, 4)), example = 2)]
    power: Option<u8>,
    #[response_model(validate(one_of("low", "high")), example = "low")]
    level: String,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Items {
    #[response_model(validate(unique_items, length(max = 3), each(one_of("a", "b", "c"))))]
    tags: Vec<String>,
    #[response_model(validate(each(each(range(max = 9)), length(max = 2))))]
    nested: Option<Vec<Vec<u8>>>,
    #[response_model(validate(each(range(min = 1))))]
    three: [Option<u8>; 3],
}

/// The rules of its items are checked on the JSON.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Sets {
    #[response_model(validate(each(pattern("^[a-c1]*$"))))]
    set: BTreeSet<String>,
    #[response_model(validate(values(each(range(max = 9)))))]
    by_key: Option<BTreeMap<String, HashSet<u8>>>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Entries {
    #[response_model(validate(
        keys(length(min = 2), pattern("^[a-z]+$")),
        values(range(max = 9))
    ))]
    scores: BTreeMap<String, u8>,
    #[response_model(validate(values(each(length(min = 1)))))]
    lists: HashMap<String, Vec<String>>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[response_model(validate = Checked::is_short)]
pub(super) struct Checked {
    #[response_model(validate(custom = is_ascii))]
    text: Option<String>,
    #[response_model(validate(each(custom = is_ascii)))]
    list: Vec<String>,
}

fn is_ascii(text: &str) -> Result<(), &'static str> {
    if text.contains('é') {
        return Err("must be ASCII");
    }
    Ok(())
}

impl Checked {
    fn is_short(&self) -> Result<(), String> {
        match self.list.len() {
            0 | 1 => Ok(()),
            length => Err(format!("{length} are too many")),
        }
    }
}

/// Documented "in quotes",
/// over two lines.
///
/// - and a list
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Described {
    #[doc = " A tab\tand a backslash \\."]
    text: String,
    /// The user who asks.
    user: User,
    /// The user who answers.
    other: User,
    priority: Priority,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(rename = "NewName", rename_all = "camelCase")]
pub(super) struct Renamed {
    first_name: String,
    #[serde(rename = "the \"last\" name")]
    last_name: String,
    r#type: u8,
    #[serde(skip)]
    skipped: u8,
    #[serde(skip_deserializing)]
    never_read: u8,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Aliased {
    name: String,
    #[serde(alias = "mail", alias = "e-mail")]
    email_address: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize, ResponseModel)]
#[serde(default)]
pub(super) struct Defaults {
    list: Vec<u8>,
    #[serde(default = "forty_two")]
    number: u8,
    option: Option<u8>,
}

fn forty_two() -> u8 {
    42
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(deny_unknown_fields)]
pub(super) struct Closed {
    only: u8,
    maybe: Option<u8>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Flat {
    before: u8,
    #[serde(flatten)]
    user: User,
    #[serde(flatten)]
    inner: FlatInner,
    after: Option<u8>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct FlatInner {
    #[validate(length(max = 2))]
    inside: String,
    #[serde(default)]
    absent: u8,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct FlatMap {
    known: u8,
    #[serde(flatten)]
    others: BTreeMap<String, bool>,
}

/// The number of a user.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct UserId(#[validate(range(min = 1))] u32);

/// Where something is.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Place(User);

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Point(
    f64,
    /// The height.
    #[validate(range(min = 0))]
    f64,
    Option<UserId>,
);

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(transparent)]
pub(super) struct Transparent {
    inner: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(from = "Raw", into = "Raw")]
pub(super) struct Converted {
    total: u32,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Raw {
    #[validate(range(max = 100))]
    left: u16,
    right: u16,
}

impl From<Raw> for Converted {
    fn from(raw: Raw) -> Self {
        Converted {
            total: u32::from(raw.left) << 16 | u32::from(raw.right),
        }
    }
}

impl From<Converted> for Raw {
    fn from(converted: Converted) -> Self {
        Raw {
            left: (converted.total >> 16) as u16,
            right: converted.total as u16,
        }
    }
}

impl Clone for Converted {
    fn clone(&self) -> Self {
        Converted { total: self.total }
    }
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Functions {
    #[serde(with = "hexadecimal")]
    #[response_model(schema_as = String)]
    #[validate(pattern("^[0-9a-f]{1,4}$"))]
    color: u32,
    #[serde(deserialize_with = "option", default)]
    #[response_model(schema_as = Option<u8>)]
    maybe: Option<u8>,
    #[serde(deserialize_with = "option")]
    #[response_model(schema_as = Option<u8>)]
    must_be_there: Option<u8>,
}

fn option<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u8>, D::Error> {
    Option::deserialize(deserializer)
}

mod hexadecimal {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{value:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        let text = String::deserialize(deserializer)?;
        u32::from_str_radix(&text, 16).map_err(serde::de::Error::custom)
    }
}

/// How urgent it is.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ResponseModel)]
#[serde(rename_all = "snake_case")]
pub(super) enum Priority {
    /// Can wait.
    Low,
    RightNow,
    #[serde(rename = "other!", alias = "else")]
    Other,
    #[serde(skip)]
    Internal,
}

/// What happened.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(rename_all = "lowercase", rename_all_fields = "camelCase")]
pub(super) enum External {
    /// Nothing at all.
    Nothing,
    Unclear,
    /// A number of times.
    Count(#[validate(range(max = 9))] u8),
    Pair(String, Option<u8>),
    /// Somebody came.
    Visit {
        /// Who.
        user_name: String,
        at: Option<u8>,
    },
    Of(User),
    Many(Vec<External>),
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
pub(super) enum Internal {
    Nothing,
    /// Somebody.
    User(User),
    Circle {
        radius: f64,
    },
    Open(BTreeMap<String, u8>),
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(tag = "t", content = "c")]
pub(super) enum Adjacent {
    Nothing,
    Number(u8),
    Pair(u8, String),
    Circle { radius: f64 },
    Of(Priority),
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
#[serde(untagged)]
pub(super) enum Untagged {
    Nothing,
    Number(u8),
    /// A person.
    User(User),
    Circle {
        radius: f64,
    },
    Pair(bool, bool),
    Text(#[validate(length(max = 3))] String),
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) enum Mixed {
    Named(u8),
    Plain,
    #[serde(untagged)]
    Other(bool),
}

/// Somebody.
#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct User {
    #[validate(length(min = 1))]
    name: String,
    age: Option<u8>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Page<T> {
    items: Vec<T>,
    next: Option<u32>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Matrix<const N: usize> {
    rows: Vec<u8>,
    #[validate(range(max = 3))]
    size: u8,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Tree<T> {
    value: T,
    children: Vec<Tree<T>>,
    parent: Option<Box<Self>>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Pages {
    users: Page<User>,
    more_users: Page<User>,
    numbers: Page<u8>,
    lists: Page<Vec<Option<u8>>>,
    options: Page<Option<Vec<u8>>>,
    twice: Page<Page<u8>>,
    three: Matrix<3>,
    four: Matrix<4>,
    tree: Tree<String>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Node {
    name: String,
    children: Vec<Node>,
    parent: Option<Box<Node>>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Fund {
    broker: Option<Box<Broker>>,
}

#[derive(Debug, Serialize, Deserialize, ResponseModel)]
pub(super) struct Broker {
    funds: Vec<Fund>,
}
