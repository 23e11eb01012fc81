use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[serde(flatten)]
    rest: std::collections::HashMap<String, String>,
}

fn main() {}
