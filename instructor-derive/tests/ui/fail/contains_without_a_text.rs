use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(contains)]
    name: String,
}

fn main() {}
