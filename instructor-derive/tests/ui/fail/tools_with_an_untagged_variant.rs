use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Action {
    Search { query: String },
    #[serde(untagged)]
    Other(String),
}

fn main() {}
