use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(each(length(min = 1), length(max = 2))))]
    value: Vec<String>,
}

fn main() {}
