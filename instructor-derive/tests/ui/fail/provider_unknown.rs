use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(openia))]
struct Person {
    name: String,
}

fn main() {}
