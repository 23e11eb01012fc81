use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[llm_validate("real names", each)]
struct People {
    names: Vec<String>,
}

fn main() {}
