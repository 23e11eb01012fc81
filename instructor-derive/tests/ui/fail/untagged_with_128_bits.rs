use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Wide {
    number: u128,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(untagged)]
enum Number {
    Text(String),
    Wide(Wide),
}

fn main() {}
