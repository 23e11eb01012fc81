use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(custom = is_even))]
    value: u8,
}

fn is_even(_: &u8, _: &instructor::Context) -> Result<(), String> {
    Ok(())
}

fn main() {}
