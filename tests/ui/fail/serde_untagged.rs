use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[serde(untagged)]
enum Priority {
    Low,
    High,
}

fn main() {}
