use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, ResponseModel)]
enum Priority {
    Low,
    High,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
enum Report {
    Counts(BTreeMap<Priority, u32>),
}

fn main() {}
