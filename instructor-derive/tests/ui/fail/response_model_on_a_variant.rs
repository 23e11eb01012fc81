use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
enum Level {
    #[response_model(example = "Low")]
    Low,
}

fn main() {}
