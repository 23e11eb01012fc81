use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(email)]
    name: String,
}

fn main() {}
