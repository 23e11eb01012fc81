use instructor::prelude::*;

const AGE: u8 = 7;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[response_model(example = AGE)]
    age: u8,
}

fn main() {}
