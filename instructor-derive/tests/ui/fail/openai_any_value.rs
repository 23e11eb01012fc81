use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(openai))]
struct Answer {
    anything: serde_json::Value,
}

fn main() {}
