use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
#[response_model(validate = is_even)]
struct Order {
    value: u8,
}

fn is_even(_: &u8) -> Result<(), String> {
    Ok(())
}

fn main() {}
