use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[validate(length(min = 1))]
struct Person {
    name: String,
}

fn main() {}
