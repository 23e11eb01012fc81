use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(pattern = "^[A-Z]+$")]
    code: String,
}

fn main() {}
