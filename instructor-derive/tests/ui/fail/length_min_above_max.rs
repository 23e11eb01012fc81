use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(length(min = 60, max = 6))]
    name: String,
}

fn main() {}
