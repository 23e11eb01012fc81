use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[response_model(crate = instructor)]
    name: String,
}

fn main() {}
