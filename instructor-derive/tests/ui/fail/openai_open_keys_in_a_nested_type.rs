use instructor::prelude::*;

use std::collections::BTreeMap;

#[derive(Debug, Deserialize, ResponseModel)]
struct Inner {
    scores: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Middle {
    inner: Option<Inner>,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(openai))]
struct Outer {
    first: String,
    middle: Vec<Middle>,
}

fn main() {}
