use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, ResponseModel)]
enum Priority {
    Low,
    High,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Counts {
    total: u32,
    #[serde(flatten)]
    by_priority: BTreeMap<Priority, u32>,
}

fn main() {}
