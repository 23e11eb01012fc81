use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
enum Level {
    Low,
    High,
}

#[derive(Debug, Deserialize, ResponseModel)]
struct Alarm {
    #[response_model(example = "Middle")]
    level: Level,
}

fn main() {}
