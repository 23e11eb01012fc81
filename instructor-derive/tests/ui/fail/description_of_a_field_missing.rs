use instructor::prelude::*;

/// Somebody.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(require_descriptions)]
struct Person {
    /// The name.
    name: String,
    age: u8,
}

fn main() {}
