use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[response_model(example = "seven")]
    age: u8,
}

fn main() {}
