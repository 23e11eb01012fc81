use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[moderate]
    names: Vec<String>,
}

fn main() {}
