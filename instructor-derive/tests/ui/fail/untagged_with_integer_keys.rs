use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(untagged)]
enum Scores {
    None(bool),
    ByNumber(BTreeMap<u32, String>),
}

fn main() {}
