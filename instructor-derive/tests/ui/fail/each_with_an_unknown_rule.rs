use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(each(lenght(min = 1))))]
    value: Vec<String>,
}

fn main() {}
