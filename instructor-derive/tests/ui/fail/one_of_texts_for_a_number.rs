use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(one_of("1", "2")))]
    value: u8,
}

fn main() {}
