use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
enum Level {
    Low,
    #[serde(alias = "Low")]
    High,
}

fn main() {}
