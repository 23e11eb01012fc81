use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers = "openai")]
struct Person {
    name: String,
}

fn main() {}
