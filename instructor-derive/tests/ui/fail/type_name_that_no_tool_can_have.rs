use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[serde(rename = "A Person")]
struct Person {
    name: String,
}

fn main() {}
