use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[llm_validate("a real name", allow_overide)]
    name: String,
}

fn main() {}
