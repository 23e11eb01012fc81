use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[serde(tag = "kind")]
#[response_model(tools)]
enum Action {
    Search { query: String },
    Stop,
}

fn main() {}
