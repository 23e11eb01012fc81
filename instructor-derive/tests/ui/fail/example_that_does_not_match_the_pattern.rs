use instructor::prelude::*;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[validate(pattern("^[A-Z]{2}$"))]
    #[response_model(example = "us")]
    country: String,
}

fn main() {}
