use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(openai))]
struct Page<T> {
    items: Vec<T>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Scores {
    names: Page<String>,
    scores: Page<BTreeMap<String, u32>>,
}

fn main() {}
