use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[llm_validate("one of {{ customers }")]
    name: String,
}

fn main() {}
