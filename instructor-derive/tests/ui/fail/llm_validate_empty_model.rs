use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[llm_validate("a real name", model = "")]
    name: String,
}

fn main() {}
