use instructor::prelude::*;

#[derive(Debug, Deserialize)]
struct Text;

#[derive(Debug, Deserialize, ResponseModel)]
struct Person {
    #[response_model(schema_as = Text)]
    name: String,
}

fn main() {}
