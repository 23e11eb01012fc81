use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(require_descriptions)]
struct Person {
    /// The name.
    name: String,
}

fn main() {}
