use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(range(min = "zero"))]
    age: u8,
}

fn main() {}
