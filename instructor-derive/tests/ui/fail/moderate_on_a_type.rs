use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[moderate]
struct Person {
    name: String,
}

fn main() {}
