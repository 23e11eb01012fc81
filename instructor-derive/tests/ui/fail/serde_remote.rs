use instructor::prelude::*;

struct Duration {
    seconds: u64,
}

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(remote = "Duration")]
struct DurationDefinition {
    seconds: u64,
}

fn main() {}
