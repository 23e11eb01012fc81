use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(unique_items))]
    value: Vec<f64>,
}

fn main() {}
