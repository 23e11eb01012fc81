use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(pattern("^[0-9]+$"))]
    age: u8,
}

fn main() {}
