use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(custom = is_even))]
    value: String,
}

fn is_even(_: &u8) -> Result<(), String> {
    Ok(())
}

fn main() {}
