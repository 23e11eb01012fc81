use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(before = trimmed))]
    value: String,
}

fn trimmed(text: &String) -> String {
    text.trim().to_owned()
}

fn main() {}
