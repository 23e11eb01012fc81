use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
enum Contact {
    Nobody,
    Email(String),
    Phone { number: String },
}

fn main() {}
