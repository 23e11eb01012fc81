use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[serde(transparent)]
struct Person {
    name: String,
}

fn main() {}
