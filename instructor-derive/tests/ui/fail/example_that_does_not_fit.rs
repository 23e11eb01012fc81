use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[response_model(example = 300)]
    age: u8,
}

fn main() {}
