use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[serde(alias = "title")]
    name: String,
}

fn main() {}
