use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers())]
struct Person {
    name: String,
}

fn main() {}
