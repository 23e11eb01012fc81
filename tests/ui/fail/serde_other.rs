use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
enum Priority {
    Low,
    #[serde(other)]
    Unknown,
}

fn main() {}
