use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(range(max = 3))]
    name: Option<String>,
}

fn main() {}
