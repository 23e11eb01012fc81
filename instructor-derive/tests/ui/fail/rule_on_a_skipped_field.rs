use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[serde(skip)]
    #[validate(length(min = 1))]
    name: String,
}

fn main() {}
