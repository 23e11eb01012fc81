use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[llm_validate(" ")]
    name: String,
}

fn main() {}
