use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[response_model(name = "Human")]
struct Person {
    name: String,
}

fn main() {}
