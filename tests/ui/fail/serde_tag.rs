use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[serde(tag = "kind", content = "value")]
enum Priority {
    Low,
    High,
}

fn main() {}
