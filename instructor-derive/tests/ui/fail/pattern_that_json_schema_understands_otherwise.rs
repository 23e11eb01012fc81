use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(pattern("^(?i)[a-z]+$"))]
    name: String,
}

fn main() {}
