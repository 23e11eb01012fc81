use instructor::ResponseModel;
use serde::Deserialize;

#[derive(Deserialize, ResponseModel)]
struct Order {
    #[response_model(validate(custom = is_even))]
    value: u8,
}

struct Odd;

fn is_even(_: &u8) -> Result<(), Odd> {
    Ok(())
}

fn main() {}
