use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[response_model(exampel = 7)]
    age: u8,
}

fn main() {}
