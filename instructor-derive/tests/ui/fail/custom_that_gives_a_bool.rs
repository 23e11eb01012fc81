use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(custom = is_even))]
    value: u8,
}

fn is_even(number: &u8) -> bool {
    number % 2 == 0
}

fn main() {}
