use instructor::prelude::*;

/// How urgent it is.
#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(require_descriptions)]
enum Level {
    /// Can wait.
    Low,
    High,
}

fn main() {}
