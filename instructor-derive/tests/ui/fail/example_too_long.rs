use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(length(max = 3))]
    #[response_model(example = "Anna")]
    name: String,
}

fn main() {}
