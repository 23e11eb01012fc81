use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(range(max = 130))]
    #[response_model(example = 30, example = 131)]
    age: u16,
}

fn main() {}
