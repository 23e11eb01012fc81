use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    name: String,
    #[serde(skip)]
    #[response_model(example = 7)]
    age: u8,
}

fn main() {}
