use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(range(min = 3, exclusive_max = 3))]
    age: u8,
}

fn main() {}
