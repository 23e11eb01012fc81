use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[llm_validate(model = "gpt-4o-mini")]
    name: String,
}

fn main() {}
