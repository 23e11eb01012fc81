use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(length(maximum = 60))]
    name: String,
}

fn main() {}
