use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
struct Outer {
    #[serde(flatten)]
    #[validate(length(max = 3))]
    others: BTreeMap<String, String>,
}

fn main() {}
