use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    name: String,
    #[serde(alias = "name")]
    nickname: String,
}

fn main() {}
