use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
struct City {
    name: String,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Address {
    street: String,
    #[serde(flatten)]
    city: City,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[serde(flatten)]
    address: Address,
    #[serde(flatten)]
    scores: BTreeMap<String, u32>,
}

fn main() {}
