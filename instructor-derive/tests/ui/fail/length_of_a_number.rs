use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(length(max = 3))]
    age: u8,
}

fn main() {}
