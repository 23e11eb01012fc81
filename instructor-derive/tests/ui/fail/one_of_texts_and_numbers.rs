use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(one_of("low", 2)))]
    value: String,
}

fn main() {}
