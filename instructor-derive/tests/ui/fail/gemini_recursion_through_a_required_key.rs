use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(providers(gemini))]
struct Tree {
    name: String,
    children: Vec<Tree>,
}

fn main() {}
