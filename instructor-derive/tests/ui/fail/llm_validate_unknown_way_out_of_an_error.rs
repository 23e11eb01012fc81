use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[llm_validate("a real name", on_error = acept)]
    name: String,
}

fn main() {}
