use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
struct Address {
    city: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[serde(flatten)]
    scores: BTreeMap<String, u32>,
    #[serde(flatten)]
    address: Address,
}

fn main() {}
