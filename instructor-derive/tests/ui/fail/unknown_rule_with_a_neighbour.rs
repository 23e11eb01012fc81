use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Person {
    #[validate(lenght(max = 60))]
    name: String,
}

fn main() {}
