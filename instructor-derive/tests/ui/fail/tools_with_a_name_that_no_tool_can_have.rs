use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(tools)]
enum Action {
    #[serde(rename = "look up")]
    Search { query: String },
    Transfer { amount: u32 },
}

fn main() {}
