use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(one_of("low", "high")))]
    #[response_model(example = "middle")]
    value: String,
}

fn main() {}
