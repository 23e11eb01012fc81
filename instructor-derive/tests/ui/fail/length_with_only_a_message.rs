use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(length(message = "too long"))]
    name: String,
}

fn main() {}
