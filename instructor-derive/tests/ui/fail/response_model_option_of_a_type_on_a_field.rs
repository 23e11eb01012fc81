use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[response_model(providers(openai))]
    age: u8,
}

fn main() {}
