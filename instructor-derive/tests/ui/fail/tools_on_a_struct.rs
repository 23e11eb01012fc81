use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
#[response_model(tools)]
struct Search {
    query: String,
}

fn main() {}
