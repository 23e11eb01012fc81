use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(length(equal = 3, max = 5))]
    name: String,
}

fn main() {}
