use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(each(length(min = 1))))]
    value: Vec<u8>,
}

fn main() {}
