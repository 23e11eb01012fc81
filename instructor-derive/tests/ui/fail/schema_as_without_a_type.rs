use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[response_model(schema_as)]
    age: u8,
}

fn main() {}
