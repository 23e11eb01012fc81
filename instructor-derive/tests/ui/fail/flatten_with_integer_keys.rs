use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
struct Outer {
    #[serde(flatten)]
    others: BTreeMap<u32, String>,
}

fn main() {}
