use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(each(before = trimmed)))]
    values: Vec<String>,
}

fn trimmed(text: String) -> String {
    text.trim().to_owned()
}

fn main() {}
