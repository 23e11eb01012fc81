use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(anthropic, openai))]
struct Scores {
    name: String,
    by_name: Vec<BTreeMap<String, u32>>,
    age: u8,
}

fn main() {}
