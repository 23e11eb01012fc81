use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(uuid))]
    value: u32,
}

fn main() {}
